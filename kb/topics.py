"""The closed taxonomy, and which of its topics a text is about.

A text is filed by the words and phrases of `topics.toml`: those of the quote weigh most, then those of its heading,
then of its post's title and tags, then what the post's quotes are about together and what stands beside this one. A
phrase speaks for its words, so "hold music" is not also "hold". In a quote the word that leads a clause weighs more,
and what stands behind "when" or "because" weighs less. What people have corrected comes in as `Lessons`, see
`kb.corrections`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from kb import text, thesaurus
from kb.errors import NotFound
from kb.model import Filing, Topic
from kb.thesaurus import PARTICLES, Phrases

# These figures were swept over labelled posts, one at a time and together; near them little depends on any.
_QUOTE, _HEADING, _TITLE, _TAGS = 1.0, 0.6, 0.6, 0.4
_NEARBY, _THEME = 0.3, 1.0
_LEADING, _CONDITION = 1.5, 0.8
_TELLING = 0.4  # the least weight of a word that leads its clause
_SHARED = 0.2  # a word that speaks for n topics counts n ** -0.2 for each
_NEXT = 0.7  # of several words of a topic each counts so much of the one before
_ENOUGH = 0.3
# Higher means fewer wrong topics beside the main one, and fewer right ones.
_BESIDE = 0.3
_MOST = 3
_BORROWED = 3  # words of the surroundings that are shown
# What a topic's words count: those of some name the situation or the trade more often than the advice ("an angry
# customer", "the price"), those of others hardly stand where the advice is about something else ("train", "survey").
_PULL = {
    "complaints": 0.9,
    "empathy": 1.15,
    "empowerment": 1.15,
    "hiring": 1.25,
    "knowledge": 0.75,
    "motivation": 1.15,
    "recovery": 1.1,
    "responsibility": 1.15,
    "systems": 1.25,
    "teamwork": 0.9,
    "training": 1.25,
    "trust": 1.1,
}
_LIGHTEST, _HEAVIEST = 0.0, 1.5  # what lessons can make of a word's weight

_CUT = re.compile(
    r"(?<=[.!?;:,)–—]) | (?=(?:because|so that|if|when|whenever|while|which|who|unless|since|after)\b)",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\W*(?:when|whenever|if|once|after|while|although|though|unless|because|since|so|as|which|who|where|without)\b",
    re.IGNORECASE,
)
_IDLE = frozenset({"custom", "peopl"}) | PARTICLES

Weights = Mapping[str, float]  # topic -> weight


class Mention(NamedTuple):
    """A word or phrase that a text holds."""

    word: str  # as written
    key: str  # what lessons know it by
    weights: Weights
    force: float  # by its place


class Passage(NamedTuple):
    """A quote and what stands around it."""

    text: str
    heading: str = ""
    nearby: tuple[str, ...] = ()  # what stands right before and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What people's corrections teach; plain data, which workers can be given."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # key of a text -> its topics
    shifts: Mapping[str, Weights] = field(
        default_factory=dict
    )  # key of a word -> more or less weight for a topic


UNTAUGHT = Lessons()


@dataclass(slots=True)
class _Sum:
    """What speaks for each topic, and how much; `words` are those that may be shown for it."""

    scores: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    words: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, found: Iterable[Mention], weight: float, shifts: Mapping[str, Weights]) -> None:
        for topic, words in _by_topic(found, shifts).items():
            self.scores[topic] += weight * _together(words.values())
            self.words[topic].update(dict.fromkeys(words))

    def lean(self, other: "_Sum", weight: float) -> None:
        """Add what the surroundings say. Their words are shown only where the text has none of its own."""
        for topic, score in other.scores.items():
            self.scores[topic] += weight * score
            if topic not in self.words:
                self.words[topic].update(dict.fromkeys(list(other.words[topic])[:_BORROWED]))


@lru_cache(maxsize=1)
def load() -> tuple[Topic, ...]:
    """Return the topics, in the order of the taxonomy; read once."""
    data = tomllib.loads(resources.files("kb").joinpath("topics.toml").read_text(encoding="utf-8"))
    return tuple(
        Topic(
            name=entry["name"],
            title=entry["title"],
            definition=entry["definition"],
            scope=entry["scope"],
            aliases=tuple(entry["aliases"]),
            see_also=tuple(entry["see_also"]),
            literature=entry["literature"],
            words={word: float(weight) for weight, words in entry["words"].items() for word in words},
        )
        for entry in data["topic"]
    )


def get(name: str) -> Topic:
    """Return the topic called *name*; raise NotFound where there is none."""
    for topic in load():
        if topic.name == name:
            return topic
    raise NotFound(f"no topic is called {name!r}")


def file(
    written: str,
    *,
    heading: str = "",
    title: str = "",
    tags: Sequence[str] = (),
    lessons: Lessons = UNTAUGHT,
) -> tuple[Filing, ...]:
    """Return at most three topics of *written*, the main one first; none where too little speaks for any."""
    return of_post([Passage(written, heading)], title=title, tags=tags, lessons=lessons)[0]


def of_post(
    passages: Sequence[Passage],
    *,
    title: str = "",
    tags: Sequence[str] = (),
    lessons: Lessons = UNTAUGHT,
) -> list[tuple[Filing, ...]]:
    """Return the topics of each quote of a post, as `file` does; what they have in common speaks for each of them."""
    said = [_Sum() for _ in passages]
    theme = _Sum()
    for own, passage in zip(said, passages, strict=True):
        own.add(mentions(passage.text, every=bool(lessons.shifts)), _QUOTE, lessons.shifts)
        if len(passages) > 1:
            theme.lean(own, 1 / len(passages))
    around = _Sum()
    around.add(_around(title), _TITLE, lessons.shifts)
    around.add(_around(" . ".join(tags)), _TAGS, lessons.shifts)
    return [_filed(own, passage, around, theme, lessons) for own, passage in zip(said, passages, strict=True)]


def _filed(own: _Sum, passage: Passage, around: _Sum, theme: _Sum, lessons: Lessons) -> tuple[Filing, ...]:
    own.add(_around(passage.heading), _HEADING, lessons.shifts)
    for topic, score in around.scores.items():
        own.scores[topic] += score
        own.words[topic].update(around.words[topic])
    nearby = _Sum()
    for beside in passage.nearby:
        nearby.add(_around(beside), _NEARBY, lessons.shifts)
    own.lean(nearby, 1.0)
    own.lean(theme, _THEME)
    wanted = lessons.texts.get(key(passage.text)) if lessons.texts else None
    return tuple(Filing(topic=topic, words=tuple(own.words[topic])) for topic in wanted or _best(own.scores))


def key(written: str) -> str:
    """Return what a text or a word is known by in lessons: its stems without those that stand anywhere."""
    return _key(thesaurus.stems(written))


def mentions(written: str, *, every: bool = True) -> Iterator[Mention]:
    """Yield the words and phrases in *written*; if not *every* one, those that speak for topics."""
    for clause in _CUT.split(" ".join(written.split())):
        conditional = _CONDITIONAL.match(clause) is not None
        force = _CONDITION if conditional else _LEADING
        for word, stems, weights in _words(clause, every=every):
            yield Mention(word, _key(stems), weights, force)
            if not conditional and max(weights.values(), default=0) >= _TELLING:
                force = 1.0


@lru_cache(maxsize=1)
def _lexicon() -> Phrases[Weights]:
    found: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for topic in load():
        for word, weight in topic.words.items():
            known = found[tuple(thesaurus.stems(word))]
            known[topic.name] = max(weight, known.get(topic.name, 0.0))
    return Phrases((stems, _discounted(weights)) for stems, weights in found.items())


def _discounted(weights: Weights) -> Weights:
    share = len(weights) ** -_SHARED
    return {topic: weight * share * _PULL.get(topic, 1.0) for topic, weight in weights.items()}


def _words(clause: str, *, every: bool) -> Iterator[tuple[str, Sequence[str], Weights]]:
    tokens = text.tokens(clause)
    words = thesaurus.words(tokens)
    stems = [word.stem for word in words]
    for start, end, weights in _lexicon().find(stems):
        if weights or every:
            yield (
                " ".join(tokens[words[start].token : words[end - 1].token + 1]),
                stems[start:end],
                weights or {},
            )


def _key(stems: Iterable[str]) -> str:
    return " ".join([stem for stem in stems if stem not in _IDLE])


@lru_cache(maxsize=4096)
def _around(written: str) -> tuple[Mention, ...]:
    # Headings and titles are the same for many quotes of one post, and most neighbours stand beside two of them.
    # The place of a word says nothing there.
    return tuple(
        Mention(word, _key(stems), weights, 1.0) for word, stems, weights in _words(written, every=False)
    )


def _by_topic(found: Iterable[Mention], shifts: Mapping[str, Weights]) -> dict[str, dict[str, float]]:
    """Return which words speak for each topic, and how much. Said twice is not meant twice."""
    words: dict[str, dict[str, float]] = defaultdict(dict)
    for mention in found:
        weights = mention.weights
        if shift := shifts.get(mention.key):
            weights = _shifted(weights, shift)
        for topic, weight in weights.items():
            words[topic].setdefault(mention.word, weight * mention.force)
    return words


def _shifted(weights: Weights, shift: Weights) -> Weights:
    moved = {
        topic: min(_HEAVIEST, weights.get(topic, 0.0) + shift.get(topic, 0.0))
        for topic in {**weights, **shift}
    }
    return {topic: weight for topic, weight in moved.items() if weight > _LIGHTEST}


def _together(weights: Iterable[float]) -> float:
    return sum(weight * _NEXT**place for place, weight in enumerate(sorted(weights, reverse=True)))


def _best(scores: Weights) -> list[str]:
    ranked = sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))[:_MOST]
    if not ranked or ranked[0][1] < _ENOUGH:
        return []
    enough = ranked[0][1] * _BESIDE
    return [topic for topic, score in ranked if score >= enough]
