"""What a feed comes to, whatever its format, and how an entry is kept."""

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from ingest.blocks import fold

# The longest feeds have some 5,000 entries; what is beyond is not read.
MOST_ENTRIES = 10_000
MOST_TAGS = 100  # of one entry

_LONGEST_KEY = 4_000  # characters, as of links; a longer one is kept as its hash
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as its feed gives it: plain text but for the two fields of markup."""

    key: str  # guid, else link, else a hash of its content
    title: str
    url: str | None = None
    author: str | None = None
    published: datetime | None = None  # aware, UTC
    updated: datetime | None = None
    html: str | None = None  # the longest of its contents
    summary_html: str | None = None
    tags: tuple[str, ...] = ()
    site_url: str | None = None  # of the blog it comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a feed says of when to ask again, in its own words."""

    ttl: str | None = None  # RSS 2.0: minutes
    period: str | None = None  # sy:updatePeriod, such as "daily"
    frequency: str | None = None  # sy:updateFrequency: times a period
    hours: tuple[str, ...] = ()  # RSS: hours (GMT) not to ask in
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    title: str
    site_url: str | None
    entries: tuple[Entry, ...]
    shares_ids: bool = False  # so the key of an entry depends on the others too
    hints: Hints = Hints()
    hub: str | None = None  # WebSub: who tells of news without being asked
    self_url: str | None = None  # the address it names for itself


def pack(entry: Entry) -> bytes:
    """Return *entry* as bytes to keep, the same for the same entry."""
    return json.dumps(asdict(entry), default=datetime.isoformat, ensure_ascii=True, sort_keys=True).encode()


def unpack(packed: bytes) -> Entry:
    """Return the entry that `pack` made *packed* of, in this or another version of the program."""
    given = json.loads(packed)
    known = {field.name: given[field.name] for field in fields(Entry) if field.name in given}
    for name in ("published", "updated"):
        known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
    return Entry(**known | {"tags": tuple(known.get("tags") or ())})


def key(given: str, url: str | None, title: str, markup: str | None) -> str:
    """Return what an entry is known by: the id it is given, else its link, else a hash of its content."""
    known_by = fold(given) or url
    if known_by and len(known_by) <= _LONGEST_KEY:
        return known_by
    content = known_by or f"{title}\n{markup or ''}"
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def paragraphs(text: str) -> str | None:
    """Return plain *text* as markup, None where there is none."""
    parts = (part for part in _BLANK_LINE.split(text) if part.strip())
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts) or None


def distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give entries of one id a key each, their links, or else their dates; of true doubles keep the first."""
    once = _first(entries, lambda entry: (entry.key, entry.url, _particular(entry)))
    linked = _renamed(once, lambda entry: entry.url or entry.key)
    dated = _renamed(linked, lambda entry: f"{entry.key} {_particular(entry)}")
    return tuple(_first(dated, lambda entry: entry.key))


def _renamed(entries: Sequence[Entry], name: Callable[[Entry], str]) -> list[Entry]:
    ids = Counter(entry.key for entry in entries)
    return [replace(entry, key=name(entry)) if ids[entry.key] > 1 else entry for entry in entries]


def _first(entries: Iterable[Entry], by: Callable[[Entry], Hashable]) -> list[Entry]:
    found: dict[Hashable, Entry] = {}
    for entry in entries:
        found.setdefault(by(entry), entry)
    return list(found.values())


def _particular(entry: Entry) -> str:
    """Return what tells an entry from others of its id and link: revisions of one post have one date of publication."""
    if entry.published:
        return entry.published.isoformat()
    has_id = entry.url and entry.key != entry.url
    return "" if has_id else key("", None, entry.title, entry.html or entry.summary_html)
