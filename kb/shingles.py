"""What a text says, as hashes of all its runs of five words, and whether one text republishes another. Pure."""

import string
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

RUN = 5  # words of a shingle; four are often a set phrase, and of six too few outlive an edit
LEAST_WORDS = 40  # of a text that can be told by its words; two posts may share a slogan
MOST_WORDS = 10_000  # of a text that are looked at
SHARE = 0.6  # of the shorter text's shingles; a word that was edited takes five of them
# A machine that swaps words leaves a third of the shingles (tests/kb/cases/copies). Of 38 documents on one subject no
# two share more than 0.11, and that is what one blog puts under all its posts.
SPUN_SHARE = 0.2
LONGER = 2.0  # times as long: what holds another text whole and as much again is a work of its own
_LOWEST = (
    12  # hashes of a text that are its bands: of copies that share half of all shingles 1 in 300 is missed
)
# Excerpts are beginnings, and few of the lowest hashes of a long text are in there. Of every 24 shingles of its opening
# the lowest is a band too, so that 28 words in common are enough there.
_OPENING, _WINDOW = 100, 24

_TO_SPACES = bytes.maketrans(string.punctuation.encode(), b" " * len(string.punctuation))
_APOSTROPHES = tuple(mark.encode() for mark in "\u2018\u2019\u00ad")
_SPACES = tuple(mark.encode() for mark in "\u201c\u201d\u2013\u2014\u2026\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingles:
    """The shingles of a text in their order; none for a text too short to be told by them."""

    hashes: Sequence[int]
    bands: tuple[str, ...]  # by which texts that share much are found

    @property
    def is_telling(self) -> bool:
        return len(self.hashes) > LEAST_WORDS - RUN


def of(written: str) -> Shingles:
    """Return the shingles of a text."""
    words = _words(written)[:MOST_WORDS]
    if len(words) < LEAST_WORDS:
        return Shingles(hashes=(), bands=())
    runs = list(map(b" ".join, zip(*(words[at:] for at in range(RUN)), strict=False)))
    hashes = list(map(zlib.crc32, runs))
    return Shingles(hashes=array("I", hashes), bands=_bands(runs, hashes))


def _words(written: str) -> list[bytes]:
    # As bytes they take a quarter of the time of `text.tokens`, and an apostrophe more or less is no edit.
    found = written.casefold().encode("utf-8", "replace")
    for mark in () if found.isascii() else _APOSTROPHES:
        found = found.replace(mark, b"")
    for mark in () if found.isascii() else _SPACES:
        found = found.replace(mark, b" ")
    return found.translate(_TO_SPACES, b"'").split()


def _bands(runs: Sequence[bytes], hashes: Sequence[int]) -> tuple[str, ...]:
    # The lowest of many hashes have too few bits left to tell them apart, so that bands are hashed anew.
    by_hash = dict(zip(hashes, runs, strict=True))
    chosen = {*sorted(by_hash)[:_LOWEST], *_lowest_of_windows(hashes[:_OPENING])}
    return tuple(blake2b(by_hash[one], digest_size=8).hexdigest() for one in sorted(chosen))


def _lowest_of_windows(hashes: Sequence[int]) -> set[int]:
    return {min(hashes[at : at + _WINDOW]) for at in range(max(1, len(hashes) - _WINDOW + 1))}


def is_copy(
    later: Shingles, earlier: Shingles, *, earlier_is_cut: bool = False, is_spun: bool = False
) -> bool:
    """Tell whether the text that came later republishes the earlier one, or part of it.

    *earlier_is_cut* tells that its source cut the earlier one off; *is_spun*, that a machine has reworded one of them.
    """
    if not (later.is_telling and earlier.is_telling):
        return False
    new, old = set(later.hashes), set(earlier.hashes)
    common, share = len(new & old), SPUN_SHARE if is_spun else SHARE
    if common >= share * len(new):
        return True
    if len(new) <= LONGER * len(old):
        return common >= share * len(old)
    # A text made whole begins as its excerpt does; a round-up quotes it somewhere.
    opening = set(later.hashes[: 2 * len(old)])
    return earlier_is_cut and len(opening & old) >= share * len(old)
