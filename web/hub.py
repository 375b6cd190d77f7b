"""What hubs have to say of feeds' news (WebSub): the site's side of what ingest/websub.py asks for.

A hub is known by the token in the address that it calls. Strangers, and hubs that ask for what we do not want, are
told the same: there is nothing here. News is only a reason to ask the feed, at the next run; its content is not
taken from here, so a hub can neither invent posts nor change them.
"""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha1, sha256, sha384, sha512

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from kb import hubs
from kb.errors import NotFound
from kb.hubs import Subscription
from web.site import db, here, writing

LARGEST_NEWS = 2 * 1024 * 1024  # only ever hashed; a feed has 225 kB on average
_PIECE = 64 * 1024
# Those of the Recommendation (7.1.1); most hubs still sign with the first.
_METHODS = {"sha1": sha1, "sha256": sha256, "sha384": sha384, "sha512": sha512}
_LONGEST_LEASE = timedelta(days=30)
_ADDRESS = "/websub/<token>"

hub = Blueprint("hub", __name__)


@hub.get(_ADDRESS)
def intent(token: str) -> Response:
    """Confirm what we asked a hub for by repeating its challenge, or take note that it declines."""
    subscription = hubs.by_token(db(), token)
    take = _INTENTS.get(request.args.get("hub.mode", ""))
    if take is None or request.args.get("hub.topic") != subscription.topic:
        raise NotFound("nothing of the kind was asked for")
    with writing() as store:
        take(store, subscription)
    # A type that no browser shows, as the Recommendation wants it (8.2).
    return Response(request.args.get("hub.challenge", ""), mimetype="application/octet-stream")


def _subscribe(store: Connection, subscription: Subscription) -> None:
    if subscription.state == "denied" or not hubs.is_wanted(store, subscription.feed_id):
        raise NotFound("this subscription is not wanted")
    hubs.verified(store, subscription.feed_id, here().clock() + _lease())


def _lease() -> timedelta:
    seconds = request.args.get("hub.lease_seconds", "").strip()
    if not re.fullmatch(r"[0-9]{1,9}", seconds):  # a must for hubs, but older ones leave it out
        return hubs.LEASE
    return min(timedelta(seconds=int(seconds)), _LONGEST_LEASE)


def _unsubscribe(store: Connection, subscription: Subscription) -> None:
    if hubs.is_wanted(store, subscription.feed_id):
        raise NotFound("this subscription is wanted")
    hubs.remove(store, subscription.feed_id)


def _deny(store: Connection, subscription: Subscription) -> None:
    hubs.denied(store, subscription.feed_id, request.args.get("hub.reason", ""))


_INTENTS: dict[str, Callable[[Connection, Subscription], None]] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "denied": _deny,
}


@hub.post(_ADDRESS)
def news(token: str) -> Response:
    """Have a feed asked at the next run, if its hub really says that it changed."""
    subscription = hubs.by_token(db(), token)
    request.max_content_length = LARGEST_NEWS
    if _is_signed(subscription.secret) and subscription.state != "denied":
        with writing() as store:
            hubs.news(store, subscription.feed_id, here().clock())
    # The same answer to a wrong signature, so that nobody learns how near a guess was (7.1.2).
    return Response(status=202)


def _is_signed(secret: str) -> bool:
    """Say whether the body carries the signature of one who knows *secret*; it is read piece by piece."""
    name, _, given = request.headers.get("X-Hub-Signature", "").partition("=")
    method = _METHODS.get(name.strip().lower())
    if method is None:
        return False
    made = hmac.new(secret.encode(), digestmod=method)
    while piece := request.stream.read(_PIECE):
        made.update(piece)
    return hmac.compare_digest(made.hexdigest().encode(), given.strip().lower().encode("utf-8", "replace"))
