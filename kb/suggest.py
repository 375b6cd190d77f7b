"""What to offer while somebody types: words, topics, principles, posts. Nothing is offered that leads to nothing."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Literal, get_args

from sqlalchemy import Connection

from kb import posts, principles, topics
from kb.index import Index, Kind, Match
from kb.query import LONGEST_QUERY
from kb.text import fold, stem, tokens
from kb.wanted import Both, Either, Loose, Node, Span, Wanted, Word

Offer = Literal["word", "topic", "principle", "post"]  # in this order

MOST = 8
MOST_OF_A_KIND = 3
LOOKED_AT = 12  # words that begin as typed, the most frequent ones
MEANT = 4  # of them may be meant: those that most hold beside what was typed before, forms of one word aside
MOST_WORDS = 12  # of those typed, the last ones, must stand in what is offered
LEAST_BEGUN = 2  # letters that a word is completed from, as those before a star; one tells topics only
WEIGHED = 6  # principles and posts, of which those are offered first that show what was typed
_SHOWN: Mapping[Kind, str] = {"principle": "quote", "post": "title"}  # the field that is seen
_ENDING = re.compile(r"(?:'s|ies|es|ed|ing|s|e|y)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something to go to, or to go on typing."""

    kind: Offer
    text: str
    id: int | None = None  # of a principle or a post
    name: str | None = None  # of a topic


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What has been typed so far."""

    words: tuple[str, ...]  # that are complete
    begun: str  # the word after them; "" where there is none yet

    @property
    def stems(self) -> tuple[str, ...]:
        """Return what the complete words are looked for by; the last ones of very many."""
        return tuple(dict.fromkeys(filter(None, map(stem, self.words))))[-MOST_WORDS:]


def suggest(db: Connection, index: Index, typed: str, most: int = MOST) -> tuple[Suggestion, ...]:
    """Return what to offer to somebody who has *typed* this much, words first and posts last."""
    read = _read(typed)
    meant, in_posts = _meant(index, "principle", read), _meant(index, "post", read)
    kinds = (
        islice(_words(read, meant), MOST_OF_A_KIND),
        islice(_topics(index, read), MOST_OF_A_KIND),
        _principles(db, _holding(index, "principle", read, meant)),
        _posts(db, _holding(index, "post", read, in_posts)),
    )
    return _fairly(kinds, most)


def _fairly(kinds: Iterable[Iterable[Suggestion]], most: int) -> tuple[Suggestion, ...]:
    """Return the first ones of every kind, as many of each as there is room for."""
    in_turn = [one for turn in zip_longest(*kinds) for one in turn if one]
    return tuple(sorted(in_turn[:most], key=lambda one: get_args(Offer).index(one.kind)))


def _read(typed: str) -> _Typed:
    head = typed[:LONGEST_QUERY]
    words = tokens(head)
    is_begun = bool(words) and fold(head)[-1:].isalnum()
    return _Typed(words=tuple(words[:-1] if is_begun else words), begun=words[-1] if is_begun else "")


def _meant(index: Index, kind: Kind, typed: _Typed) -> list[str]:
    """Return what the last word may become: itself, then the words that most hold beside the others."""
    words = _completions(index, kind, typed)
    counts = index.holders(kind, list(map(stem, words)), typed.stems)
    held = {word: count for word, count in zip(words, counts, strict=True) if count}
    return sorted(held, key=lambda word: (word != typed.begun, -held[word]))[:MEANT]


def _completions(index: Index, kind: Kind, typed: _Typed) -> list[str]:
    """Return the most frequent words that begin as the last one typed, each in its shortest form."""
    if len(typed.begun) < LEAST_BEGUN:
        return []
    forms: dict[tuple[str, str], str] = {}
    for word in filter(stem, index.beginning(kind, typed.begun, LOOKED_AT)):
        form = stem(word), _ENDING.sub("", word)  # the stem alone makes "response" and "responsibility" one
        forms[form] = min(word, forms.get(form, word), key=len)
    return list(forms.values())


def _words(typed: _Typed, meant: Iterable[str]) -> Iterator[Suggestion]:
    """Yield what was typed with its last word completed, unless that is said already."""
    for word in meant:
        if word != typed.begun and stem(word) not in typed.stems:
            yield Suggestion(kind="word", text=" ".join((*typed.words, word)))


def _topics(index: Index, typed: _Typed) -> Iterator[Suggestion]:
    """Yield the topics that are called as typed; those first whose names begin so."""
    for _, title, name in sorted(_called(" ".join(("", *typed.words, typed.begun)))):
        if name in index.counts("principle", "topic"):
            yield Suggestion(kind="topic", text=title, name=name)


def _called(typed: str) -> Iterator[tuple[bool, str, str]]:
    for name, title, calls in _calls() if typed.strip() else ():
        places = [place for call in calls if (place := call.find(typed)) >= 0]
        if places:
            yield min(places) > 0, title, name


@lru_cache(maxsize=1)
def _calls() -> Sequence[tuple[str, str, Sequence[str]]]:
    """Return the topics with all that they are called, each with a space before every word and behind the last."""
    return tuple(
        (one.name, one.title, [f" {' '.join(tokens(call))} " for call in (one.name, one.title, *one.aliases)])
        for one in topics.load()
    )


def _holding(index: Index, kind: Kind, typed: _Typed, words: Sequence[str]) -> list[int]:
    """Return what holds all the complete words and any of these for the last one, the best first."""
    nodes: tuple[Node, ...] = tuple(map(_span, typed.stems))
    last = frozenset(map(stem, words))
    # "the" may be on its way to "theft", but most often it is there already, and wanted is what the others find.
    if len(typed.begun) >= LEAST_BEGUN and stem(typed.begun):
        nodes = (*nodes, Either(nodes=tuple(map(_span, sorted(last)))))
    if not nodes:
        return []
    wanted = Wanted(node=Loose(nodes=(Both(nodes=nodes),)), limit=WEIGHED, facets=())
    found = index.search(kind, wanted).matches
    best = sorted(found, key=lambda match: not _shows(match, _SHOWN[kind], typed.stems, last))
    return [match.id for match in best[:MOST_OF_A_KIND]]


def _shows(match: Match, field: str, stems: Iterable[str], last: Collection[str]) -> bool:
    """Tell whether the field that is seen holds the words itself."""
    seen = {word for word, fields in match.found.items() if field in fields}
    return seen.issuperset(stems) and (not last or not seen.isdisjoint(last))


def _principles(db: Connection, ids: Sequence[int]) -> list[Suggestion]:
    texts = principles.texts(db, ids)
    return [Suggestion(kind="principle", text=texts[one], id=one) for one in ids if one in texts]


def _posts(db: Connection, ids: Sequence[int]) -> list[Suggestion]:
    refs = posts.refs(db, ids)
    titled = (refs[one] for one in ids if one in refs)
    return [Suggestion(kind="post", text=ref.title, id=ref.id) for ref in titled if ref.title.strip()]


def _span(stemmed: str) -> Span:
    return Span(words=(Word(stem=stemmed, typed=stemmed),))
