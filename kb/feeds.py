"""Subscriptions and what we know of their last fetch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, literal, select, update

from kb import address, privacy
from kb import posts as kb_posts
from kb import raws as kb_raws
from kb.errors import BadAddress, NotFound
from kb.model import Feed, ImportLine, ImportOutcome, Outline
from kb.schema import Moment, feeds, raws
from kb.schema import posts as posts_table

LONGEST_TITLE = 300
DEEPEST = 32  # folders within folders

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


def subscribe(db: Connection, outlines: Iterable[Outline], now: datetime) -> list[ImportLine]:
    """Subscribe each outline that is not there yet and say of each what became of it."""
    known = set(db.execute(select(feeds.c.url)).scalars())
    lines, rows = [], []
    for number, outline in enumerate(outlines, start=1):
        lines.append(_became(number, outline, known))
        if lines[-1].outcome == "added":
            known.add(lines[-1].url)
            rows.append(_new(outline, lines[-1].url, now))
    if rows:
        db.execute(insert(feeds), rows)
        _reclaim(db)
    return lines


def added(db: Connection, report: Iterable[ImportLine]) -> list[Feed]:
    """Return the subscriptions that are new by a report of `subscribe`."""
    urls = {line.url for line in report if line.outcome == "added"}
    return [feed for feed in all(db) if feed.url in urls]


def _became(number: int, outline: Outline, known: Set[str]) -> ImportLine:
    def line(outcome: ImportOutcome, url: str = outline.url, reason: str | None = None) -> ImportLine:
        return ImportLine(number=number, title=outline.title, url=url, outcome=outcome, reason=reason)

    if not outline.is_feed:
        return line("no feed")
    try:
        url = address.normal(outline.url)
    except BadAddress as error:
        return line("refused", reason=str(error))
    return line("added" if known.isdisjoint(address.alike(url)) else "known", url)


def _storable(text: str) -> str:
    """Return *text* without what no store takes: a command line may hold bytes that are no UTF-8."""
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", "").split())


def _reclaim(db: Connection) -> None:
    """Give feeds the posts of an earlier subscription to their address."""
    theirs = select(feeds.c.id).where(feeds.c.url == raws.c.source).scalar_subquery()
    db.execute(update(raws).where(raws.c.feed_id.is_(None), raws.c.origin == "feed").values(feed_id=theirs))


def _new(outline: Outline, url: str, now: datetime) -> dict[str, Any]:
    folder = [part for given in outline.folder if (part := _storable(given))]
    return {
        "url": url,
        # Some readers take the address for the title, its secrets included.
        "title": privacy.shown(_storable(outline.title or "") or url)[:LONGEST_TITLE],
        "site_url": outline.site_url and _storable(outline.site_url),
        "folder": folder[:DEEPEST],
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
    row = (
        db.execute(select(*_columns).where(feeds.c.url.in_(address.alike(address.normal(named)))))
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound(f"no feed is subscribed at {privacy.shown(named)}")
    return _feed(row)


def unmasked(db: Connection, source: str) -> str:
    """Return the address that `privacy.shown` shows as *source*; *source* itself where there is none."""
    if privacy.HIDDEN not in source:
        return source
    urls = db.execute(select(feeds.c.url).order_by(feeds.c.id)).scalars()
    return next((url for url in urls if privacy.shown(url) == source), source)


def existing(db: Connection, ids: Collection[int]) -> set[int]:
    """Return which of these ids are subscriptions still."""
    return set(db.execute(select(feeds.c.id).where(feeds.c.id.in_(ids))).scalars())


def due(db: Connection, now: datetime) -> Sequence[Feed]:
    """Return the feeds to ask at *now*, the longest waiting first."""
    return _active(db, feeds.c.next_due <= now)


def active(db: Connection) -> Sequence[Feed]:
    """Return all feeds that are neither paused nor gone, the longest waiting first."""
    return _active(db)


def _active(db: Connection, *conditions: ColumnElement[bool]) -> Sequence[Feed]:
    found = select(*_columns).where(feeds.c.state == "active", *conditions)
    return [_feed(row) for row in db.execute(found.order_by(feeds.c.next_due, feeds.c.id)).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an answer means for its feed; *told* are columns that it fills: etag, last_modified, pace, hub ..."""

    feed_id: int
    next_due: datetime
    why: str
    news: bool
    told: Mapping[str, Any]


def answered(db: Connection, heard: Iterable[Heard], now: datetime) -> None:
    """Note the answers of feeds."""
    alike = defaultdict(list)  # rows that fill the same columns go in one statement
    for one in heard:
        values = {
            "feed": one.feed_id,
            "checked_at": now,
            "next_due": one.next_due,
            "why": one.why,
            "failures": 0,
            **dict.fromkeys(("failing_since", "reason", "suggestion")),
            **({"changed_at": now} if one.news else {}),
            **one.told,
        }
        alike[frozenset(values)].append(values)
    for rows in alike.values():
        db.execute(update(feeds).where(feeds.c.id == bindparam("feed")), rows)


def failed(
    db: Connection, feed_id: int, *, now: datetime, next_due: datetime, why: str, reason: str, gone: bool
) -> None:
    """Note that a feed could not be read; a gone one is asked no more but stays in the list."""
    values: dict[str, Any] = {
        "checked_at": now,
        "next_due": next_due,
        "why": why,
        "reason": reason,
        "failures": feeds.c.failures + 1,
        "failing_since": func.coalesce(feeds.c.failing_since, literal(now, Moment)),
    }
    if gone:
        values["state"] = "gone"
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def put_off(db: Connection, feed_id: int, *, next_due: datetime, why: str) -> None:
    """Note that a feed was not asked, through no fault of its own."""
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(next_due=next_due, why=why))


def seen_moving(db: Connection, feed_id: int, to: str | None, on: date) -> tuple[str, ...]:
    """Note that a feed's address redirects for good, or no longer; return the days on which that was seen."""
    row = db.execute(select(feeds.c.moved_to, feeds.c.moved_on).where(feeds.c.id == feed_id)).one()
    before = tuple(row.moved_on or ()) if row.moved_to == to else ()
    days = tuple(dict.fromkeys((*before, on.isoformat()))) if to else ()
    if (to, days) != (row.moved_to, tuple(row.moved_on or ())):
        db.execute(update(feeds).where(feeds.c.id == feed_id).values(moved_to=to, moved_on=list(days)))
    return days


def move(db: Connection, feed_id: int, url: str) -> None:
    """Give a feed another address; its posts come along. BadAddress when another feed has that one."""
    new = address.normal(url)
    old = get(db, feed_id)
    same = feeds.c.url.in_(address.alike(new))
    if db.execute(select(feeds.c.id).where(same, feeds.c.id != feed_id)).first():
        raise BadAddress("another feed is subscribed there already")
    if new == old.url:
        return
    values: dict[str, Any] = dict.fromkeys(
        ("moved_to", "moved_on", "suggestion", "etag", "last_modified", "body_hash")
    )
    if old.title == privacy.shown(old.url):
        values["title"] = privacy.shown(new)[:LONGEST_TITLE]
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(url=new, **values))
    kb_raws.changed_source(db, feed_id, new)
    kb_posts.requeue(db, feed_id)


def suggest(db: Connection, feed_id: int, url: str | None) -> None:
    """Note another address that a feed's site announces, for a person to confirm; None drops it."""
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(suggestion=url))


def learned(db: Connection, feed_id: int, repeats: Iterable[str], posts: int) -> None:
    """Note which blocks stand under many of a feed's posts, as seen when it had so many."""
    values = {"repeats": sorted(repeats), "learned": posts}
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(values))


def names(feed: Feed, title: str | None, site_url: str | None) -> dict[str, str]:
    """Return what the subscription did not say: a title where only the address stood, the site's address."""
    values = {}
    if title and feed.title == privacy.shown(feed.url):
        values["title"] = privacy.shown(title)[:LONGEST_TITLE]  # some feeds are called by their address
    if site_url and feed.site_url is None:
        values["site_url"] = site_url
    return values


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
