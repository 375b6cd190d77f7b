"""SQLite's FTS5 with bm25(); what has a topic, a feed or a year stands in a table beside it. It finds no typos."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

from bench.engine import FACETS, TOP, WEIGHTS, Document, Engine, Found, Kind, Query

_FIELDS = ", ".join(WEIGHTS)
# The words are stems, so that no stemmer is asked for.
_MAKE = f"""
    CREATE VIRTUAL TABLE said USING fts5({_FIELDS}, tokenize='ascii');
    INSERT INTO said(said, rank) VALUES('rank', 'bm25({", ".join(map(str, WEIGHTS.values()))})');
    CREATE TABLE filed(facet TEXT, id INTEGER, value TEXT, PRIMARY KEY (facet, id, value)) WITHOUT ROWID;
"""
_ADD = f"INSERT OR REPLACE INTO said(rowid, {_FIELDS}) VALUES(?, {', '.join('?' * len(WEIGHTS))})"
_FILE = "INSERT INTO filed VALUES(?, ?, ?)"
_FORGET = "DELETE FROM filed WHERE facet = ? AND id = ?"
_BEST = "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rank LIMIT ?"
_MARKED = "SELECT rowid, highlight(said, 0, '<b>', '</b>') FROM said WHERE said MATCH ? ORDER BY rank LIMIT ?"
_COUNT = """
    SELECT value, count(*) FROM said JOIN filed ON filed.facet = 'topic' AND filed.id = said.rowid
    WHERE said MATCH ? GROUP BY value
"""


class Fts5(Engine):
    kinds: ClassVar[Sequence[Kind]] = ("and", "words", "or", "phrase", "prefix", "facets", "highlights")

    @staticmethod
    def version() -> str:
        return sqlite3.sqlite_version

    def build(self, documents: Iterable[Document]) -> None:
        with self._db as db:
            db.executescript(_MAKE)
            for document in documents:
                db.execute(_ADD, _row(document))
                db.executemany(_FILE, _filings(document))
            db.execute("INSERT INTO said(said) VALUES('optimize')")

    def commit(self, new: Sequence[Document], changed: Sequence[Document]) -> None:
        with self._db as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(_FORGET, [(facet, item) for item, _ in changed for facet in FACETS])
            for document in (*new, *changed):
                db.execute(_ADD, _row(document))
                db.executemany(_FILE, _filings(document))

    def search(self, query: Query) -> Found:
        asked = _asked(query)
        if query.kind == "highlights":
            rows = self._db.execute(_MARKED, (asked, TOP)).fetchall()
            return Found(ids=[item for item, _ in rows], marked=[text for _, text in rows])
        ids = [item for (item,) in self._db.execute(_BEST, (asked, TOP))]
        counts = self._db.execute(_COUNT, (asked,)) if query.kind == "facets" else ()
        return Found(ids=ids, topics=dict(counts))

    def close(self) -> None:
        self._db.close()

    @cached_property
    def _db(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.folder / "fts5.db", timeout=60)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            db.execute(f"PRAGMA {pragma}")
        return db


def _row(document: Document) -> tuple[int | str, ...]:
    item, words = document
    return (item, *(" ".join(words[name]) for name in WEIGHTS))


def _filings(document: Document) -> Iterator[tuple[str, int, str]]:
    item, words = document
    return ((facet, item, value) for facet in FACETS for value in words[facet])


def _asked(query: Query) -> str:
    return _PATTERNS[query.kind].join(f'"{word}"' for word in query.words) + "*" * (query.kind == "prefix")


_PATTERNS: Mapping[Kind, str] = {
    "and": " AND ",
    "words": " AND ",
    "highlights": " AND ",
    "or": " OR ",
    "facets": " OR ",
    "phrase": " + ",
    "prefix": "",
}
