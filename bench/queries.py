"""Queries made up from a seed, of the words of `corpus`: as many common words as middling and rare ones."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from bench import corpus
from bench.engine import Document, Kind, Query

BANDS = ((0, 400), (400, 4_000), (4_000, corpus.WORDS))  # ranks of common, middling and rare words
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BATCHES = 20  # of principles whose words are asked for


def draw(size: int, count: int, seed: int) -> dict[Kind, list[Query]]:
    """Return so many queries of each kind for the first *size* principles."""
    luck = random.Random(seed)
    begins = [luck.randrange(size) // corpus.BATCH * corpus.BATCH for _ in range(_BATCHES)]
    known = [one for begin in begins for one in corpus.principles(begin, min(begin + corpus.BATCH, size))]
    found = {kind: [_query(luck, kind, known) for _ in range(count)] for kind in _PATTERNS}
    alike: Mapping[Kind, Kind] = {"facets": "or", "highlights": "words"}
    found |= {kind: [Query(kind=kind, words=one.words) for one in found[of]] for kind, of in alike.items()}
    return found


def _query(luck: random.Random, kind: Kind, known: Sequence[Document]) -> Query:
    said: Sequence[str] = ()
    while len(set(said)) < 8:
        said = luck.choice(known)[1]["quote"]
    return Query(kind=kind, words=tuple(_PATTERNS[kind](luck, said)))


def _several(luck: random.Random, said: Sequence[str], least: int, most: int) -> list[str]:
    found: dict[str, None] = {}
    count = luck.randint(least, most)
    while len(found) < count:
        found[_word(luck, [word for word in said if word not in found])] = None
    return list(found)


def _word(luck: random.Random, said: Sequence[str]) -> str:
    """Return a word of a band chosen at random, if there is one."""
    least, most = luck.choice(BANDS)
    return luck.choice([word for word in said if least <= _ranks()[word] < most] or said)


@cache
def _ranks() -> Mapping[str, int]:
    return corpus.ranks()


def _phrase(luck: random.Random, said: Sequence[str]) -> Sequence[str]:
    count = luck.randint(2, 3)
    start = luck.randrange(len(said) - count)
    return said[start : start + count]


def _prefix(luck: random.Random, said: Sequence[str]) -> Sequence[str]:
    long = [word for word in said if len(word) > 4] or said
    return [_word(luck, long)[: luck.randint(3, 4)]]


def _typo(luck: random.Random, said: Sequence[str]) -> Sequence[str]:
    long = [word for word in said if len(word) > 4] or said
    wrong = word = _word(luck, long)
    while wrong in _ranks():
        at = luck.randrange(1, len(word))
        letter = luck.choice(_LETTERS)
        wrong = luck.choice(
            (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :])
        )
    return [wrong]


_PATTERNS: Mapping[Kind, Callable[[random.Random, Sequence[str]], Sequence[str]]] = {
    "and": lambda luck, said: _several(luck, said, 2, 2),
    "words": lambda luck, said: _several(luck, said, 1, 3),
    "or": lambda luck, said: _several(luck, said, 3, 8),
    "phrase": _phrase,
    "prefix": _prefix,
    "fuzzy": _typo,
}
