"""Ask hubs to tell of feeds' news, and to stop (WebSub, W3C Recommendation of 23 January 2018).

Only the asking is here. What a hub does then (make sure that it was us, decline, tell of news) it does at the
site's address: see web/hub.py. Hubs are named by feeds, that is by strangers, so each is asked behind the guard.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiohttp
from sqlalchemy.engine import Engine
from yarl import URL

from ingest import fetch, politeness, reasons
from ingest.fetch import Limits
from kb import hubs, schema
from kb.errors import FeedError, Forbidden, Refused
from kb.hubs import Subscription

log = logging.getLogger(__name__)

_ELSEWHERE = frozenset({307, 308})  # the only redirects of the Recommendation (5.1.2)
_TURNED_AWAY = frozenset({429, 503})
_ACCEPTED = range(200, 300)  # it says 202; hubs older than it answer 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What to ask a hub for."""

    mode: Literal["subscribe", "unsubscribe"]
    subscription: Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    session: aiohttp.ClientSession
    limits: Limits
    turns: politeness.Turns
    room: (
        asyncio.Semaphore
    )  # taken after a turn has come: calls of one hub wait for one another, not others for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What became of the calls of one run."""

    asked: int  # to subscribe, subscriptions that run out included
    ended: int  # asked to unsubscribe
    failed: int  # of both


def renew(engine: Engine, limits: Limits, callback: str, clock: Callable[[], datetime]) -> Renewed:
    """Ask the hubs of feeds that have no lasting subscription, and end those that nobody wants any more.

    *callback* is the public address of the site, at which hubs can reach it.
    """
    # Kept before anyone is asked, for a hub may call back before it answers.
    calls = _calls(engine, clock())
    errors = asyncio.run(_send(calls, limits, callback)) if calls else []
    failures = [(call, error) for call, error in zip(calls, errors, strict=True) if error]
    with schema.writing(engine) as db:
        for call, error in failures:
            hubs.failed(db, call.subscription.feed_id, error.reason)
    asked = sum(call.mode == "subscribe" for call in calls)
    return Renewed(asked=asked, ended=len(calls) - asked, failed=len(failures))


def _calls(engine: Engine, now: datetime) -> list[Call]:
    with schema.writing(engine) as db:
        hubs.clear(db, now)
        ends = hubs.unwanted(db, now)
        for subscription in ends:
            hubs.ending(db, subscription.feed_id, now)
        begins = [
            hubs.asked(db, feed, token=secrets.token_urlsafe(32), secret=secrets.token_hex(32), now=now)
            for feed in hubs.wanted(db, now)
        ]
    return [
        *(Call(mode="subscribe", subscription=one) for one in begins),
        *(Call(mode="unsubscribe", subscription=one) for one in ends),
    ]


def form(call: Call, callback: str) -> dict[str, str]:
    """Return the fields of a request to a hub (5.1)."""
    wish = call.subscription
    fields = {
        "hub.callback": f"{callback.rstrip('/')}/websub/{wish.token}",
        "hub.mode": call.mode,
        "hub.topic": wish.topic,
    }
    if call.mode == "unsubscribe":
        return fields
    # The secret is sent to hubs without https too: whoever reads it there can at most have a feed asked early.
    lease = str(int(hubs.LEASE.total_seconds()))
    return {**fields, "hub.lease_seconds": lease, "hub.secret": wish.secret}


async def _send(calls: Sequence[Call], limits: Limits, callback: str) -> list[FeedError | None]:
    """Return what went wrong with each call."""
    turns, room = politeness.Turns(limits.gap), asyncio.Semaphore(limits.at_once)
    async with fetch.session(limits, None) as session:
        client = _Client(session=session, limits=limits, turns=turns, room=room)
        return await asyncio.gather(
            *(_error(client, call.subscription.hub, form(call, callback)) for call in calls)
        )


async def _error(client: _Client, hub: str, fields: dict[str, str]) -> FeedError | None:
    try:
        await _post(client, hub, fields)
    except FeedError as error:
        return error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return reasons.of(hub, error)
    except Exception:
        log.exception("a hub could not be asked")
        return FeedError(hub, "it could not be asked, by a fault of our own")
    return None


async def _post(client: _Client, hub: str, fields: dict[str, str]) -> None:
    """Ask a hub, or the one it sends us to; nobody asks one again that does not answer, or not now, in this run.

    A hub may have hundreds of feeds: each of them would cost a time-out.
    """
    url = URL(hub)
    for _ in range(client.limits.max_redirects + 1):
        if url.scheme not in {"http", "https"}:
            raise Forbidden(hub, "it leads to something else than an http or https address")
        try:
            status, location = await _answer(client, url, fields)
        except (aiohttp.ClientError, OSError):
            client.turns.refused(str(url), None)
            raise
        if status in _ACCEPTED:
            return
        if status in _TURNED_AWAY:
            client.turns.refused(str(url), None)
        if status not in _ELSEWHERE or location is None:
            raise Refused(hub, f"the hub answered {reasons.status(status)}")
        url = url.join(URL(location.strip())).with_fragment(None)
    raise Refused(hub, f"the hub redirects more than {client.limits.max_redirects} times")


async def _answer(client: _Client, url: URL, fields: dict[str, str]) -> tuple[int, str | None]:
    """Return status and location; the body is for developers, and not read."""
    async with (
        client.turns.turn(str(url), str(url)),
        client.room,
        asyncio.timeout(client.limits.total),
        client.session.post(url, data=fields, allow_redirects=False) as response,
    ):
        return response.status, response.headers.get("Location")
