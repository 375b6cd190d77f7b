"""What is handed to worker processes and comes back, and the doors through which it goes.

Digesting needs packages and rules that take half a second to load. They are loaded where the work is done, and not
by a run that finds nothing new.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingest.parsed import ParsedFeed
from ingest.schedule import Pace
from kb.model import Digest, Known, Page, Raw, StoredRaw
from kb.sought import Sought

if TYPE_CHECKING:
    from kb.topics import Lessons


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A feed's answer, and what is kept of that feed."""

    source: str  # the feed's address
    url: str  # where the answer came from
    body: bytes
    content_type: str | None
    known: Mapping[str, Known]  # by key
    repeats: Collection[str]
    now: datetime
    lessons: "Lessons | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A new or changed entry."""

    raw: Raw
    packed: bytes  # the raw source as it is stored
    digest: Digest
    mark: str | None
    was: str | None  # the key it is kept under, if any


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """What an answer holds beyond what is kept."""

    news: tuple[News, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)  # new ones, of entries that stay as they are
    is_familiar: bool = True  # some of its entries are kept already
    repeats: frozenset[str] = frozenset()
    head: ParsedFeed | None = None  # where anything had to be parsed; without its entries
    pace: Pace | None = None
    sought: Mapping[str, Sought] = field(default_factory=dict)  # by the text of a quote, see kb/sought.py


def answer(task: Task) -> Digested:
    """Digest a feed's answer: see `digest.answer`."""
    from ingest import digest  # noqa: PLC0415

    return digest.answer(task)


def of_stored(stored: StoredRaw, now: datetime, lessons: "Lessons | None" = None) -> list[Digest]:
    """Digest what is kept of a source: see `digest.of_stored`."""
    from ingest import digest  # noqa: PLC0415

    return digest.of_stored(stored, now, lessons)


def completed(stored: StoredRaw, page: Page, now: datetime, lessons: "Lessons | None" = None) -> list[Digest]:
    """Digest an entry made whole from its page: see `digest.completed`."""
    from ingest import digest  # noqa: PLC0415

    return digest.completed(stored, page, now, lessons)


def lessons(db: Any) -> "Lessons":
    """Return what people's corrections teach: see `kb.corrections`."""
    from kb import corrections  # noqa: PLC0415

    return corrections.load(db)
