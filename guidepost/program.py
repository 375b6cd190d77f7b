"""The opened store and index, the lock of a run, and what every command may need of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from guidepost.config import Settings
from kb import schema
from kb.errors import Busy, DocumentError
from kb.index import Index
from kb.semantic import Semantic


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The opened store, index and search by meaning, and the settings they were opened by."""

    settings: Settings
    engine: Engine
    index: Index
    semantic: Semantic


def now() -> datetime:
    """Return the current time, aware."""
    return datetime.now(UTC)


def start(settings: Settings) -> Program:
    """Open store and index."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = schema.open_store(settings.database or schema.at(settings.file))
    return Program(
        settings=settings,
        engine=engine,
        index=Index(settings.index, engine, settings.search_memory << 20),
        semantic=Semantic(settings.semantic_model),
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Program]:
    """Open store and index; close them at the end."""
    program = start(settings)
    try:
        yield program
    finally:
        program.index.close()
        program.engine.dispose()


def trouble(error: Exception) -> str | None:
    """Return what is wrong with the disk, its rights or the store's file; None for a mistake of this program."""
    if isinstance(error, OSError) and error.errno:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    # SQLite's plain SQLITE_ERROR is a statement that is wrong.
    if isinstance(error, DBAPIError) and type(error) in {DatabaseError, OperationalError}:
        ours = getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR"
        return None if ours else f"the store cannot be used: {error.orig}"
    return None


@contextmanager
def alone(settings: Settings, patience: float = 0) -> Iterator[None]:
    """Hold the lock of a run; Busy when another one holds it for more than *patience* seconds.

    A killed process holds none.
    """
    try:
        with FileLock(settings.lock, timeout=patience):
            yield
    except Timeout as error:
        raise Busy("another run is under way") from error


def read(path: Path, settings: Settings) -> bytes:
    """Return a file's bytes; DocumentError when it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            body = file.read(settings.max_bytes + 1)
    except OSError as error:
        raise DocumentError(str(path), error.strerror or "it cannot be read") from error
    if len(body) > settings.max_bytes:
        raise DocumentError(str(path), f"it is larger than {settings.max_bytes:,} bytes")
    return body
