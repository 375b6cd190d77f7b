"""The Whoosh index that follows the store's change queue.

Two Whoosh indexes stand in one folder, of principles and of posts, made of the words that `kb.documents` gives. They
are a cache: what is missing, damaged or made from another store is built anew. What it was made from is told by a
stamp, a random word that stands in the folder and in the store alike,
and changes whenever the index takes something over.

Whoosh and numpy take a sixth of a second to load, so only what opens the index loads them: most runs of cron find
nothing new.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from kb import changes, facts, schema
from kb import posts as kb_posts
from kb import principles as kb_principles
from kb.errors import Busy
from kb.wanted import Wanted

if TYPE_CHECKING:
    from kb.segments import Document
    from kb.snapshot import Snapshot
    from kb.spelling import Vocabulary
    from kb.vectors import Likeness

log = logging.getLogger(__name__)

T = TypeVar("T")
Kind = Literal["principle", "post"]
KINDS: tuple[Kind, ...] = ("principle", "post")
# Part of the files' names. Raise it when fields or stems change: every index is then built anew.
VERSION = 5
# What a word counts where it stands, see `kb.ranking` for how these were found.
WEIGHTS = {"quote": 4.0, "others": 2.0, "lead": 1.5, "title": 2.0, "topics": 1.0, "context": 1.0}
FILTERS = ("topic", "main", "feed", "year", "author", "state", "day")
COLUMNS = ("support", "flawed", "newest")
FACETS = ("topic", "feed", "year")  # the filters whose values are counted
LOCK_SECONDS = 60.0  # how long to wait for another process that writes the index
MEMORY = 512 << 20  # bytes that may be kept of both indexes
_SHARES = 4  # of the memory: what was read of each of the two, and what was made of that
# A commit removes the files of the one before it, so a reader may find them gone and has to look again.
_LOOKS = 5
_STAMP = "index stamp"  # name of the fact in the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    id: int
    score: float
    found: Mapping[str, tuple[str, ...]]  # word as typed -> fields
    related: Mapping[str, tuple[str, ...]]  # words as typed -> what stands there instead


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

    def __init__(self, folder: Path, store: Engine | None = None, memory: int = MEMORY) -> None:
        self._folder = folder
        self._store = store
        self._memory = memory // _SHARES
        self._lock = threading.Lock()
        self._snapshots: dict[Kind, Snapshot] = {}
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
                self._tidy()
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
        with suppress(OSError, UnicodeDecodeError):
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
                self._open(kind).close()
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
        self._remove_others()
        self._took_over(engine, newest)
        return len(principle_ids) + len(post_ids)

    def _remove_others(self) -> None:
        """Remove the files that an earlier version left."""
        for path in self._folder.iterdir():
            if not path.name.lstrip("_").startswith((*map(_name, KINDS), self._stamp.name)):
                path.unlink(missing_ok=True)

    def _took_over(self, engine: Engine, newest: int) -> None:
        """Forget the changes up to *newest*, and stamp index and store as belonging together."""
        stamp = secrets.token_hex(8)
        with schema.writing(engine) as db:
            changes.done(db, newest)
            facts.put(db, _STAMP, stamp)
            # A crash before the commit leaves two stamps that differ: the index is built anew.
            self._stamp.write_text(f"{stamp}\n{self._files()}")

    def _write(self, kind: Kind, found: "Iterable[Document]", instead_of: Sequence[int] | None) -> None:
        """Commit documents in the place of those of these ids; of everything, where that is None."""
        from kb import segments  # noqa: PLC0415 - see above, as all that follow

        if instead_of is None:
            self._make(kind)
        segments.commit(self._storage, _name(kind), _layout(), found, instead_of)

    def _tidy(self, kinds: Sequence[Kind] = KINDS) -> None:
        """Join small segments; what was written before can be read meanwhile."""
        from kb import segments  # noqa: PLC0415

        for kind in kinds:
            segments.tidy(self._storage, _name(kind), _layout())

    def _open(self, kind: Kind, before: "Snapshot | None" = None) -> "Snapshot":
        """Open one of the two indexes; whatever is wrong with its files comes out as any exception at all."""
        from whoosh.index import EmptyIndexError  # noqa: PLC0415

        from kb import snapshot  # noqa: PLC0415

        for _ in range(_LOOKS):
            try:
                return snapshot.newest(self._storage, _name(kind), WEIGHTS, self._memory, before)
            except EmptyIndexError as error:
                raise _Empty from error
            except FileNotFoundError:
                continue
        raise FileNotFoundError(self._folder)

    def _make(self, kind: Kind) -> None:
        """Make one of the two indexes, empty, where it is missing or cannot be opened."""
        try:
            self._open(kind).close()
        except Exception:
            from kb import segments  # noqa: PLC0415

            self._stamp.unlink(missing_ok=True)  # until it is filled it is no store's
            segments.create(self._storage, _name(kind), _layout())

    def search(self, kind: Kind, wanted: Wanted, alike: "Likeness | None" = None) -> Answer:
        """Return what answers a question, a page of it, with the facets of all of it.

        *alike* tells how near in meaning things are to the question, where that is known.
        """
        return self._ask(kind, lambda snapshot: _answer(snapshot, wanted, alike), NOTHING)

    def holders(
        self, kind: Kind, stems: Sequence[str], beside: Sequence[str] = (), field: str | None = None
    ) -> list[int]:
        """Return how many hold each of the words, in that *field* if one is given, and all of those *beside* it."""
        return self._ask(kind, lambda snapshot: snapshot.holders(stems, beside, field), [0] * len(stems))

    def beginning(self, kind: Kind, prefix: str, most: int) -> list[str]:
        """Return the words that begin so, as they are written, the most frequent first."""
        return self._ask(kind, lambda snapshot: snapshot.beginning(prefix, most), [])

    def vocabulary(self, kind: Kind) -> "Vocabulary":
        """Return the words as they are written, with how often they are said."""
        from kb.spelling import Vocabulary  # noqa: PLC0415

        return self._ask(kind, lambda snapshot: snapshot.vocabulary, Vocabulary({}))

    def counts(self, kind: Kind, facet: str) -> Mapping[str, int]:
        """Return how many have each value of a facet; those that none has any more are left out."""
        return self._ask(kind, lambda snapshot: snapshot.all_counts(facet), {})

    def values(self, kind: Kind, facet: str) -> list[str]:
        """Return the values of a facet, in order."""
        return self._ask(kind, lambda snapshot: snapshot.names(facet), [])

    def _ask(self, kind: Kind, question: "Callable[[Snapshot], T]", nothing: T) -> T:
        with self._lock:
            if self._store is not None and kind not in self._snapshots and not self._is_whole(self._store):
                self.catch_up(self._store)
            try:
                return question(self._snapshot(kind))
            except SQLAlchemyError:
                raise
            except _Empty:
                return nothing
            except Exception as error:  # damage inside a file comes out as any exception at all
                store = self._to_mend_from(error)
            self.close()
            self.rebuild(store)
            answer = question(self._snapshot(kind))
            self._is_mended = False
            return answer

    def _to_mend_from(self, error: Exception) -> Engine:
        """Return the store to build the index from; *error* itself when that would be of no use."""
        # Until a new index has answered: what fails again on that was not the files' fault.
        if self._store is None or self._is_mended:
            raise error
        log.warning("the index is damaged and will be built anew (%s)", repr(error))
        self._is_mended = True
        return self._store

    def _snapshot(self, kind: Kind) -> "Snapshot":
        """Return the newest commit; asking whether there is a newer one costs 0.05 ms.

        Where the files have gone or are being made, the last one that could be opened goes on answering.
        """
        from kb import snapshot  # noqa: PLC0415

        there = self._snapshots.get(kind)
        if there is not None:
            if snapshot.generation(self._storage, _name(kind)) == there.generation:
                return there
            if self._store is not None and not self._is_whole(self._store):
                return there
        fresh = self._open(kind, there)
        if there is not None:
            there.close()
        self._snapshots[kind] = fresh
        return fresh

    def _is_whole(self, store: Engine) -> bool:
        with store.connect() as db:
            return self._is_of(db)

    def close(self) -> None:
        """Close the files; the index may be used again afterwards."""
        for snapshot in self._snapshots.values():
            snapshot.close()
        self._snapshots.clear()


def _name(kind: Kind) -> str:
    return f"{kind}s-{VERSION}"


def _layout() -> Any:
    from kb.segments import Layout  # noqa: PLC0415

    return Layout(tuple(WEIGHTS), FILTERS, COLUMNS)


def _answer(snapshot: "Snapshot", wanted: Wanted, alike: "Likeness | None") -> Answer:
    from kb import ranking  # noqa: PLC0415

    found = ranking.rank(snapshot, wanted, alike)
    page = ranking.best(snapshot, found, wanted)
    reasons = ranking.reasons(snapshot, wanted.node, [number for number, _ in page])
    return Answer(
        total=len(found.documents),
        matches=tuple(
            Match(id=int(snapshot.ids[number]), score=score, found=reason.found, related=reason.related)
            for (number, score), reason in zip(page, reasons, strict=True)
        ),
        facets={facet: snapshot.counts(facet, found.documents) for facet in wanted.facets},
    )


def _documents(db: Connection, kind: Kind, ids: Sequence[int]) -> "Iterator[Document]":
    from kb import documents  # noqa: PLC0415

    return documents.of_principles(db, ids) if kind == "principle" else documents.of_posts(db, ids)
