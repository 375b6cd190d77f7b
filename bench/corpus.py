"""Principles made up from a seed, as the index gets them: words in the fields of `kb.documents`, few of them frequent.

Every word is its own stem, so an engine that stems and one that does not hold the same words. Some are those of
`prose`, the others are made of syllables. Title and context repeat words of the quote, as those of people do.
"""

import random
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bench.engine import Document
from bench.prose import GUIDANCE, STORY, sentence
from kb import topics
from kb.text import stem, stems

SEED = 11
WORDS = 40_000
BATCH = 1_000  # principles made at once
FEEDS = 500
YEARS = (2000, 2026)
# Fewest and most words of a field. What others say is missing from half of all principles.
LENGTHS = {"quote": (8, 30), "others": (0, 40), "title": (4, 10), "context": (20, 60)}
AGAIN = 0.25  # share of the words of title and context that the quote has too
# How often word number n is said: as 1 / (n + SHIFT) ** SLOPE. The first one stands in two of five principles, number
# 1,000 in one of a hundred, number 10,000 in one of 2,500: as steep as English without its stop words.
SHIFT, SLOPE = 25, 1.1
_ONSETS = (
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sp st str t th tr v w z"
)
_NUCLEI = "a a ai e e ea ee i i ie o o oa oo ou u u"
_CODAS = "b ck d ft g k l ll m mp n n nd nt p r r rd rk rn sk st t x"

Numbers = NDArray[np.int64]


@cache
def vocabulary() -> tuple[str, ...]:
    """Return all words, the most frequent first: those of people, then made-up ones, the short before the long."""
    luck = random.Random(SEED)
    onsets, nuclei, codas = _ONSETS.split(), _NUCLEI.split(), _CODAS.split()
    said = " ".join(sentence(luck, GUIDANCE + STORY) for _ in range(3_000))
    found = dict.fromkeys(word for word in stems(said) if _is_its_own_stem(word))
    while len(found) < WORDS:
        syllables = 2 + (len(found) > WORDS // 4)
        parts = [luck.choice(onsets) + luck.choice(nuclei) for _ in range(syllables)]
        word = "".join(parts) + luck.choice(codas)
        if _is_its_own_stem(word):
            found[word] = None
    return tuple(found)


def ranks() -> dict[str, int]:
    """Return of each word how many are more frequent."""
    return {word: rank for rank, word in enumerate(vocabulary())}


def principles(first: int, last: int, edition: int = 0) -> Iterator[Document]:
    """Yield principles first to last - 1, always the same; those of another *edition* say something else."""
    for batch in range(first // BATCH, -(-last // BATCH)):
        for document in _batch(batch, edition):
            if first <= document[0] < last:
                yield document


def _is_its_own_stem(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and stem(word) == word


@cache
def _shares() -> NDArray[np.float64]:
    """Return how much of all text the words up to each one are."""
    weights = 1 / (np.arange(WORDS) + SHIFT) ** SLOPE
    return np.asarray(np.cumsum(weights) / weights.sum())


def _batch(batch: int, edition: int) -> Iterator[Document]:
    luck = np.random.default_rng([SEED, batch, edition])
    sizes = {field: luck.integers(least, most + 1, BATCH) for field, (least, most) in LENGTHS.items()}
    sizes["others"] *= luck.random(BATCH) < 0.5
    words = {field: np.searchsorted(_shares(), luck.random(size.sum())) for field, size in sizes.items()}
    for field in ("title", "context"):
        _repeat(luck, words["quote"], sizes["quote"], words[field], sizes[field])
    texts = {field: _cut(words[field], sizes[field]) for field in LENGTHS}
    names = [topic.name for topic in topics.load()]
    filed = _some(luck, len(names), 1.5)
    feeds, years = _some(luck, FEEDS, 2.0), luck.integers(YEARS[0], YEARS[1] + 1, BATCH)
    for at in range(BATCH):
        topic = [names[number] for number in filed[at]]
        yield (
            batch * BATCH + at,
            {
                **{field: texts[field][at] for field in LENGTHS},
                "topics": [word for name in topic for word in stems(name)],
                "topic": topic,
                "feed": [f"https://blog{number}.example/feed" for number in feeds[at]],
                "year": [str(years[at])],
            },
        )


def _repeat(luck: np.random.Generator, quotes: Numbers, sizes: Numbers, words: Numbers, own: Numbers) -> None:
    """Put words of the quotes in the place of some others."""
    begins = np.repeat(np.cumsum(sizes) - sizes, own)
    chosen = begins + (luck.random(len(words)) * np.repeat(sizes, own)).astype(np.int64)
    again = luck.random(len(words)) < AGAIN
    words[again] = quotes[chosen[again]]


def _cut(numbers: Numbers, sizes: Numbers) -> list[list[str]]:
    known = vocabulary()
    words = [known[number] for number in numbers.tolist()]
    ends = np.cumsum(sizes).tolist()
    return [words[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)]


def _some(luck: np.random.Generator, most: int, skew: float) -> list[list[int]]:
    """Return for each principle one to three different numbers below *most*, low ones more often."""
    chosen = (most * luck.random((BATCH, 3)) ** skew).astype(np.int64)
    counts = luck.integers(1, 4, BATCH).tolist()
    return [list(dict.fromkeys(row[:count])) for row, count in zip(chosen.tolist(), counts, strict=True)]
