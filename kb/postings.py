"""Documents turned inside out: for every field and word which documents hold it and how often. Pure.

A word's postings go to disk and come back as Whoosh 2.7.4 keeps them (its codec "W3"), so that Whoosh reads them.
Its own writer takes 8 us for every word of every document; this takes a tenth of that.
"""

import pickle
import struct
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import sub

BLOCK = 512  # postings; Whoosh's own are of 128, made for skipping, and compressing them takes the longest
_MAGIC = b"W3Bl"
_SIZE = struct.Struct("!i")
_OFTEN = 32  # bits; those above them tell the document
_MASK = (1 << _OFTEN) - 1


class Inversion:
    """Documents by their words."""

    def __init__(self, fields: Collection[str]) -> None:
        self.ids = array("I")
        self.postings = 0
        self.lengths = {field: array("I") for field in fields}  # in words, of each document
        # Word -> a number for each document and how often it holds the word: 8 bytes, where a tuple takes 100.
        self.words: dict[str, dict[str, array[int]]] = {field: defaultdict(_no_one) for field in fields}

    def add(self, item: int, words: Mapping[str, Sequence[str]]) -> None:
        """Take in a document: all the words of each field, as often as they are there."""
        document = len(self.ids) << _OFTEN
        self.ids.append(item)
        for field, lengths in self.lengths.items():
            said = words[field]
            lengths.append(len(said))
            if said:
                holders = self.words[field]
                told = Counter(said)
                for word, often in told.items():
                    holders[word].append(document | often)
                self.postings += len(told)

    def take(
        self, ids: Sequence[int], lengths: Mapping[str, Sequence[int]], gone: Collection[int]
    ) -> list[int]:
        """Take in the documents of another inversion but those *gone*; return their numbers here, -1 for those."""
        stay = [number not in gone for number in range(len(ids))]
        first = len(self.ids)
        self.ids.extend(item for item, stays in zip(ids, stay, strict=True) if stays)
        for field, of_field in lengths.items():
            self.lengths[field].extend(length for length, stays in zip(of_field, stay, strict=True) if stays)
        numbers = accumulate(stay, initial=first)
        return [number if stays else -1 for number, stays in zip(numbers, stay, strict=False)]

    def take_word(
        self, field: str, word: str, documents: Sequence[int], often: Sequence[int], numbers: Sequence[int]
    ) -> None:
        """Take in the postings of a word, by the numbers that `take` gave."""
        pairs = zip((numbers[document] for document in documents), often, strict=True)
        found = [number << _OFTEN | times for number, times in pairs if number >= 0]
        if found:
            self.postings += len(found)
            self.words[field][word].extend(found)

    def of(self, field: str) -> Iterator[tuple[bytes, list[int], list[int]]]:
        """Yield the words of a field in order, with the documents that hold each and how often."""
        words = {word.encode(): found for word, found in self.words[field].items()}
        for word, found in sorted(words.items()):
            yield word, [posting >> _OFTEN for posting in found], [posting & _MASK for posting in found]


def _no_one() -> "array[int]":
    return array("Q")


def encode(documents: Sequence[int], often: Sequence[int], bounds: tuple[int, int]) -> bytes:
    """Return a word's postings as Whoosh wants them; *bounds* are the shortest and longest field, as it codes them."""
    parts = [_MAGIC]
    for start in range(0, len(documents), BLOCK):
        some, times = documents[start : start + BLOCK], often[start : start + BLOCK]
        most = max(times)
        weights = tuple(times) if min(times) < most else None if most == 1 else float(most)
        gaps = (some[0], *map(sub, some[1:], some))
        # Number of postings, last document, greatest weight, no compression; then what a reader may skip.
        block = pickle.dumps((len(some), some[-1], most, 0, *bounds), 2) + pickle.dumps(
            (gaps, weights, None), 2
        )
        is_last = start + BLOCK >= len(documents)
        parts += [_SIZE.pack(-len(block) if is_last else len(block)), block]
    return b"".join(parts)


def decode(found: bytes) -> tuple[list[int], list[int]]:
    """Return the documents that hold a word, and how often each does, from what `encode` made."""
    documents: list[int] = []
    often: list[int] = []
    at = len(_MAGIC)
    while at < len(found):
        size = abs(_SIZE.unpack_from(found, at)[0])
        at += _SIZE.size
        block = found[at : at + size]
        info = pickle.loads(block)  # noqa: S301 - our own index
        gaps, weights, _ = pickle.loads(block[len(pickle.dumps(info, 2)) :])  # noqa: S301
        documents += accumulate(gaps)
        often += weights if isinstance(weights, tuple) else [int(weights or 1)] * len(gaps)
        at += size
    return documents, often
