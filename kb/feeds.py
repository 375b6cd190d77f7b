"""Subscriptions and what we know of their last fetch."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from kb.errors import BadAddress, NotFound
from kb.model import Feed, ImportLine, Outline
from kb.schema import feeds, raws
from kb.schema import posts as posts_table

LONGEST_ADDRESS = 2000
LONGEST_TITLE = 300
_UNFIT = re.compile(r"[\x00-\x20\x7f\s\ud800-\udfff]")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_post_count = (
    select(func.count())
    .select_from(raws.join(posts_table, posts_table.c.raw_id == raws.c.id))
    .where(raws.c.feed_id == feeds.c.id)
    .scalar_subquery()
    .label("posts")
)
_columns = (*feeds.c, _post_count)


def _feed(row: Any) -> Feed:
    lists = {name: tuple(row[name] or ()) for name in ("folder", "moved_on", "repeats")}
    return Feed(**{**row, **lists, "learned": row["learned"] or 0})


def address(url: str) -> str:
    """Return *url* in the one form under which a feed is known; BadAddress when it can never be fetched."""
    stripped = url.strip()
    if stripped.lower().startswith("feed:"):  # how browsers once handed feeds to readers
        stripped = stripped[5:] if "://" in stripped[5:] else "http:" + stripped[5:]
    if not stripped or len(stripped) > LONGEST_ADDRESS or _UNFIT.search(stripped):
        raise BadAddress("not a web address: empty, too long or with white space in it")
    try:
        parts = urlsplit(stripped)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise BadAddress(f"not a web address: {error}") from error
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        raise BadAddress("not a web address: it must begin with http:// or https:// and name a host")
    return urlunsplit(
        (
            parts.scheme.lower(),
            _authority(parts.netloc, host, port, parts.scheme),
            parts.path or "/",
            parts.query,
            "",
        )
    )


def _authority(netloc: str, host: str, port: int | None, scheme: str) -> str:
    credentials = netloc.rpartition("@")[0]
    named = f"[{host}]" if ":" in host else host
    with_port = named if port in (None, _DEFAULT_PORTS[scheme.lower()]) else f"{named}:{port}"
    return f"{credentials}@{with_port}" if credentials else with_port


def subscribe(db: Connection, outlines: Iterable[Outline], now: datetime) -> list[ImportLine]:
    """Subscribe each outline that is not there yet and say of each what became of it."""
    known = set(db.execute(select(feeds.c.url)).scalars())
    lines, rows = [], []
    for number, outline in enumerate(outlines, start=1):
        try:
            url = address(outline.url)
        except BadAddress as error:
            lines.append(_line(number, outline, outline.url, "refused", str(error)))
            continue
        lines.append(_line(number, outline, url, "known" if url in known else "added"))
        if url not in known:
            known.add(url)
            rows.append(_new(outline, url, now))
    if rows:
        db.execute(insert(feeds), rows)
        _reclaim(db)
    return lines


def _storable(text: str) -> str:
    """Return *text* without what no store takes: a command line may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _reclaim(db: Connection) -> None:
    """Give feeds the posts of an earlier subscription to their address."""
    theirs = select(feeds.c.id).where(feeds.c.url == raws.c.source).scalar_subquery()
    db.execute(update(raws).where(raws.c.feed_id.is_(None), raws.c.origin == "feed").values(feed_id=theirs))


def _line(number: int, outline: Outline, url: str, outcome: Any, reason: str | None = None) -> ImportLine:
    return ImportLine(number=number, title=outline.title, url=url, outcome=outcome, reason=reason)


def _new(outline: Outline, url: str, now: datetime) -> dict[str, Any]:
    return {
        "url": url,
        "title": _storable(outline.title or url)[:LONGEST_TITLE],
        "site_url": outline.site_url,
        "folder": list(map(_storable, outline.folder)),
        "state": "active",
        "added_at": now,
        "next_due": now,
        "failures": 0,
    }


def all(db: Connection) -> list[Feed]:  # noqa: A001 - read as feeds.all
    """Return every subscription, by folder and title."""
    found = [_feed(row) for row in db.execute(select(*_columns)).mappings()]
    return sorted(found, key=lambda feed: (feed.folder, feed.title.casefold(), feed.id))


def get(db: Connection, feed_id: int) -> Feed:
    """Return one subscription; NotFound when there is none of that id."""
    row = db.execute(select(*_columns).where(feeds.c.id == feed_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no feed {feed_id}")
    return _feed(row)


def find(db: Connection, named: str) -> Feed:
    """Return the subscription of an id or address; NotFound when there is none."""
    if named.isdecimal():
        return get(db, int(named))
    row = db.execute(select(*_columns).where(feeds.c.url == address(named))).mappings().first()
    if row is None:
        raise NotFound(f"no feed is subscribed at {named}")
    return _feed(row)


def due(db: Connection, now: datetime) -> Sequence[Feed]:
    """Return the feeds to ask at *now*, the longest waiting first."""
    return _active(db, feeds.c.next_due <= now)


def active(db: Connection) -> Sequence[Feed]:
    """Return all feeds that are neither paused nor gone, the longest waiting first."""
    return _active(db)


def _active(db: Connection, *conditions: ColumnElement[bool]) -> Sequence[Feed]:
    found = select(*_columns).where(feeds.c.state == "active", *conditions)
    return [_feed(row) for row in db.execute(found.order_by(feeds.c.next_due, feeds.c.id)).mappings()]


def answered(
    db: Connection,
    feed_id: int,
    *,
    now: datetime,
    next_due: datetime,
    news: bool,
    validators: dict[str, str | None],
) -> None:
    """Note an answer: `validators` are the new etag, last_modified and body_hash, if any."""
    values: dict[str, Any] = {
        "checked_at": now,
        "next_due": next_due,
        "failures": 0,
        "reason": None,
        **validators,
    }
    if news:
        values["changed_at"] = now
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def failed(
    db: Connection, feed_id: int, *, now: datetime, next_due: datetime, reason: str, gone: bool
) -> None:
    """Note that a feed could not be read; a gone one is asked no more but stays in the list."""
    values: dict[str, Any] = {
        "checked_at": now,
        "next_due": next_due,
        "reason": reason,
        "failures": feeds.c.failures + 1,
    }
    if gone:
        values["state"] = "gone"
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def named(db: Connection, feed_id: int, *, title: str | None, site_url: str | None) -> None:
    """Fill in what the subscription did not say: a title where only the address stood, the site's address."""
    feed = get(db, feed_id)
    values: dict[str, Any] = {}
    if title and feed.title == feed.url:
        values["title"] = title[:LONGEST_TITLE]
    if site_url and feed.site_url is None:
        values["site_url"] = site_url
    if values:
        db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def pause(db: Connection, feed_id: int) -> None:
    """Ask this feed no more until it is resumed."""
    _set_state(db, feed_id, state="paused")


def resume(db: Connection, feed_id: int, now: datetime) -> None:
    """Ask this feed again, at the next run."""
    _set_state(db, feed_id, state="active", next_due=now)


def _set_state(db: Connection, feed_id: int, **values: Any) -> None:
    get(db, feed_id)
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def remove(db: Connection, feed_id: int) -> None:
    """End a subscription. Its posts stay in the knowledge base."""
    get(db, feed_id)
    db.execute(delete(feeds).where(feeds.c.id == feed_id))
