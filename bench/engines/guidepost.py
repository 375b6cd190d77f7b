"""Our own engine, `kb.index`, without the store it follows; quotes to be marked come from SQLite, as they do there.

Words side by side ("or") are looked for as they are when people type them: what has much less of them than the best
principle is left out, so there is less to count. Every search says why it found what it found. Of the words that begin
so the 32 most frequent ones are taken; typos are looked for by the words of the vocabulary that are a letter off.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from bench import engine
from bench.engine import TOP, Engine, Found, Kind, Query
from guidepost import __version__
from kb import ranking, segments, snapshot  # noqa: F401 - else loaded by the first search
from kb.index import Index
from kb.segments import Document
from kb.wanted import Both, Either, Facet, Loose, Node, Phrase, Prefix, Span, Wanted, Word
from web import marks

_TEXTS = "SELECT id, quote FROM quotes WHERE id IN ({})"


class Guidepost(Engine):
    @staticmethod
    def version() -> str:
        return __version__

    def build(self, documents: Iterable[engine.Document]) -> None:
        self._quotes.execute("CREATE TABLE quotes(id INTEGER PRIMARY KEY, quote TEXT)")
        with self._index._writing():
            self._index._write("principle", self._kept(documents), None)

    def commit(self, new: Sequence[engine.Document], changed: Sequence[engine.Document]) -> None:
        both = (*new, *changed)
        with self._index._writing():
            self._index._write("principle", self._kept(both), [item for item, _ in both])
            self._index._tidy(["principle"])

    def search(self, query: Query) -> Found:
        words = self._corrected(query.words[0]) if query.kind == "fuzzy" else query.words
        facets: tuple[Facet, ...] = ("topic",) if query.kind == "facets" else ()
        wanted = Wanted(node=Loose(nodes=_PATTERNS[query.kind](words)), limit=TOP, facets=facets)
        answer = self._index.search("principle", wanted)
        ids = [match.id for match in answer.matches]
        marked = self._marked(ids, query) if query.kind == "highlights" else ()
        return Found(ids=ids, topics=answer.facets.get("topic", {}), marked=marked)

    def close(self) -> None:
        self._index.close()
        self._quotes.close()

    @cached_property
    def _index(self) -> Index:
        return Index(self.folder / "index")

    @cached_property
    def _quotes(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "quotes.db", timeout=60)

    def _kept(self, documents: Iterable[engine.Document]) -> Iterator[Document]:
        with self._quotes as db:
            for item, words in documents:
                db.execute("INSERT OR REPLACE INTO quotes VALUES(?, ?)", (item, " ".join(words["quote"])))
                yield _document(item, words)

    def _corrected(self, typed: str) -> Sequence[str]:
        near = self._index.vocabulary("principle").near(typed)
        return [one.word for one in near if one.distance == 1]

    def _marked(self, ids: Sequence[int], query: Query) -> list[str]:
        rows = self._quotes.execute(_TEXTS.format(", ".join("?" * len(ids))), ids)
        quotes, sought = dict(rows), marks.wanted(query.words)
        return [marks.highlight(quotes[item], sought) for item in ids]


def _document(item: int, words: Mapping[str, Sequence[str]]) -> Document:
    (year,) = words["year"]
    rest = {
        "lead": (),
        "main": words["topic"][:1],
        "author": (),
        "state": ("full",),
        "day": (f"{year}-01-01",),
    }
    columns = {"support": len(words["feed"]), "flawed": 0, "newest": date(int(year), 1, 1).toordinal()}
    return Document(item, {**words, **rest}, columns)


def _spans(words: Sequence[str]) -> tuple[Span, ...]:
    return tuple(Span(words=(Word(stem=word, typed=word),)) for word in words)


def _all(words: Sequence[str]) -> tuple[Node, ...]:
    return (Both(nodes=_spans(words)),)


_PATTERNS: Mapping[Kind, Callable[[Sequence[str]], tuple[Node, ...]]] = {
    "and": _all,
    "words": _all,
    "highlights": _all,
    "or": _spans,
    "facets": _spans,
    "phrase": lambda words: (Phrase(stems=tuple(words), typed=" ".join(words)),),
    "prefix": lambda words: (Prefix(text=words[0]),),
    "fuzzy": lambda words: (Either(nodes=_spans(words)),),
}
