"""Subscriptions at hubs, which tell of a feed's news without being asked (WebSub).

A feed has one at most, told apart by a token that nobody can guess: it is part of the address that its hub calls. The
token stays when a lease is renewed, so that what the hub sends meanwhile still arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from kb.errors import NotFound
from kb.schema import feeds, hubs

State = Literal["asked", "verified", "denied"]

LEASE = timedelta(days=10)  # "a good default", says the Recommendation under Security Considerations
_RENEWED = timedelta(days=1)  # before its end
_UNANSWERED = timedelta(hours=6)  # until a hub is asked again; also the pace of one that changes all the time
_DENIED = timedelta(days=7)
_MOST = 100  # at once, since a hub of many feeds is asked politely, about one a second
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A feed that announces a hub, and the address under which the hub knows it."""

    feed_id: int
    hub: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a hub was asked for; `lease_until` is None unless the hub has promised to tell of news."""

    feed_id: int
    hub: str
    topic: str
    token: str
    secret: str
    state: State
    asked_at: datetime
    lease_until: datetime | None
    reason: str | None


# A hub is given the address that the feed calls its own, never the one subscribed to, which may hold a secret.
_announces = and_(feeds.c.state == "active", feeds.c.hub.is_not(None), feeds.c.self_url.is_not(None))
_stands = and_(_announces, hubs.c.hub == feeds.c.hub, hubs.c.topic == feeds.c.self_url)
_both = feeds.join(hubs, hubs.c.feed_id == feeds.c.id)


def wanted(db: Connection, now: datetime) -> Sequence[Wanted]:
    """Return the feeds whose hub is to be asked now: they have no subscription there, or one that is running out."""
    due = or_(
        hubs.c.state == "asked",
        hubs.c.hub != feeds.c.hub,
        hubs.c.topic != feeds.c.self_url,
        hubs.c.lease_until < now + _RENEWED,
    )
    found = (
        select(feeds.c.id.label("feed_id"), feeds.c.hub, feeds.c.self_url.label("topic"))
        .outerjoin_from(feeds, hubs, hubs.c.feed_id == feeds.c.id)
        .where(
            _announces,
            or_(
                hubs.c.feed_id.is_(None),
                and_(hubs.c.asked_at <= now - _UNANSWERED, due),
                and_(hubs.c.asked_at <= now - _DENIED, hubs.c.state == "denied"),
            ),
        )
        .order_by(feeds.c.id)
        .limit(_MOST)
    )
    return [Wanted(**row) for row in db.execute(found).mappings()]


def unwanted(db: Connection, now: datetime) -> Sequence[Subscription]:
    """Return the live subscriptions of feeds that are paused, gone or without a hub, to be ended now."""
    is_due = hubs.c.asked_at <= now - _UNANSWERED
    return _some(db, ~_announces, hubs.c.lease_until > now, is_due)


def asked(db: Connection, feed: Wanted, *, token: str, secret: str, now: datetime) -> Subscription:
    """Note that a hub is being asked; *token* and *secret* are for a subscription that is new."""
    is_new = not _some(db, _stands, feeds.c.id == feed.feed_id)
    if is_new:
        remove(db, feed.feed_id)
        known = {"feed_id": feed.feed_id, "hub": feed.hub, "topic": feed.topic}
        db.execute(
            insert(hubs).values(known | {"token": token, "secret": secret, "state": "asked", "asked_at": now})
        )
    else:
        _set(db, feed.feed_id, state="asked", asked_at=now, reason=None)
    return _some(db, feeds.c.id == feed.feed_id)[0]


def ending(db: Connection, feed_id: int, now: datetime) -> None:
    """Note that a hub is being asked to end a subscription."""
    _set(db, feed_id, asked_at=now)


def verified(db: Connection, feed_id: int, lease_until: datetime) -> None:
    """Note that a hub has made sure that we asked, and will tell of news."""
    _set(db, feed_id, state="verified", lease_until=lease_until, reason=None)


def denied(db: Connection, feed_id: int, reason: str) -> None:
    """Note that a hub will not tell of news, or no longer."""
    _set(db, feed_id, state="denied", lease_until=None, reason=_line(reason))


def failed(db: Connection, feed_id: int, reason: str) -> None:
    """Note why a hub could not be asked; it is tried again."""
    _set(db, feed_id, reason=_line(reason))


def _line(text: str) -> str | None:
    """Return what a stranger said as something that can be stored and shown on one line."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:_LONGEST_REASON] or None


def _set(db: Connection, feed_id: int, **values: Any) -> None:
    db.execute(update(hubs).where(hubs.c.feed_id == feed_id).values(values))


def by_token(db: Connection, token: str) -> Subscription:
    """Return the subscription of a token; NotFound when there is none."""
    # PostgreSQL takes no NUL.
    found = _some(db, hubs.c.token == token) if token.isprintable() else []
    if not found:
        raise NotFound("there is no such subscription")
    return found[0]


def is_wanted(db: Connection, feed_id: int) -> bool:
    """Say whether a feed's subscription is still at the hub that the feed announces."""
    return bool(_some(db, _stands, feeds.c.id == feed_id))


def _some(db: Connection, *conditions: ColumnElement[bool]) -> list[Subscription]:
    found = select(*hubs.c).select_from(_both).where(*conditions).order_by(hubs.c.feed_id).limit(_MOST)
    return [Subscription(**row) for row in db.execute(found).mappings()]


def remove(db: Connection, feed_id: int) -> None:
    """Forget a subscription; whatever its hub still sends is unknown from now on."""
    db.execute(delete(hubs).where(hubs.c.feed_id == feed_id))


def clear(db: Connection, now: datetime) -> None:
    """Forget the subscriptions that are neither live nor wanted."""
    over = or_(hubs.c.lease_until.is_(None), hubs.c.lease_until <= now)
    theirs = select(hubs.c.feed_id).select_from(_both).where(~_announces, over)
    db.execute(delete(hubs).where(hubs.c.feed_id.in_(theirs)))


def news(db: Connection, feed_id: int, now: datetime) -> None:
    """Take a hub's word that a feed has changed: it is due now, unless it fails and is being left alone."""
    db.execute(
        update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.next_due > now, feeds.c.failures == 0)
        .values(next_due=now, why="now: its hub says that there is something new")
    )
