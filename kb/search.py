"""Run a query: hits with the reason why, facets, snippets. Whatever is typed gives an answer."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection

from kb import asking, expansion, privacy, spelling, wanted
from kb import posts as kb_posts
from kb import principles as kb_principles
from kb import query as kb_query
from kb.index import NOTHING, Answer, Index, Kind, Match
from kb.model import Hit, PostHit, Query, Results, Why
from kb.query import Parsed
from kb.semantic import Semantic
from kb.text import sentences, stem, tokens
from kb.thesaurus import PARTICLES
from kb.wanted import Facet, Loose, Value, Wanted

WITHOUT = Semantic(None)
SNIPPET = 240  # characters
LOOKED_AT = 100_000  # characters of a post, to find them in; sentences of a megabyte take a fifth of a second
_UNMARKED = PARTICLES | {"away", "back", "down", "off", "out", "over"}  # say little outside of their phrase
# Where a word can stand: the index's fields in the words of the site.
_PLACES = {
    "quote": "quote",
    "others": "quote",
    "lead": "heading",
    "title": "title",
    "topics": "topic",
    "context": "context",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A query, and what became of it."""

    parsed: Parsed
    corrected: str | None
    node: Loose
    answer: Answer


def principles(db: Connection, index: Index, query: Query, semantic: Semantic = WITHOUT) -> Results:
    """Return the principles that answer a query, the best first; by their meaning too, where there is a model."""
    asked = _ask(db, index, "principle", query, semantic)
    found = kb_principles.many(db, [match.id for match in asked.answer.matches])
    hits = tuple(
        Hit(principle=found[match.id], score=round(match.score, 3), why=_why(match, asked.node))
        for match in asked.answer.matches
        if match.id in found  # the index may be a moment behind the store
    )
    return _results(query, asked, hits=hits)


def posts(db: Connection, index: Index, query: Query) -> Results:
    """Return the posts that answer a query, the best first."""
    asked = _ask(db, index, "post", query, WITHOUT)
    ids = [match.id for match in asked.answer.matches]
    found, written = kb_posts.refs(db, ids), kb_posts.texts(db, ids)
    hits = tuple(
        PostHit(
            post=found[match.id],
            score=round(match.score, 3),
            why=_why(match, asked.node),
            snippet=_snippet(written[match.id], _sought(match, asked)),
        )
        for match in asked.answer.matches
        if match.id in found and match.id in written
    )
    return _results(query, asked, posts=hits)


def marked(found: Results) -> list[str]:
    """Return what to mark in the hits: the words that were looked for, and those that stood in for them."""
    understood = kb_query.parse(found.corrected or found.query)
    reasons = [hit.why for hit in found.hits] + [hit.why for hit in found.posts]
    related = (text for why in reasons for texts in why.related.values() for text in texts)
    others = dict.fromkeys(word for text in related for word in tokens(text) if word not in _UNMARKED)
    return [*kb_query.words(understood.node), *others]


def _results(
    query: Query, asked: _Asked, hits: tuple[Hit, ...] = (), posts: tuple[PostHit, ...] = ()
) -> Results:
    return Results(
        query=_shown(query.text),
        corrected=asked.corrected,
        total=asked.answer.total,
        hits=hits,
        posts=posts,
        facets=asked.answer.facets,
        notes=asked.parsed.notes,
    )


def _shown(typed: str) -> str:
    return typed.encode("utf-8", "replace").decode()  # a command line may hold bytes that are no UTF-8


def _ask(db: Connection, index: Index, kind: Kind, query: Query, semantic: Semantic) -> _Asked:
    parsed = kb_query.parse(query.text)
    filters = tuple(_filters(query))
    if not parsed.node.nodes and not filters:
        return _Asked(parsed=parsed, corrected=None, node=Loose(nodes=()), answer=NOTHING)
    corrected = _corrected(index, kind, parsed.node)
    node = asking.node(corrected or parsed.node, lambda facet: _known(db, index, kind, facet))
    if not node.nodes and query.text.strip():  # nothing but words that are everywhere
        return _Asked(parsed=parsed, corrected=None, node=node, answer=NOTHING)
    said = list(kb_query.words(corrected or parsed.node))
    asked = Wanted(
        node=Loose(nodes=(*node.nodes, *filters)),
        sort=query.sort,
        limit=query.limit,
        offset=query.offset,
        leanings=asking.leanings(said),
    )
    return _Asked(
        parsed=parsed,
        corrected=kb_query.show(corrected) if corrected else None,
        node=node,
        answer=index.search(kind, asked, semantic.like(db, " ".join(said))),
    )


def _filters(query: Query) -> Iterator[Value]:
    chosen: dict[Facet, str | None] = {
        "topic": query.topic,
        "feed": query.source,
        "year": str(query.year) if query.year else None,
    }
    for facet, value in chosen.items():
        if value:
            yield Value(facet=facet, names=frozenset({value}))


def _known(db: Connection, index: Index, kind: Kind, facet: Facet) -> Iterable[tuple[str, str]]:
    """Yield the values of a facet with what each may be called; of a feed never what is secret in its address."""
    names = index.values(kind, facet)
    titles = kb_posts.names(db, names) if facet == "feed" else {}
    return ((name, f"{titles.get(name, '')} {privacy.shown(name)}") for name in names)


def _corrected(index: Index, kind: Kind, node: kb_query.Loose) -> kb_query.Loose | None:
    """Return the query with the likeliest words in place of those that nobody knows; None where all are known."""
    typed = list(dict.fromkeys(_plain(node)))
    vocabulary = index.vocabulary(kind)
    if all(word in vocabulary for word in typed):
        return None
    both = spelling.Vocabulary({}, [_other_words(), vocabulary])
    found = spelling.correct(typed, both, lambda word: bool(expansion.of([word])))
    instead = {one.typed: tokens(one.instead) for one in found}
    return _replaced(node, instead) if instead else None


@lru_cache(maxsize=1)
def _other_words() -> spelling.Vocabulary:
    """Return the words that stand for others, which no post need say."""
    return spelling.Vocabulary(dict.fromkeys(expansion.words(), 0))


def _plain(node: kb_query.Node) -> Iterator[str]:
    """Yield the words that may be read as others: those typed as they are, without quotation marks."""
    match node:
        case kb_query.Word():
            yield node.text
        case kb_query.Either() | kb_query.Both() | kb_query.Loose():
            for inner in node.nodes:
                yield from _plain(inner)


def _replaced(node: kb_query.Loose, instead: Mapping[str, Sequence[str]]) -> kb_query.Loose:
    return replace(node, nodes=tuple(new for inner in node.nodes for new in _anew(inner, instead)))


def _anew(node: kb_query.Node, instead: Mapping[str, Sequence[str]]) -> Sequence[kb_query.Node]:
    match node:
        case kb_query.Word():
            return [kb_query.Word(text=word) for word in instead.get(node.text, (node.text,))]
        case kb_query.Loose():
            return [_replaced(node, instead)]
        case kb_query.Either() | kb_query.Both():
            return [replace(node, nodes=tuple(one for inner in node.nodes for one in _anew(inner, instead)))]
        case _:
            return [node]


def _why(match: Match, node: Loose) -> Why:
    words = [word for span in wanted.spans(node) for word in span.words]
    found = {
        typed: tuple(dict.fromkeys(_PLACES[field] for field in fields))
        for typed, fields in match.found.items()
    }
    stood_in = {part for typed in match.related for part in (typed, *typed.split())}
    return Why(
        found=found,
        related=_once(match.related),
        missing=tuple(
            dict.fromkeys(
                word.typed for word in words if word.typed not in found and word.typed not in stood_in
            )
        ),
    )


def _once(related: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return what stands for typed words, each but once: for as few of the words as it does."""
    told: set[str] = set()
    found = {}
    for typed, others in sorted(related.items(), key=lambda item: len(item[0].split())):
        if fresh := tuple(other for other in others if other not in told):
            found[typed] = fresh
            told.update(fresh)
    return found


def _sought(match: Match, asked: _Asked) -> frozenset[str]:
    """Return the stems that a snippet should show."""
    related = (text for texts in match.related.values() for text in texts)
    return frozenset(
        filter(None, map(stem, [*kb_query.words(asked.parsed.node), *tokens(" ".join(related))]))
    )


def _snippet(text: str, stems: Collection[str]) -> str:
    """Return the sentence of *text* that holds most of the words, with what follows, shortened at a word."""
    text = _around(text, stems)
    spans = sentences(text)
    if not spans:
        return ""
    start, _ = max(spans, key=lambda span: _count(text[span[0] : span[1]], stems))
    piece = " ".join(text[start : start + 2 * SNIPPET].split())
    return piece if len(piece) <= SNIPPET else piece[:SNIPPET].rsplit(" ", 1)[0] + " …"


def _around(text: str, stems: Collection[str]) -> str:
    """Return a stretch of a very long text in which one of the words begins."""
    if len(text) <= LOOKED_AT:
        return text
    plain = text.lower()
    # The last letter of a stem need not be one of the word: "repli" of "reply".
    places = [place for stem in stems if (place := plain.find(stem[:-1])) >= 0]
    start = max(0, min(places, default=0) - SNIPPET)
    return text[start : start + LOOKED_AT]


def _count(sentence: str, stems: Collection[str]) -> int:
    return len({stem(word) for word in tokens(sentence)} & set(stems))
