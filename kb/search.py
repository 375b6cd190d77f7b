"""Run a query: hits with the reason why, facets, snippets. Whatever is typed gives an answer."""

from collections.abc import Mapping

from sqlalchemy import Connection

from kb import index as kb_index
from kb import posts as kb_posts
from kb import principles as kb_principles
from kb.index import NOTHING, Answer, Index, Match
from kb.model import Hit, PostHit, Query, Results, Why
from kb.text import sentences, stem, tokens

LONGEST_QUERY = 300  # characters; what follows is not looked at. Every link of a page of results repeats them
MOST_WORDS = 32  # different ones, of a query
SNIPPET = 240  # characters
# Where a word can stand: the index's fields in the words of the site.
_PLACES = {"quote": "quote", "others": "quote", "title": "title", "topics": "topic", "context": "context"}


def principles(db: Connection, index: Index, query: Query) -> Results:
    """Return the principles that answer a query, the best first."""
    words = _words(query.text)
    answer = _ask(index, "principle", words, query)
    found = kb_principles.many(db, [match.id for match in answer.matches])
    hits = tuple(
        Hit(principle=found[match.id], score=round(match.score, 3), why=_why(match, words))
        for match in answer.matches
        if match.id in found  # the index may be a moment behind the store
    )
    return _results(query, answer, hits=hits)


def posts(db: Connection, index: Index, query: Query) -> Results:
    """Return the posts that answer a query, the best first."""
    words = _words(query.text)
    answer = _ask(index, "post", words, query)
    ids = [match.id for match in answer.matches]
    found, written = kb_posts.refs(db, ids), kb_posts.texts(db, ids)
    hits = tuple(
        PostHit(
            post=found[match.id],
            score=round(match.score, 3),
            why=_why(match, words),
            snippet=_snippet(written[match.id], words),
        )
        for match in answer.matches
        if match.id in found
    )
    return _results(query, answer, posts=hits)


def _results(
    query: Query, answer: Answer, hits: tuple[Hit, ...] = (), posts: tuple[PostHit, ...] = ()
) -> Results:
    return Results(
        query=query.text.encode(
            "utf-8", "replace"
        ).decode(),  # a command line may hold bytes that are no UTF-8
        corrected=None,
        total=answer.total,
        hits=hits,
        posts=posts,
        facets=answer.facets,
    )


def _words(text: str) -> dict[str, str]:
    """Return the stems to look for, each with the word as typed."""
    found: dict[str, str] = {}
    for word in tokens(text[:LONGEST_QUERY]):
        if stemmed := stem(word):
            found.setdefault(stemmed, word)
    return dict(list(found.items())[:MOST_WORDS])


def _ask(index: Index, kind: kb_index.Kind, words: Mapping[str, str], query: Query) -> Answer:
    chosen = {"topic": query.topic, "feed": query.source, "year": str(query.year) if query.year else None}
    filters = {facet: value for facet, value in chosen.items() if value}
    if not words and (query.text.strip() or not filters):  # no words asked for everything only if filters do
        return NOTHING
    return index.search(kind, list(words), filters, limit=query.limit, offset=query.offset)


def _why(match: Match, words: Mapping[str, str]) -> Why:
    return Why(
        found={
            words[stemmed]: tuple(dict.fromkeys(_PLACES[field] for field in fields))
            for stemmed, fields in match.found.items()
        },
        missing=tuple(word for stemmed, word in words.items() if stemmed not in match.found),
    )


def _snippet(text: str, words: Mapping[str, str]) -> str:
    """Return the sentence of *text* that holds most of the words, with what follows, shortened at a word."""
    spans = sentences(text)
    if not spans:
        return ""
    start, _ = max(spans, key=lambda span: _count(text[span[0] : span[1]], words))
    piece = " ".join(text[start : start + 2 * SNIPPET].split())
    return piece if len(piece) <= SNIPPET else piece[:SNIPPET].rsplit(" ", 1)[0] + " …"


def _count(sentence: str, words: Mapping[str, str]) -> int:
    return len({stem(word) for word in tokens(sentence)} & words.keys())
