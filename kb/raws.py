"""The raw sources that posts were made of, and the pages by which cut-off entries were made whole."""

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, union, update

from kb import fingerprint
from kb.errors import NotFound
from kb.model import Known, Origin, Origins, Page, Raw, StoredRaw
from kb.schema import feeds, pages, posts, raws

LONGEST_REASON = 300
_BATCH = 500  # values named in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanting:
    """A cut-off post whose page is to be asked."""

    raw_id: int
    url: str
    failures: int


def hash_of(raw: Raw) -> str:
    """Return what tells one version of a raw source from another."""
    return fingerprint.of_bytes(raw.body)


def known(db: Connection, source: str) -> dict[str, Known]:
    """Return what is kept of the entries of *source*, by name."""
    rows = db.execute(
        select(raws.c.name, raws.c.hash, raws.c.mark, posts.c.url, posts.c.fingerprint, posts.c.published)
        .select_from(raws.outerjoin(posts, posts.c.raw_id == raws.c.id))
        .where(raws.c.source == source, raws.c.kind == "entry")
    )
    return {name: Known(*told) for name, *told in rows}


def has_document(db: Connection, raw: Raw) -> bool:
    """Say whether a document of the very same content is kept already, whatever its name."""
    same = select(raws.c.id).where(raws.c.kind == "document", raws.c.hash == hash_of(raw))
    return db.execute(same.limit(1)).first() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A raw source to keep."""

    raw: Raw
    origins: Origins
    mark: str | None = None
    was: str | None = None  # the name it is kept under, where that is another one
    packed: bytes | None = None  # its body as it is stored, where that is worked out already


def keep(db: Connection, incoming: Sequence[Incoming]) -> list[tuple[int, bool]]:
    """Keep raw sources in place of their earlier versions; return of each its id, and whether it is new."""
    there = _there(db, incoming)
    new = [one for one, raw_id in zip(incoming, there, strict=True) if raw_id is None]
    fresh = iter(_insert(db, [_values(one) for one in new]))
    changed = [
        {"known": raw_id, **_values(one)} for one, raw_id in zip(incoming, there, strict=True) if raw_id
    ]
    if changed:
        db.execute(update(raws).where(raws.c.id == bindparam("known")), changed)
    return [(raw_id or next(fresh), raw_id is None) for raw_id in there]


def _insert(db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    if not rows:
        return []
    made = insert(raws).returning(raws.c.source, raws.c.name, raws.c.id)
    paged = {"insertmanyvalues_page_size": _BATCH // len(rows[0])}
    found = {
        (source, name): raw_id for source, name, raw_id in db.execute(made, rows, execution_options=paged)
    }
    return [found[row["source"], row["name"]] for row in rows]


def _values(one: Incoming) -> dict[str, Any]:
    return {
        "kind": one.raw.kind,
        "name": one.raw.name,
        "source": one.origins.source,
        "origin": one.origins.origin,
        "feed_id": one.origins.feed_id,
        "hash": hash_of(one.raw),
        "body": one.packed or zlib.compress(one.raw.body),
        "mark": one.mark,
    }


def _there(db: Connection, incoming: Sequence[Incoming]) -> list[int | None]:
    """Return the ids under which these are kept already."""
    wanted = defaultdict(set)
    for one in incoming:
        wanted[_home(one)].add(one.was or one.raw.name)
    found = {home: _ids(db, home, sorted(names)) for home, names in wanted.items()}
    return [found[_home(one)].get(one.was or one.raw.name) for one in incoming]


def _home(one: Incoming) -> str | None:
    """Return the source within which a name counts: the same document may be named by several paths."""
    return one.origins.source if one.raw.kind == "entry" else None


def _ids(db: Connection, source: str | None, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    kept = select(raws.c.name, raws.c.id).where(
        raws.c.kind == "document" if source is None else (raws.c.source == source) & (raws.c.kind == "entry")
    )
    for start in range(0, len(names), _BATCH):
        rows = db.execute(kept.where(raws.c.name.in_(names[start : start + _BATCH])))
        found.update({row.name: row.id for row in rows})
    return found


def mark(db: Connection, source: str, marks: Mapping[str, str]) -> None:
    """Note new marks (by name) of entries that have stayed as they are."""
    if marks:
        statement = update(raws).where(raws.c.source == source, raws.c.name == bindparam("entry"))
        rows = [{"entry": name, "seen": value} for name, value in marks.items()]
        db.execute(statement.values(mark=bindparam("seen")), rows)


def ids(db: Connection, feed_id: int | None = None) -> list[int]:
    """Return the ids of all raw sources, or of a feed's, oldest first."""
    wanted = select(raws.c.id) if feed_id is None else select(raws.c.id).where(raws.c.feed_id == feed_id)
    return list(db.execute(wanted.order_by(raws.c.id)).scalars())


def get(db: Connection, raw_id: int) -> StoredRaw:
    """Return a raw source as it was kept; NotFound when there is none of that id."""
    of_page = (
        pages.c.url,
        pages.c.content_type,
        pages.c.body.label("page"),
        pages.c.reason,
        pages.c.asked_again_at,
    )
    found = select(*raws.c, *of_page, feeds.c.repeats)
    joined = raws.outerjoin(pages, pages.c.raw_id == raws.c.id).outerjoin(feeds, feeds.c.id == raws.c.feed_id)
    row = db.execute(found.select_from(joined).where(raws.c.id == raw_id)).first()
    if row is None:
        raise NotFound(f"there is no raw source {raw_id}")
    return StoredRaw(
        id=row.id,
        raw=Raw(kind=row.kind, name=row.name, body=zlib.decompress(row.body)),
        origins=Origins(source=row.source, origin=row.origin, feed_id=row.feed_id),
        page=row.page and Page(url=row.url, content_type=row.content_type, body=zlib.decompress(row.page)),
        is_refused=row.reason is not None and row.asked_again_at is None,
        repeats=tuple(row.repeats or ()),
    )


def changed_source(db: Connection, feed_id: int, source: str) -> None:
    """Let a feed's raw sources follow it to a new address; what is kept of that address already stays there."""
    taken = select(raws.c.name).where(raws.c.source == source)
    moved = update(raws).where(raws.c.feed_id == feed_id, raws.c.name.not_in(taken))
    db.execute(moved.values(source=source))


def remove_origin(db: Connection, origin: Origin) -> None:
    """Remove all raw sources of an origin; their posts go first."""
    db.execute(delete(raws).where(raws.c.origin == origin))


def wanting(db: Connection, now: datetime, per_feed: int) -> list[Wanting]:
    """Return the cut-off posts of feeds whose page should be asked at *now*, the newest of each feed first."""
    newest = func.row_number().over(
        partition_by=raws.c.feed_id,
        order_by=(func.coalesce(posts.c.published, posts.c.added_at).desc(), posts.c.id.desc()),
    )
    cut_off = select(posts.c.id).where(
        posts.c.completeness == "excerpt", posts.c.raw_id.not_in(select(pages.c.raw_id))
    )
    again = select(pages.c.raw_id).where(pages.c.asked_again_at <= now)
    # By indexes, one for each part of the condition: joined first, every post kept would be looked at.
    either = union(cut_off, select(posts.c.id).where(posts.c.raw_id.in_(again)))
    found = (
        select(
            raws.c.id, posts.c.url, func.coalesce(pages.c.failures, 0).label("failures"), newest.label("n")
        )
        .select_from(
            raws.join(posts, posts.c.raw_id == raws.c.id)
            .join(feeds, feeds.c.id == raws.c.feed_id)
            .outerjoin(pages, pages.c.raw_id == raws.c.id)
        )
        .where(
            raws.c.kind == "entry",
            feeds.c.state == "active",
            posts.c.url.is_not(None),
            posts.c.id.in_(either),
        )
        .subquery()
    )
    rows = db.execute(select(found).where(found.c.n <= per_feed).order_by(found.c.n, found.c.id))
    return [Wanting(raw_id=row.id, url=row.url, failures=row.failures) for row in rows]


def keep_page(db: Connection, raw_id: int, page: Page, now: datetime) -> None:
    """Keep the page by which an entry was made whole."""
    _put_page(
        db,
        raw_id,
        url=page.url,
        content_type=page.content_type,
        body=zlib.compress(page.body),
        asked_at=now,
        failures=0,
    )


def fail_page(
    db: Connection,
    raw_id: int,
    url: str,
    now: datetime,
    *,
    again: datetime | None,
    reason: str,
    failures: int,
) -> None:
    """Note why an entry could not be made whole, and when to try again, if ever; NotFound when it is gone."""
    get(db, raw_id)
    _put_page(
        db,
        raw_id,
        url=url,
        asked_at=now,
        asked_again_at=again,
        failures=failures,
        reason=reason[:LONGEST_REASON],
    )


def _put_page(db: Connection, raw_id: int, **values: object) -> None:
    db.execute(delete(pages).where(pages.c.raw_id == raw_id))
    db.execute(insert(pages).values(raw_id=raw_id, **values))


def paged(db: Connection, source: str, now: datetime, edited: Collection[str]) -> dict[str, StoredRaw]:
    """Return which of the *edited* entries of *source* were made whole from a page, and have it asked anew."""
    rows = db.execute(
        select(raws.c.name, raws.c.id)
        .join(pages, pages.c.raw_id == raws.c.id)
        .where(raws.c.source == source, pages.c.body.is_not(None))
    )
    found = {name: raw_id for name, raw_id in rows if name in edited}
    if found:
        again = update(pages).where(pages.c.raw_id == bindparam("entry")).values(asked_again_at=now)
        db.execute(again, [{"entry": raw_id} for raw_id in found.values()])
    return {name: get(db, raw_id) for name, raw_id in found.items()}
