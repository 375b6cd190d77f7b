"""What customers and agents say for the same thing, and the stems to read it by.

`same` groups are interchangeable; `near` groups are only related. Phrases here and in the topics are matched through
`Phrases`, which lets a "customer" or "people" stand inside: "keep informed" finds "keep customers informed".
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Generic, NamedTuple, TypeVar

from kb import text

T = TypeVar("T")
# Stop words that make a phrase what it is: "on hold", "follow through". They stand in a phrase, never alone.
PARTICLES = frozenset(
    {
        "about",
        "at",
        "by",
        "for",
        "from",
        "how",
        "in",
        "of",
        "on",
        "one",
        "there",
        "themselves",
        "through",
        "to",
        "up",
        "what",
        "who",
        "with",
        "yourself",
    }
)
_BY_THE_WAY = frozenset({"custom", "peopl"}) | PARTICLES
_MOST_BY_THE_WAY = 5  # in one gap, so that a text of nothing but "in" is read in linear time
_OWN = "own"
_POSSESSIVES = frozenset({"my", "your", "his", "her", "its", "our", "their", "customer's", "client's"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Words and phrases for one thing, as people write them."""

    concept: str
    words: tuple[str, ...]
    implied: tuple[str, ...] = ()  # what goes without saying beside it, as stems or concepts
    means: tuple[str, ...] = ()  # what to read instead; "!" in front: denied


class Word(NamedTuple):
    """A stem and which token it is the stem of."""

    stem: str
    token: int


class Phrases(Generic[T]):
    """Stem phrases and what each stands for; finds the longest at every place."""

    def __init__(self, entries: Iterable[tuple[Sequence[str], T]]) -> None:
        self._single: dict[str, T] = {}
        self._longer: dict[str, dict[str, list[tuple[tuple[str, ...], T]]]] = {}  # by first and second stem
        for stems_, meaning in _readings(entries):
            self._add(tuple(stems_), meaning)

    def find(self, stems_: Sequence[str]) -> Iterator[tuple[int, int, T | None]]:
        """Yield `start, end, meaning` for consecutive pieces of *stems_*; None for a stem of no phrase."""
        start = 0
        while start < len(stems_):
            stem = stems_[start]
            # Most stems begin no phrase of several words.
            end, meaning = (
                self._longest(stems_, start) if stem in self._longer else (start + 1, self._single.get(stem))
            )
            yield start, end, meaning
            start = end

    def _add(self, stems_: tuple[str, ...], meaning: T) -> None:
        if len(stems_) == 1:
            self._single[stems_[0]] = meaning
        else:
            longer = self._longer.setdefault(stems_[0], {}).setdefault(stems_[1], [])
            longer.append((stems_[2:], meaning))
            longer.sort(key=lambda rest: -len(rest[0]))

    def _longest(self, stems_: Sequence[str], start: int) -> tuple[int, T | None]:
        by_second = self._longer[stems_[start]]
        for at in range(start + 1, min(len(stems_), start + 1 + _MOST_BY_THE_WAY)):
            for rest, meaning in by_second.get(stems_[at], ()):
                end = _match(stems_, at + 1, rest)
                if end:
                    return end, meaning
            if stems_[at] not in _BY_THE_WAY:
                break
        return start + 1, self._single.get(stems_[start])


def _readings(entries: Iterable[tuple[Sequence[str], T]]) -> Iterator[tuple[Sequence[str], T]]:
    # Also without its particles, where two words are left to know it by: "put on hold" finds "put hold".
    for stems_, meaning in entries:
        yield stems_, meaning
        bare = [stem for stem in stems_ if stem not in PARTICLES]
        if 1 < len(bare) < len(stems_):
            yield bare, meaning


def _match(stems_: Sequence[str], at: int, rest: tuple[str, ...]) -> int:
    """Return where *rest* ends if it stands at *at*, else 0."""
    for wanted in rest:
        gap = min(len(stems_), at + _MOST_BY_THE_WAY)
        while at < gap and stems_[at] != wanted and stems_[at] in _BY_THE_WAY:
            at += 1
        if at >= len(stems_) or stems_[at] != wanted:
            return 0
        at += 1
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class Thesaurus:
    """All of `thesaurus.toml`, as stems and concepts."""

    same: tuple[Group, ...]
    near: tuple[tuple[str, ...], ...]
    opposites: Mapping[str, str]  # concept or stem -> what it is the contrary of
    implied: Mapping[str, frozenset[str]]  # concept -> what goes without saying beside it
    means: Mapping[
        str, tuple[str, ...]
    ]  # concept -> what is said in more words: "act on feedback" is to act, and feedback
    light: frozenset[str]
    manner: frozenset[str]
    apart: Mapping[str, int]  # concept -> the kind it is one of, as a phone is one of the channels
    phrases: Phrases[str] = field(repr=False)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    # What follows is for searches alone, four times as long, and read where it is wanted: see `kb.expansion`.
    mine, _, _ = (
        resources.files("kb").joinpath("thesaurus.toml").read_text(encoding="utf-8").partition("[forms]")
    )
    return tomllib.loads(mine)


@lru_cache(maxsize=1)
def _read_instead() -> Mapping[str, str]:
    return _data()["stems"]  # type: ignore[no-any-return]  # TOML is untyped


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    instead = _read_instead().get(word.removesuffix("'s"), "")
    return instead or (word if word in PARTICLES else text.stem(word))


def words(tokens: Sequence[str]) -> list[Word]:
    """Return the stems of folded *tokens* with their places, reading what the stemmer misreads."""
    found: list[Word] = []
    for place, token in enumerate(tokens):
        # "their own decisions" owns nothing; "own your mistakes" does.
        if token == _OWN and place and tokens[place - 1] in _POSSESSIVES:
            continue
        stem = _stem(token)
        if stem:
            found.append(Word(stem, place))
    return found


def stems(written: str) -> list[str]:
    """Return the stems of *written*, reading what the stemmer misreads."""
    return [word.stem for word in words(text.tokens(written))]


@lru_cache(maxsize=1)
def load() -> Thesaurus:
    """Return the thesaurus; read once."""
    data = _data()
    same = tuple(
        Group(
            concept=entry["concept"],
            words=tuple(entry["words"]),
            implied=tuple(entry.get("implied", ())),
            means=tuple(entry.get("means", ())),
        )
        for entry in data["same"]
    )
    phrases = Phrases((stems(word), group.concept) for group in same for word in group.words)
    return Thesaurus(
        same=same,
        near=tuple(tuple(entry["words"]) for entry in data["near"]),
        opposites={_only(phrases, b): _only(phrases, a) for a, b in _pairs(data["opposite"])},
        implied={group.concept: _all(phrases, group.implied) for group in same if group.implied},
        means={
            group.concept: tuple(_asserted(phrases, one) for one in group.means)
            for group in same
            if group.means
        },
        light=_all(phrases, data["light"]),
        manner=_all(phrases, data["manner"]),
        apart={_only(phrases, word): kind for kind, words in enumerate(data["apart"]) for word in words},
        phrases=phrases,
    )


def concepts(stems_: Sequence[str]) -> list[str]:
    """Return *stems_* with each phrase of a `same` group replaced by its concept's name."""
    return list(_concepts(load().phrases, stems_))


def _concepts(phrases: Phrases[str], stems_: Sequence[str]) -> Iterator[str]:
    for start, _end, concept in phrases.find(stems_):
        if concept or stems_[start] not in PARTICLES:
            yield concept or stems_[start]


def _only(phrases: Phrases[str], written: str) -> str:
    return " ".join(_concepts(phrases, stems(written)))


def _asserted(phrases: Phrases[str], written: str) -> str:
    denied = "!" if written.startswith("!") else ""
    return denied + _only(phrases, written.removeprefix("!"))


def _all(phrases: Phrases[str], written: Iterable[str]) -> frozenset[str]:
    return frozenset(_only(phrases, word) for word in written)


def _pairs(entries: Iterable[Mapping[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        first, second = entry["words"]
        yield first, second
