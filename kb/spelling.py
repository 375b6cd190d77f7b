"""Words mistyped, and words that begin alike: read off the surface words of our own posts.

Only what no post holds and nobody else knows is ever taken for a mistake; and where two words are nearly as likely,
neither is proposed, for a silly proposal costs more than none (Whoosh's own made "create" of "irate").
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nlargest, nsmallest
from math import inf, log10
from typing import TYPE_CHECKING

from kb import slips, text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Letters of a word that may be mistyped: nearly every shorter one is a letter away from another.
_SHORTEST = 4
_LONG = 7  # letters of a word that may be two letters off
_FARTHEST = 2
_MOST_TYPED = 12  # words of one query that are looked at: a page pasted into the search box is no query
_MOST_NEAR = 12  # that are weighed for one word

# Swept over the "tune" half of tests/kb/cases/spelling.tsv, which tests/kb/test_spelling.py watches, with 30,000 words
# to choose from: 112 of 122 right, 5 of 92 good words touched. Belief a fifth higher: 112 and 7; lower: 107 and 5.
# No margin: a wrong one; twice the margin: 4 right ones fewer. Frequency left out: 6 fewer.
# Letters typed -> the costliest slips that are believed; fewer in what may be meant as it is: "rebook", "chatbot".
_BELIEVED = {4: 0.55, 5: 0.75, 6: 1.0, 7: 1.3, 8: 1.5}
_BELIEVED_OF_ENGLISH = 0.7
_MARGIN = 0.15  # from the likeliest word to the next one of another meaning
_RARE = 0.3  # on top of what a word costs that is no English: posts hold other people's mistakes as well
_OFTEN = 0.1  # off, for ten times as many documents
_FAR_OFTENER = 100  # "customer" in English than "costumer"
_OFTEN_ENOUGH = 0.02  # of the documents of the most frequent word, for one that is run together with another

# Letters of a word that others are made of, and how often the list of English words met it.
_PIECE, _PIECE_USES = 3, 1000
_ENDINGS = frozenset(("able", "ful", "hood", "less", "like", "man", "men", "ness", "ship", "ward", "wise"))
_PREFIXES = ("co", "de", "mis", "non", "out", "over", "pre", "re", "un", "under")
# The list of English words is American: how to read what may be spelt the British way.
_BRITISH = {
    "(?<=[iy])s(?=(?:e[drs]?|ing|ations?)$)": "z",
    "our": "or",
    "tre(?=[ds]?$)": "ter",
    "ll(?=(?:ed|ing|ers?)$)": "l",
    "ogue(?=s?$)": "og",
    "(?<=^lice|^defe|^offe)nce": "nse",
    "que(?=s?$)": "ck",
}
_AMERICAN = [(re.compile(pattern), american) for pattern, american in _BRITISH.items()]
_CONTRACTED = ("d", "ll", "m", "re", "s", "t", "ve")  # after the apostrophe that people leave out


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A word of the vocabulary that another may have been typed for."""

    word: str
    distance: int  # letters too many, too few, wrong, or swapped with the next (optimal string alignment)
    count: int  # documents that hold it
    slips: float  # how unlikely it is to be mistyped so, see kb/slips.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A word as typed, and what was likely meant: another, or two that were run together."""

    typed: str
    instead: str


class Vocabulary:
    """Surface words (folded, unstemmed), with how often each is said; together with those of some others beside it."""

    def __init__(self, words: Mapping[str, int], beside: Sequence["Vocabulary"] = ()) -> None:
        self._counts = words
        self._words = sorted(words)
        self._beside = beside
        self._most: int = max(words.values(), default=0) + sum(other._most for other in beside)

    def __contains__(self, word: str) -> bool:
        return word in self._counts or any(word in other for other in self._beside)

    def count(self, word: str) -> int:
        """Return how often *word* is said."""
        return self._counts.get(word, 0) + sum(other.count(word) for other in self._beside)

    def share(self, word: str) -> float:
        """Return how often *word* is said, beside the most frequent word: 0 to 1."""
        return self.count(word) / max(self._most, 1)

    def beginning(self, prefix: str, most: int) -> list[str]:
        """Return the words that begin with *prefix*, the most frequent first."""
        counts: Counter[str] = Counter()
        for words in (self, *self._beside):
            for word in words._own(prefix):
                counts[word] += words._counts[word]
        return nlargest(most, counts, key=counts.__getitem__)

    def near(self, word: str, most: int = 5) -> list[Near]:
        """Return what *word* may have been typed for, the likeliest first; nothing, where it is too short to tell."""
        found = (
            Near(word=other, distance=distance, count=self.count(other), slips=slips.price(word, other))
            for other, distance in dict(self._within_reach(word)).items()
        )
        return nsmallest(most, found, key=lambda near: (_cost(near), near.word))

    def holds_a_form_of(self, word: str) -> bool:
        """Tell whether a word of the same stem is here: a search finds that as well."""
        stem = text.stem(word)
        # The last letter of a stem need not be one of the word: "polici" of "policy", "hope" of "hoping".
        own = (other for words in (self, *self._beside) for other in words._own(stem[:-1] or word))
        return any(text.stem(other) == stem for other in own)

    def _own(self, prefix: str) -> list[str]:
        start = bisect_left(self._words, prefix)
        return self._words[start : bisect_left(self._words, prefix + "\U0010ffff", start)]

    def _within_reach(self, word: str) -> Iterator[tuple[str, int]]:
        reach = _reach(word)
        if not reach:
            return
        sound = slips.sound(word)
        for other, distance in self._letters.near(word, _FARTHEST):
            # What is written as it sounds is shorter: "fone".
            if distance <= reach or (len(other) > len(word) and slips.sound(other) == sound):
                yield other, distance
        for vocabulary in self._beside:
            yield from vocabulary._within_reach(word)

    @cached_property
    def _letters(self) -> "_Letters":
        # Made when it is first wanted (50 ms for 100,000 words): most queries hold no unknown word.
        return _Letters(self._words)


class _Letters:
    """Words by length, with the letters of each as bits.

    Arrays tell at once which words differ in more than two letters, and that is nearly all of them. To compare with
    100,000 words takes rapidfuzz alone 9 ms; a dictionary of all that is left after a deletion takes 108 MB, this 0.4.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[int, list[str]] = defaultdict(list)
        for word in words:
            if word.isalpha() and len(word) <= text.LONGEST_TOKEN:
                self._words[len(word)].append(word)
        self._bits = {length: _bits(alike) for length, alike in self._words.items()}

    def near(self, word: str, reach: int) -> Iterator[tuple[str, int]]:
        """Yield the words that are up to *reach* letters off, and how many."""
        from rapidfuzz import process  # noqa: PLC0415 - few commands search, and few queries are mistyped
        from rapidfuzz.distance import OSA  # noqa: PLC0415

        for length in range(len(word) - reach, len(word) + reach + 1):
            alike = self._of_like_letters(word, length, reach)
            found = process.extract(word, alike, scorer=OSA.distance, score_cutoff=reach, limit=None)
            yield from ((other, int(distance)) for other, distance, _ in found)

    def _of_like_letters(self, word: str, length: int, reach: int) -> list[str]:
        import numpy as np  # noqa: PLC0415

        if length not in self._bits:
            return []
        bits, typed = self._bits[length], _bits([word])[0]
        lacking, too_many = np.bitwise_count(bits & ~typed), np.bitwise_count(~bits & typed)
        words = self._words[length]
        return [words[i] for i in np.flatnonzero((lacking <= reach) & (too_many <= reach))]


def _bits(words: Sequence[str]) -> "NDArray[np.uint32]":
    """Return the letters of each of *words*, all of one length, as bits; letters of other alphabets share them."""
    import numpy as np  # noqa: PLC0415

    letters = np.array(words).view(np.uint32).reshape(len(words), -1)
    bits: NDArray[np.uint32] = np.bitwise_or.reduce(np.uint32(1) << (letters & np.uint32(31)), axis=1)
    return bits


def correct(
    tokens: Sequence[str], vocabulary: Vocabulary, known: Callable[[str], bool]
) -> tuple[Correction, ...]:
    """Return what the mistyped ones of *tokens* were likely meant for; *known* tells of words that need no post."""
    unknown = [word for word in dict.fromkeys(tokens) if word not in vocabulary and not known(word)]
    found = ((word, _instead(word.removesuffix("'s"), vocabulary)) for word in unknown[:_MOST_TYPED])
    return tuple(Correction(typed=word, instead=instead) for word, instead in found if instead)


def _instead(word: str, vocabulary: Vocabulary) -> str | None:
    if not _reach(word) or vocabulary.holds_a_form_of(word):
        return None
    near = vocabulary.near(word, _MOST_NEAR)
    most = _most_believed(word)
    believed = [other.word for other in near if other.slips <= most]
    if _is_english(word):
        return next((other for other in believed if _is_reordered(word, other)), None)
    return _standing_out(near, believed) if believed else _apart(word, vocabulary)


def _reach(word: str) -> int:
    """Return how many letters off a word may be; none for contractions and what is hardly a word."""
    is_word = _SHORTEST <= len(word) <= text.LONGEST_TOKEN and word.isalpha()
    if not is_word or word in text.NEGATIONS:
        return 0
    return _FARTHEST if len(word) >= _LONG else 1


def _most_believed(word: str) -> float:
    most = _BELIEVED[min(len(word), max(_BELIEVED))]
    return min(most, _BELIEVED_OF_ENGLISH) if _is_made_of_english(word) else most


def _is_reordered(typed: str, word: str) -> bool:
    """Tell whether even an English word is likelier a mistake: the letters of a far commoner one, "costumer"."""
    is_seldom = 0 < _uses(typed) <= _uses(word) / _FAR_OFTENER
    return is_seldom and len(typed) >= _LONG and sorted(typed) == sorted(word)


def _standing_out(near: Sequence[Near], believed: Collection[str]) -> str | None:
    """Return the likeliest word if it is among those believed, unless another one is nearly as likely."""
    costs = [(_cost(other) + _RARE * (not _is_english(other.word)), other.word) for other in near]
    (least, best), *others = sorted(costs)
    rival = next((cost for cost, word in others if not _are_one_search(word, best)), inf)
    return best if best in believed and rival - least >= _MARGIN else None


def _are_one_search(one: str, other: str) -> bool:
    """Tell whether a search finds much the same for either word: "refund", "refunds"; "apologise", "apologize"."""
    return text.stem(one) == text.stem(other) or slips.sound(one) == slips.sound(other)


def _apart(word: str, vocabulary: Vocabulary) -> str | None:
    """Return the two words that were run together, each of them frequent here."""
    pairs = [(min(map(vocabulary.share, pair)), " ".join(pair)) for pair in _pairs(word)]
    share, apart = max(pairs, default=(0.0, ""))
    return apart if share >= _OFTEN_ENOUGH else None


def _cost(near: Near) -> float:
    return near.slips - _OFTEN * log10(1 + near.count)


def _is_english(word: str) -> bool:
    contractions = (f"{word[: -len(end)]}'{end}" for end in _CONTRACTED if word.endswith(end))
    american = (pattern.sub(spelling, word) for pattern, spelling in _AMERICAN)
    return any(map(_uses, (word, *contractions, *american)))


def _is_made_of_english(word: str) -> bool:
    """Tell whether a word may be a good one that the list of words lacks."""
    derived = (word.removeprefix(prefix) for prefix in _PREFIXES)
    return bool(_pairs(word)) or any(_is_piece(rest) for rest in derived)


def _pairs(word: str) -> list[tuple[str, str]]:
    """Return every two common English words that make up *word*."""
    pairs = ((word[:cut], word[cut:]) for cut in range(_PIECE, len(word) - _PIECE + 1))
    return [pair for pair in pairs if pair[1] not in _ENDINGS and all(map(_is_piece, pair))]


def _is_piece(word: str) -> bool:
    return len(word) >= _PIECE and _uses(word) >= _PIECE_USES


def _uses(word: str) -> int:
    return _english().get(word, 0)


@lru_cache(maxsize=1)
def _english() -> Mapping[str, int]:
    """Return ordinary English words, 160,000 of them, and how often each was met."""
    from spellchecker import SpellChecker  # noqa: PLC0415 - reading its list takes 0.16 s

    return dict(SpellChecker(language="en").word_frequency.dictionary)
