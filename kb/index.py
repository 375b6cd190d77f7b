"""The Whoosh index that follows the store's change queue.

Two Whoosh indexes stand in one folder, of principles and of posts. They hold stems made by `kb.documents`, so
that Whoosh analyses nothing itself, and ids. They are a cache: what is missing, damaged or
made from another store is built anew. What it was made from is told by a stamp, a random word that stands in the
folder and in the store alike and changes whenever the index takes something over.

Whoosh takes a twentieth of a second to load, so only what opens the index loads it: most runs of cron find nothing new.
"""

import logging
import secrets
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from kb import changes, documents, facts, schema
from kb import posts as kb_posts
from kb import principles as kb_principles
from kb.documents import Document
from kb.errors import Busy

log = logging.getLogger(__name__)

Kind = Literal["principle", "post"]
KINDS: tuple[Kind, ...] = ("principle", "post")
# Part of the files' names. Raise it when fields or stems change: every index is then built anew.
VERSION = 3
# What a word counts where it stands; tests/kb/test_search.py watches over the order that comes of it.
WEIGHTS = {"quote": 4.0, "others": 2.0, "title": 2.0, "topics": 1.0, "context": 1.0}
FACETS = ("topic", "feed", "year")
LOCK_SECONDS = 60.0  # how long to wait for another process that writes the index
# A commit removes the files of the one before it, so a reader may find them gone and has to look again.
_LOOKS = 5
_STAMP = "index stamp"  # name of the fact in the store

_FacetSets = Mapping[str, Mapping[str, frozenset[int]]]  # facet -> value -> document numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    id: int
    score: float
    found: Mapping[str, tuple[str, ...]]  # stem -> where


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    total: int
    matches: tuple[Match, ...]
    facets: Mapping[str, Mapping[str, int]]


NOTHING = Answer(total=0, matches=(), facets={facet: {} for facet in FACETS})


class _Empty(Exception):
    """There is no index in the folder."""


class Index:
    """An index in a folder. Safe to use from several threads; several processes may read while one writes.

    Where the store it follows is given, a search that finds the index missing or damaged builds it first.
    """

    def __init__(self, folder: Path, store: Engine | None = None) -> None:
        self._folder = folder
        self._store = store
        self._lock = threading.Lock()
        self._searchers: dict[Kind, Any] = {}
        self._facets: dict[Kind, _FacetSets] = {}
        self._is_mended = False

    @cached_property
    def _storage(self) -> Any:
        from whoosh.filedb.filestore import FileStorage  # noqa: PLC0415

        # A mapped file that is cut short kills the process that reads on; mapping gains a tenth of a search.
        return FileStorage(str(self._folder), supports_mmap=False)

    def catch_up(self, engine: Engine) -> int:
        """Take over what has changed in the store; return how many principles and posts that were.

        An index that is not this store's, or cannot be read, is built anew. A crash only repeats work.
        Raises Busy when another process has been writing the index for a minute.
        """
        # The lock comes before the reading: what a slower process read earlier must not replace what is newer.
        with self._writing(), engine.connect() as db:
            waiting = changes.pending(db)
            if not waiting.newest and self._is_in_place(db):
                return 0
            if not self._is_of(db):
                return self._rebuild(engine, db, waiting.newest)
            if not waiting.newest:
                return 0
            try:
                self._write("principle", _documents(db, "principle", waiting.principles), waiting.principles)
                self._write("post", _documents(db, "post", waiting.posts), waiting.posts)
            except Exception as error:  # a damaged file may raise anything at all
                log.warning("the index is damaged and will be built anew (%s)", repr(error))
                return self._rebuild(engine, db, waiting.newest)
            self._took_over(engine, waiting.newest)
        return len(waiting.principles) + len(waiting.posts)

    def rebuild(self, engine: Engine) -> int:
        """Build the index anew from the store; readers see the old one until it is ready."""
        with self._writing(), engine.connect() as db:
            return self._rebuild(engine, db, changes.pending(db).newest)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        # An operating-system lock, so a killed process leaves none behind; beside the folder, which may go.
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder.with_name(self._folder.name + ".lock"), timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise Busy("another process is writing the index") from error

    def _is_in_place(self, db: Connection) -> bool:
        """Say whether the files are those that this store's last change left, by names and sizes."""
        with suppress(OSError):
            return self._stamp.read_text() == f"{facts.get(db, _STAMP)}\n{self._files()}"
        return False

    def _files(self) -> str:
        there = sorted(path for path in self._folder.iterdir() if path != self._stamp)
        return "\n".join(f"{path.name} {path.lstat().st_size}" for path in there)

    def _is_of(self, db: Connection) -> bool:
        """Say whether the index can be opened and holds what this very store has given it."""
        stamp = facts.get(db, _STAMP)
        try:
            for kind in KINDS:
                self._open(kind)
            return self._stamp.read_text().partition("\n")[0] == stamp
        except (_Empty, FileNotFoundError):
            return False
        except Exception as error:  # a torn pickle may raise anything at all
            log.warning("the index is unreadable and will be built anew (%s)", repr(error))
            return False

    @property
    def _stamp(self) -> Path:
        return self._folder / f"stamp-{VERSION}"

    def _rebuild(self, engine: Engine, db: Connection, newest: int) -> int:
        principle_ids, post_ids = kb_principles.ids(db), kb_posts.ids(db)
        self._write("principle", _documents(db, "principle", principle_ids), None)
        self._write("post", _documents(db, "post", post_ids), None)
        self._took_over(engine, newest)
        return len(principle_ids) + len(post_ids)

    def _took_over(self, engine: Engine, newest: int) -> None:
        """Forget the changes up to *newest*, and stamp index and store as belonging together."""
        stamp = secrets.token_hex(8)
        with schema.writing(engine) as db:
            changes.done(db, newest)
            facts.put(db, _STAMP, stamp)
            # A crash before the commit leaves two stamps that differ: the index is built anew.
            self._stamp.write_text(f"{stamp}\n{self._files()}")

    def _write(self, kind: Kind, found: Iterable[Document], instead_of: Sequence[int] | None) -> None:
        """Commit documents in the place of those of these ids; of everything, where that is None."""
        from kb import segments  # noqa: PLC0415 - see above, as all that follow

        if instead_of is None:
            self._make(kind)
        segments.commit(self._storage, _name(kind), found, instead_of)

    def _open(self, kind: Kind) -> Any:
        """Open one of the two indexes; whatever is wrong with its files comes out as any exception at all."""
        from whoosh.index import EmptyIndexError  # noqa: PLC0415

        for _ in range(_LOOKS):
            try:
                return self._storage.open_index(_name(kind))
            except EmptyIndexError as error:
                raise _Empty from error
            except FileNotFoundError:
                continue
        raise FileNotFoundError(self._folder)

    def _make(self, kind: Kind) -> None:
        """Make one of the two indexes, empty, where it is missing or cannot be opened."""
        try:
            self._open(kind)
        except Exception:
            from kb import segments  # noqa: PLC0415

            self._stamp.unlink(missing_ok=True)  # until it is filled it is no store's
            segments.create(self._storage, _name(kind), segments.schema(scored=WEIGHTS, others=FACETS))

    def search(
        self, kind: Kind, words: Sequence[str], filters: Mapping[str, str], *, limit: int, offset: int
    ) -> Answer:
        """Rank what holds any of the stems *words* and meets all *filters* (facet -> value); count its facets.

        What holds no more than half as many of the words as the best match does is left out. No words at all
        match everything, the newest first.
        """
        with self._lock:
            if self._store is not None and kind not in self._searchers and not self._is_whole(self._store):
                self.catch_up(self._store)
            try:
                return self._search(kind, words, filters, limit, offset)
            except SQLAlchemyError:
                raise
            except _Empty:
                return NOTHING
            except Exception as error:  # damage inside a file comes out as any exception at all
                store = self._to_mend_from(error)
            self.close()
            self.rebuild(store)
            return self._search(kind, words, filters, limit, offset)

    def _to_mend_from(self, error: Exception) -> Engine:
        """Return the store to build the index from; *error* itself when that would be of no use."""
        # Once in a process's life: what fails again was not the files' fault.
        if self._store is None or self._is_mended:
            raise error
        log.warning("the index is damaged and will be built anew (%s)", repr(error))
        self._is_mended = True
        return self._store

    def _search(
        self, kind: Kind, words: Sequence[str], filters: Mapping[str, str], limit: int, offset: int
    ) -> Answer:
        searcher = self._searcher(kind)
        scores, found = _rank(searcher, words)
        sets = self._facet_sets(kind, searcher)
        for facet, value in filters.items():
            meets = sets[facet].get(value, frozenset())
            scores = {number: score for number, score in scores.items() if number in meets}
        order = sorted(scores, key=lambda number: (-scores[number], number if words else -number))
        return Answer(
            total=len(order),
            matches=tuple(_match(searcher, n, scores[n], found[n]) for n in order[offset : offset + limit]),
            facets=_count(sets, frozenset(order)),
        )

    def _searcher(self, kind: Kind) -> Any:
        """Return a searcher over the newest commit; a new one costs 45 ms, asking for a newer commit 0.1 ms.

        Where the files have gone or are being made, the last one that could be opened goes on answering.
        """
        there = self._searchers.get(kind)
        if there is not None and there.up_to_date():
            return there
        if there is not None and self._store is not None and not self._is_whole(self._store):
            return there
        from whoosh import scoring  # noqa: PLC0415

        fresh = self._open(kind).searcher(weighting=scoring.BM25F())
        if there is not None:
            there.close()
        self._searchers[kind] = fresh
        self._facets.pop(kind, None)
        return fresh

    def _is_whole(self, store: Engine) -> bool:
        with store.connect() as db:
            return self._is_of(db)

    def _facet_sets(self, kind: Kind, searcher: Any) -> _FacetSets:
        if kind not in self._facets:
            self._facets[kind] = {facet: _sets(searcher, facet) for facet in FACETS}
        return self._facets[kind]

    def close(self) -> None:
        """Close the files; the index may be used again afterwards."""
        for searcher in self._searchers.values():
            searcher.close()
        self._searchers.clear()
        self._facets.clear()


def _name(kind: Kind) -> str:
    return f"{kind}s-{VERSION}"


def _postings(searcher: Any, field: str, word: str) -> Iterator[tuple[int, float]]:
    """Yield document number and BM25 score of every document that holds a word."""
    if (field, word) not in searcher.reader():
        return
    matcher = searcher.postings(field, word)
    while matcher.is_active():
        yield matcher.id(), matcher.score()
        matcher.next()


def _rank(searcher: Any, words: Sequence[str]) -> tuple[dict[int, float], Mapping[int, dict[str, list[str]]]]:
    """Score what holds the words: weighted BM25 of the fields, times the share of the words that are there."""
    found: dict[int, dict[str, list[str]]] = defaultdict(dict)
    if not words:
        return dict.fromkeys(searcher.reader().all_doc_ids(), 0.0), found
    sums: dict[int, float] = defaultdict(float)
    for word in words:
        for field, weight in WEIGHTS.items():
            for number, score in _postings(searcher, field, word):
                sums[number] += weight * score
                found[number].setdefault(word, []).append(field)
    most = max(map(len, found.values()), default=0)
    return {
        n: total * len(found[n]) / len(words) for n, total in sums.items() if 2 * len(found[n]) > most
    }, found


def _match(searcher: Any, number: int, score: float, found: Mapping[str, list[str]]) -> Match:
    where = {word: tuple(fields) for word, fields in found.items()}
    from kb import segments  # noqa: PLC0415

    return Match(id=searcher.reader().column_reader(segments.ID)[number], score=score, found=where)


def _sets(searcher: Any, facet: str) -> dict[str, frozenset[int]]:
    reader = searcher.reader()
    values = [value.decode() for value in reader.lexicon(facet)]
    return {value: frozenset(reader.postings(facet, value).all_ids()) for value in values}


def _count(sets: _FacetSets, numbers: frozenset[int]) -> dict[str, dict[str, int]]:
    counts = {
        facet: {value: len(there & numbers) for value, there in values.items()}
        for facet, values in sets.items()
    }
    return {
        facet: dict(sorted(((v, n) for v, n in values.items() if n), key=lambda item: (-item[1], item[0])))
        for facet, values in counts.items()
    }


def _documents(db: Connection, kind: Kind, ids: Sequence[int]) -> Iterator[Document]:
    return documents.of_principles(db, ids) if kind == "principle" else documents.of_posts(db, ids)
