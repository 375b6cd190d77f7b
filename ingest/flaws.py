"""Whether a text is no good source because no person wrote it so: reworded by a machine, garbled, unfilled. Pure.

What a machine has reworded is told by swaps that no writer makes ("information technology's" for "it's", the rules of
`flaws.toml`) and by the wreckage of contractions ("it'south"). One of them proves nothing: people mistype, and quote.
It takes several different ones. Precision goes first: to miss a flawed post does less harm than to slander a writer.
So neither mistakes of grammar count nor formal words, which second languages and offices are full of.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise, product
from typing import Any

SPUN = "it reads as if a machine had reworded it"
GARBLED = "its characters are garbled"
UNFILLED = "it is a template with its choices still open"
BABBLE = "its words make no sentences"
LONGEST = 50_000  # characters that are looked at

# Swept over 2,500 posts of 38 blogs, of which none has more than one of the rules, and over the texts of
# tests/ingest/cases/flaws, whose test holds the floors. Mistakes of grammar and favourite words told no more of them.
_LEAST = 2  # swaps, each of another rule ...
_PER_WORD, _AT_LEAST = 1 / 300, 1  # ... and more in a long text, which may quote some
_OF_A_WRECK = 2  # swaps that one wrecked contraction counts for
_LONG_ENDING = 4  # letters of what ends no contraction

_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[.,;:!?()\"|…]")
_STRAIGHT = tuple(zip("\u2018\u2019\u201c\u201d", "''\"\"", strict=True))

_MOJIBAKE = re.compile(
    "â€[™œ\u009d\u0153\u009c“”˜¢¦\u0093\u0094\u0099]|Ã[©¨¢ª§¼¶¤±³¡º\xad\u0080-\u009f]|Â[\xa0£©®°·»«]|\ufffd"
)
_FEWEST_MOJIBAKE, _MOJIBAKE_PER_LETTER = 5, 1 / 400
_UNSPEAKABLE = re.compile("[bcdfghjklmnpqrstvwxz]{6}|[bcdfghjklmnpqrstvwxz]{5}$")
_CLUSTER = re.compile("[bcdfghjklmnpqrstvwxz]{5}")
_FEWEST_WORDS, _LONG_WORD = 30, 5
_UNREADABLE = 0.25  # of the longer words; of single letters, half of all words
_SINGLE = frozenset(
    "bcdefghjklmnopqrstuvwxyz"
)  # only Latin ones: the vowels of Indian scripts stand between letters
_CHOICE = re.compile(r"\{[\w' ,-]{1,60}(?:\|[\w' ,-]{1,60})+\}")
_FEWEST_CHOICES, _CHOICES_PER_WORD = 3, 1 / 60
_FEWEST_IMPOSSIBLE, _IMPOSSIBLE_PER_WORD = 5, 1 / 30  # different neighbours that no sentence has
_OPENING = 300  # words, of which at least so many are different ones: poems have a quarter, prose half
_LEAST_DIFFERENT = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """What `flaws.toml` holds, ready to be looked up."""

    swaps: Mapping[
        tuple[str, ...], Sequence[tuple[int, str]]
    ]  # (rule, phrase) by its first words, two or one
    pairs: frozenset[tuple[str, ...]]  # those first words
    singles: frozenset[str]
    impossible: frozenset[tuple[str, str]]  # neighbours
    hosts: frozenset[str]  # of contractions
    endings: frozenset[str]


def of(text: str) -> str | None:
    """Return why *text* is no good source, in plain words; None for one that reads as if a person wrote it."""
    looked = text[:LONGEST]
    tokens = _tokens(looked)
    words = [token for token in tokens if token[0].isalpha()]
    pairs = set(pairwise(tokens))
    if _is_unfilled(looked, words):
        return UNFILLED
    if _is_garbled(looked, words):
        return GARBLED
    if _is_babble(words, pairs):
        return BABBLE
    return SPUN if _is_spun(tokens, words, pairs) else None


def _tokens(text: str) -> list[str]:
    # No pair of words stands across the end of a block.
    parted = text.replace("\n\n", " . ")
    # str.translate takes five times as long.
    for mark, straight in () if parted.isascii() else _STRAIGHT:
        parted = parted.replace(mark, straight)
    return _TOKEN.findall(parted.casefold())


def _is_spun(tokens: Sequence[str], words: Sequence[str], pairs: Set[tuple[str, str]]) -> bool:
    found = len(_swaps(tokens, pairs)) + _OF_A_WRECK * len(_wrecks(words))
    return found >= max(_LEAST, _AT_LEAST + _PER_WORD * len(words))


def _swaps(tokens: Sequence[str], pairs: Set[tuple[str, str]]) -> set[int]:
    """Return the rules that find a swap: a habit counts once ("yous"), and what is quoted is only spoken of."""
    tables = _tables()
    starts = [*tables.pairs & pairs, *((word,) for word in tables.singles.intersection(tokens))]
    likely = [swap for start in starts for swap in tables.swaps[start]]
    joined = f" {' '.join(tokens)} " if likely else ""
    return {rule for rule, swap in likely if f" {swap} " in joined and f'" {swap} "' not in joined}


def _wrecks(words: Iterable[str]) -> set[str]:
    """Return contractions whose ending was taken for a word: "it'south", "I'one thousand"."""
    tables = _tables()
    parted = (word.partition("'") for word in words if "'" in word)
    return {
        host + mark + ending
        for host, mark, ending in parted
        if host in tables.hosts
        and ending.isalpha()
        and (len(ending) >= _LONG_ENDING or ending in tables.endings)
    }


def _is_garbled(text: str, words: Sequence[str]) -> bool:
    if not text.isascii() and len(_MOJIBAKE.findall(text)) >= max(
        _FEWEST_MOJIBAKE, _MOJIBAKE_PER_LETTER * len(text)
    ):
        return True
    if len(words) < _FEWEST_WORDS:
        return False
    counted = Counter(words)
    long = [word for word in counted if len(word) >= _LONG_WORD]
    unspeakable = sum(_UNSPEAKABLE.search(word) is not None for word in _suspect(long))
    single = sum(counted[letter] for letter in _SINGLE)
    return single >= 2 * _UNREADABLE * len(words) or unspeakable > _UNREADABLE * max(len(long), _FEWEST_WORDS)


def _suspect(words: Sequence[str]) -> Sequence[str]:
    """Return *words* if any of them may be unspeakable: to look at all of them at once takes a tenth of the time."""
    return words if _CLUSTER.search(" ".join(words)) else ()


def _is_unfilled(text: str, words: Sequence[str]) -> bool:
    choices = len(_CHOICE.findall(text)) if "|" in text else 0
    return choices >= max(_FEWEST_CHOICES, _CHOICES_PER_WORD * len(words))


def _is_babble(words: Sequence[str], pairs: Set[tuple[str, str]]) -> bool:
    opening = words[:_OPENING]
    if len(opening) == _OPENING and len(set(opening)) < _LEAST_DIFFERENT * _OPENING:
        return True
    return len(_tables().impossible & pairs) >= max(_FEWEST_IMPOSSIBLE, _IMPOSSIBLE_PER_WORD * len(words))


@cache
def _tables() -> _Tables:
    read = tomllib.loads(resources.files("ingest").joinpath("flaws.toml").read_text("utf-8"))
    swaps = defaultdict(list)
    for rule, phrase in _phrases(read):
        swaps[tuple(phrase.split()[:2])].append((rule, phrase))
    return _Tables(
        swaps=swaps,
        pairs=frozenset(start for start in swaps if len(start) > 1),
        singles=frozenset(start[0] for start in swaps if len(start) == 1),
        impossible=frozenset(words for pair in read["impossible"] for words in _products(pair)),
        **{name: frozenset(words.split()) for name, words in read["words"].items()},
    )


def _phrases(read: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield all swaps with the numbers of their rules."""
    single = (phrase.strip() for phrases in read["phrases"].values() for phrase in phrases.split(","))
    yield from enumerate(single, len(read["pairs"]))
    for rule, pair in enumerate(read["pairs"]):
        for words in _products(pair):
            yield rule, " ".join(words).replace("-", " ").replace("_", "-")


def _products(pair: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return product(pair["first"].split(), pair["second"].split())
