"""From a query as it was understood to what the index is asked for: stems, other words for them, values. Pure.

Words get other words beside them (`kb.expansion`); phrases, prefixes and fields are looked for as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from kb import expansion, query, thesaurus, topics, wanted
from kb.text import fold, stem, tokens
from kb.wanted import Facet, Loose, Node, Related, Span, Value

Known = Callable[
    [Facet], Iterable[tuple[str, str]]
]  # a facet's values, each with the text it may be called by
LIGHT = 0.3  # what a word counts that nearly any guidance could hold
DENIAL = 0.3  # what "not", "never", "without" count: they matter beside what they deny, which nearness tells
_FACETS: Mapping[str, Facet] = {"source": "feed", "author": "author", "state": "state", "year": "year"}


def node(understood: query.Loose, known: Known) -> Loose:
    """Return what the index is asked for; *known* tells what there is of a facet."""
    return Loose(nodes=tuple(_side_by_side(understood.nodes, known)))


def _side_by_side(nodes: Sequence[query.Node], known: Known) -> Iterator[Node]:
    for is_word, some in groupby(nodes, key=lambda one: isinstance(one, query.Word)):
        if is_word:
            yield from spans([one.text for one in some if isinstance(one, query.Word)])
        else:
            yield from (made for one in some if (made := _of(one, known)) is not None)


def _of(one: query.Node, known: Known) -> Node | None:
    """Return what stands for a node; None where nothing of it can be looked for, as of "the"."""
    made: Node | None
    match one:
        case query.Word():
            made = next(spans([one.text]), None)
        case query.Phrase():
            made = _phrase(one.words)
        case query.Prefix():
            made = wanted.Prefix(text=one.text)
        case query.Field():
            made = _field(one, known)
        case query.Not():
            inner = _of(one.node, known)
            made = wanted.Not(node=_bare(inner)) if inner else None
        case query.Either():
            inners = _each(one.nodes, known)
            made = wanted.Either(nodes=inners) if inners else None
        case query.Both():
            inners = _each(one.nodes, known)
            made = wanted.Both(nodes=inners) if inners else None
        case query.Loose():
            made = node(one, known)
    return made


def _each(nodes: Iterable[query.Node], known: Known) -> tuple[Node, ...]:
    return tuple(made for one in nodes if (made := _of(one, known)) is not None)


def _phrase(words: Sequence[str], field: str | None = None) -> Node | None:
    stems = tuple(filter(None, map(stem, words)))
    return wanted.Phrase(stems=stems, typed=" ".join(words), field=field) if stems else None


def _bare(one: Node) -> Node:
    """Return the same without other words: who wants no refunds may want their money back."""
    match one:
        case Span():
            return Span(words=tuple(replace(word, related=()) for word in one.words))
        case wanted.Either() | wanted.Both() | Loose():
            return replace(one, nodes=tuple(map(_bare, one.nodes)))
        case _:
            return one


def _field(field: query.Field, known: Known) -> Node | None:
    if field.name == "title":
        return _phrase(tokens(field.value), "title")
    if field.name in {"before", "after"} or (".." in field.value and field.name == "year"):
        return _days(field)
    if field.name == "topic":
        return Value(facet="topic", names=frozenset(_topics(field.value)))
    facet = _FACETS[field.name]
    if field.name in {"source", "author"}:
        return Value(
            facet=facet, names=frozenset(name for name, called in known(facet) if field.value in fold(called))
        )
    return Value(facet=facet, names=frozenset({field.value}))


def _days(field: query.Field) -> wanted.Days:
    if field.name == "before":
        return wanted.Days(before=field.value)
    if field.name == "after":
        return wanted.Days(first=field.value)
    first, last = field.value.split("..")
    return wanted.Days(
        first=f"{first}-01-01", before=f"{last}-12-32"
    )  # no day, but the text behind the last one


def _topics(called: str) -> Iterator[str]:
    """Yield the topics that are called so, or the ones whose names hold that where none is."""
    names = {
        topic.name: {fold(one) for one in (topic.name, topic.title, *topic.aliases)}
        for topic in topics.load()
    }
    exact = [name for name, calls in names.items() if called in calls]
    yield from exact or (name for name, calls in names.items() if any(called in one for one in calls))


def spans(typed: Sequence[str]) -> Iterator[Span]:
    """Yield words side by side with other words for them, those together that stand for one thing together."""
    found = expansion.of(typed)
    alone = {one.start: _related(one) for one in found if one.end == one.start + 1}
    several = {one.start: one for one in found if one.end > one.start + 1}
    start = 0
    while start < len(typed):
        together = several.get(start)
        end = together.end if together else start + 1
        words = tuple(
            wanted.Word(stem=stemmed, typed=typed[at], weight=_weight(typed[at]), related=alone.get(at, ()))
            for at in range(start, end)
            if (stemmed := stem(typed[at]))
        )
        if words:
            others = _related(together) if together else ()
            yield Span(words=words, related=others, typed=" ".join(typed[start:end]) if others else "")
        start = end


@lru_cache(maxsize=4096)
def _weight(word: str) -> float:
    if stem(word) == "not":
        return DENIAL
    is_light = not thesaurus.load().light.isdisjoint(thesaurus.stems(word))
    return LIGHT if is_light else 1.0


def leanings(typed: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return the topics that words and the surest others for them are about, the clearest first, and how clearly."""
    surest = [found.related[0].text for found in expansion.of(typed)]
    filed = topics.file(" . ".join([" ".join(typed), *surest]))
    return tuple((filing.topic, 1 / (1 + place)) for place, filing in enumerate(filed))


def _related(found: expansion.Expansion) -> tuple[Related, ...]:
    return tuple(Related(stems=one.stems, text=one.text, weight=one.weight) for one in found.related)
