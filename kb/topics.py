"""The closed taxonomy, and which of its topics a text is about.

A text is filed by the words and phrases of `topics.toml`: those of the quote weigh most, then those of its heading,
then of its post's title and tags. A phrase speaks for its words, so "hold music" is not also "hold".
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

from kb import text, thesaurus
from kb.errors import NotFound
from kb.model import Filing, Topic
from kb.thesaurus import Phrases

_QUOTE, _HEADING, _TITLE, _TAGS = 1.0, 0.7, 0.5, 0.3
_ENOUGH = 0.4
# Swept over 0.35-0.7 on labelled posts: higher means fewer wrong topics beside the main one, and fewer right ones.
_BESIDE = 0.5
_MOST = 3

_Postings = tuple[tuple[str, float], ...]  # topic and weight
_Mentions = tuple[tuple[str, _Postings], ...]  # word as written, and what it speaks for


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


def file(written: str, *, heading: str = "", title: str = "", tags: Sequence[str] = ()) -> tuple[Filing, ...]:
    """Return at most three topics of *written*, the main one first; none where too little speaks for any."""
    scores: dict[str, float] = {}
    shown: dict[str, dict[str, None]] = {}
    for mentions, weight in (
        (_mentions(written), _QUOTE),
        (_around(heading), _HEADING),
        (_around(title), _TITLE),
        (_around(" . ".join(tags)), _TAGS),
    ):
        _count(mentions, weight, scores, shown)
    return _best(scores, shown)


@lru_cache(maxsize=1)
def _lexicon() -> Phrases[_Postings]:
    postings: dict[tuple[str, ...], dict[str, float]] = {}
    for topic in load():
        for word, weight in topic.words.items():
            known = postings.setdefault(tuple(thesaurus.stems(word)), {})
            known[topic.name] = max(weight, known.get(topic.name, 0.0))
    return Phrases((stems, tuple(weights.items())) for stems, weights in postings.items())


@lru_cache(maxsize=4096)
def _around(written: str) -> _Mentions:
    # A heading, a title and tags are the same for many quotes of one post.
    return _mentions(written)


def _mentions(written: str) -> _Mentions:
    tokens = text.tokens(written)
    words = thesaurus.words(tokens)
    found = _lexicon().find([word.stem for word in words])
    return tuple(
        (" ".join(tokens[words[start].token : words[end - 1].token + 1]), postings)
        for start, end, postings in found
        if postings
    )


def _count(
    mentions: _Mentions, weight: float, scores: dict[str, float], shown: dict[str, dict[str, None]]
) -> None:
    # Said twice is not meant twice: each word counts once for a topic.
    for word, postings in mentions:
        for topic, share in postings:
            words = shown.setdefault(topic, {})
            if word not in words:
                words[word] = None
                scores[topic] = scores.get(topic, 0.0) + weight * share


def _best(scores: Mapping[str, float], shown: Mapping[str, Mapping[str, None]]) -> tuple[Filing, ...]:
    ranked = sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))[:_MOST]
    if not ranked or ranked[0][1] < _ENOUGH:
        return ()
    enough = ranked[0][1] * _BESIDE
    return tuple(Filing(topic=topic, words=tuple(shown[topic])) for topic, score in ranked if score >= enough)
