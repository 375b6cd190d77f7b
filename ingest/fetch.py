"""Ask web servers for feeds and pages: only for what changed, within limits, and never where `guard` forbids.

The talking happens in a thread of its own (`background`), so whoever digests the answers never keeps the sockets
waiting. Digesting that holds the interpreter for seconds on end cannot make a server seem silent: what arrived in
the meantime is read first. Only the limit for a whole answer keeps running.
"""

import asyncio
import logging
import socket
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Literal

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ingest import background, domains, freshness, guard, links, politeness, reasons, robots
from kb import privacy
from kb.errors import Disallowed, FeedError, Forbidden, Gone, Offline, Postponed, Refused, Spared, TooLarge

log = logging.getLogger(__name__)

Kind = Literal["feed", "page", "robots"]

_ACCEPT: dict[Kind, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.7",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.7",
    "robots": "text/plain, */*;q=0.7",
}
_PACKINGS = frozenset({"", "identity", "gzip", "deflate", "br"})
_VALIDATORS = frozenset({"If-None-Match", "If-Modified-Since"})
_FINE = frozenset({200, 203})
_SENT_ON = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_TURNED_AWAY = frozenset({429, 503})
_LONGEST_LINE = 64 * 1024  # some sites send content-security policies far beyond the customary 8 KiB
_MOST_DOMAINS = 256  # with connections kept open for the next request; 1,024 open files are an ordinary limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An address to ask, and what is known of the last answer.

    Whoever subscribed asks for a feed; a page is our own idea, so its site's robots.txt has a say.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    kind: Kind = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request that went well; `url` is as asked."""

    url: str
    final_url: str  # after redirects
    status: Literal["changed", "unchanged"]
    body: bytes = b""  # unpacked; empty if unchanged
    body_hash: str | None = None  # SHA-256 in hexadecimal; None if unchanged
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    permanent_url: str | None = None  # where a first unbroken row of permanent redirects led
    fresh_for: timedelta | None = None
    hub: str | None = None  # where to subscribe to changes (WebSub), and under which address
    self_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far to go for an answer; times are in seconds."""

    user_agent: str
    total: float = 60.0  # one request with its redirects, without waiting for its turn
    connect: float = 15.0  # name look-up included
    read: float = 30.0  # of silence
    gap: float = 1.0  # from the end of one request to the start of the next at the same registrable domain
    max_bytes: int = 10_000_000  # unpacked
    max_redirects: int = 5
    at_once: int = 20
    allow: tuple[guard.Network, ...] = ()
    ports: Collection[int] = guard.WEB_PORTS


Outcome = tuple[Request, Answer | FeedError]
_Place = background.Place[Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    session: aiohttp.ClientSession
    limits: Limits
    turns: politeness.Turns
    outlet: background.Outlet[Outcome]
    # By origin, as a task, since many pages of one site wait for the same answer.
    rules: dict[str, asyncio.Task[robots.Rules | FeedError]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """Where a request is on its way."""

    request: Request
    url: URL
    for_good: bool = True
    permanent_url: str | None = None


def many(
    requests: Iterable[Request], limits: Limits, resolver: AbstractResolver | None = None
) -> Generator[Outcome, None, None]:
    """Yield what becomes of each request, as it arrives; at most one at a time is under way per registrable domain.

    Close the generator (`contextlib.closing`) to stop early. It holds `limits.at_once` answers at most.
    """
    asked = tuple(requests)
    return background.stream(lambda outlet: _ask_all(asked, limits, resolver, outlet), limits.at_once)


def one(url: str, limits: Limits, resolver: AbstractResolver | None = None) -> Answer:
    """Return the answer to a single request."""
    ((_, outcome),) = many([Request(url=url)], limits, resolver)
    if isinstance(outcome, FeedError):
        raise outcome
    return outcome


async def _ask_all(
    requests: Iterable[Request],
    limits: Limits,
    resolver: AbstractResolver | None,
    outlet: background.Outlet[Outcome],
) -> None:
    by_domain = defaultdict(list)
    for request in requests:
        by_domain[domains.registrable(request.url)].append(request)
    turns, keeps = politeness.Turns(limits.gap), len(by_domain) <= _MOST_DOMAINS
    async with session(limits, resolver, keeps=keeps) as opened, asyncio.TaskGroup() as group:
        client = _Client(session=opened, limits=limits, turns=turns, outlet=outlet)
        for queue in by_domain.values():
            group.create_task(_ask_domain(client, queue))


def session(
    limits: Limits, resolver: AbstractResolver | None, *, keeps: bool = False
) -> aiohttp.ClientSession:
    """Return a session that goes nowhere `guard` forbids; it *keeps* connections for the next request if told to."""

    def opened(info: tuple[int, int, int, str, tuple[str, int]]) -> socket.socket:
        """Return a socket for the very address that is about to be connected to."""
        family, kind, protocol, _, address = info
        guard.check(address[0], address[1], limits.allow, limits.ports)
        return socket.socket(family, kind, protocol)

    guarded = _Guarded(resolver or aiohttp.ThreadedResolver(), limits)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, resolver=guarded, socket_factory=opened, force_close=not keeps
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": limits.user_agent, "Accept-Encoding": "gzip, deflate, br"},
        # The total is counted here, not by aiohttp, which would count waiting for a site's turn.
        timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect, sock_read=limits.read),
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
        trust_env=False,
    )


class _Guarded(AbstractResolver):
    """Looks names up, and refuses one with any address that is closed to us.

    A public name has no business with an inner address beside its own: which of them is connected to would be
    up to chance, or to whoever made it so.
    """

    def __init__(self, inner: AbstractResolver, limits: Limits) -> None:
        self._inner = inner
        self._limits = limits

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found:
            raise OSError(None, "a name without addresses")
        for result in found:
            guard.check(result["host"], port, self._limits.allow, self._limits.ports)
        return found

    async def close(self) -> None: ...


async def _ask_domain(client: _Client, queue: list[Request]) -> None:
    for request in queue:
        place = _Place(client.outlet)
        await place.put((request, await _outcome(client, request, place)))


async def _outcome(client: _Client, request: Request, place: _Place) -> Answer | FeedError:
    try:
        return await _follow(client, _Hop(request=request, url=URL(request.url)), place)
    except FeedError as error:
        return error.with_traceback(None)  # or its frames would keep the answer in memory
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return reasons.of(request.url, error)
    except Exception:
        log.exception("asking failed unexpectedly", extra={"feed": privacy.shown(request.url)})
        return FeedError(request.url, "it could not be asked, by a fault of our own")


async def _follow(client: _Client, hop: _Hop, place: _Place) -> Answer:
    """Ask, and go where redirects lead. Turn and place are held for one hop only, so nobody waits in a circle."""
    asked, left = hop.request.url, client.limits.total
    seen: set[URL] = set()
    while len(seen) <= client.limits.max_redirects:
        seen.add(hop.url)
        await _check(client, hop)
        async with client.turns.turn(str(hop.url), asked):
            await place.take()
            began = asyncio.get_running_loop().time()
            async with asyncio.timeout(left):
                found = await _ask(client, hop)
            left -= asyncio.get_running_loop().time() - began
        if isinstance(found, Answer):
            return found
        place.leave()
        hop = found
        if hop.url in seen:
            raise Refused(asked, "its redirects lead round in a circle")
    raise Refused(asked, f"it redirects more than {client.limits.max_redirects} times")


async def _check(client: _Client, hop: _Hop) -> None:
    """Raise why *hop* is not to be asked, as far as that can be known without asking it."""
    if hop.url.scheme not in {"http", "https"}:
        raise Forbidden(hop.request.url, "it leads to something else than an http or https address")
    if not hop.url.host:
        raise ValueError("an address without a host")
    if hop.request.kind == "page":
        await _obey(client, hop)


async def _obey(client: _Client, hop: _Hop) -> None:
    origin = str(hop.url.origin())
    if origin not in client.rules:
        client.rules[origin] = asyncio.create_task(_rules(client, origin))
    rules = await client.rules[origin]
    if isinstance(rules, FeedError):
        raise _closed(hop.request.url, rules)
    if not rules.allow(str(hop.url)):
        raise Disallowed(hop.request.url, "its site asks robots to leave this page alone")


async def _rules(client: _Client, origin: str) -> robots.Rules | FeedError:
    place = _Place(client.outlet)
    found = await _outcome(client, Request(url=f"{origin}/robots.txt", kind="robots"), place)
    place.leave()
    if isinstance(found, FeedError):
        return found
    rules = robots.Rules(found.body)
    client.turns.slow_down(origin, rules.delay)
    return rules


def _closed(url: str, why: FeedError) -> FeedError:
    """Return what unreadable rules mean for a page: hands off (RFC 9309, 2.3.1.4), unless it is our own trouble."""
    match why:
        case Offline():
            return Offline(url, why.reason)
        case Spared():
            return Spared(url, why.reason, why.wait)
    return Disallowed(url, f"its site's rules for robots could not be read: {why.reason}")


async def _ask(client: _Client, hop: _Hop) -> Answer | _Hop:
    headers = _headers(hop.request)
    async with client.session.get(hop.url, headers=headers, allow_redirects=False) as response:
        if response.status in _SENT_ON and "Location" in response.headers:
            return _onward(hop, response)
        if response.status == 304 and _VALIDATORS & headers.keys():  # noqa: PLR2004
            return _answer(hop, response, None)
        if response.status in _TURNED_AWAY:
            client.turns.refused(str(hop.url), freshness.retry_after(response.headers))
        if hop.request.kind == "robots":
            return await _robots(hop, response)
        if response.status not in _FINE:
            raise _refusal(hop.request.url, response)
        return _answer(hop, response, await _body(hop.request.url, response, client.limits.max_bytes))


def _headers(asked: Request) -> dict[str, str]:
    validators = {"If-None-Match": _echo(asked.etag), "If-Modified-Since": _echo(asked.last_modified)}
    known = {name: value for name, value in validators.items() if value is not None}
    return {"Accept": _ACCEPT[asked.kind], **known}


def _echo(value: str | None) -> str | None:
    """Return *value* if it can be stored and sent back as it is; undecodable bytes are not printable."""
    return value if value and value.isprintable() else None


def _onward(hop: _Hop, response: aiohttp.ClientResponse) -> _Hop:
    url = response.url.join(URL(response.headers["Location"].strip())).with_fragment(None)
    for_good = hop.for_good and response.status in _FOR_GOOD
    permanent_url = str(url) if for_good else hop.permanent_url
    return replace(hop, url=url, for_good=for_good, permanent_url=permanent_url)


def _answer(hop: _Hop, response: aiohttp.ClientResponse, body: bytes | None) -> Answer:
    """Return an answer; without a *body* nothing has changed."""
    asked, headers, unchanged = hop.request, response.headers, body is None
    related = links.targets(headers.getall("Link"), str(response.url)) if "Link" in headers else {}
    return Answer(
        url=asked.url,
        final_url=str(response.url),
        status="unchanged" if unchanged else "changed",
        body=body or b"",
        body_hash=None if body is None else sha256(body).hexdigest(),
        etag=_echo(headers.get("ETag")) or (asked.etag if unchanged else None),
        last_modified=_echo(headers.get("Last-Modified")) or (asked.last_modified if unchanged else None),
        content_type=_echo(headers.get("Content-Type")),
        permanent_url=hop.permanent_url,
        fresh_for=freshness.lifetime(headers),
        hub=related.get("hub"),
        self_url=related.get("self"),
    )


async def _robots(hop: _Hop, response: aiohttp.ClientResponse) -> Answer:
    """Return a robots.txt: without rules if there is none, and cut where we need not read on."""
    if 400 <= response.status < 500:  # noqa: PLR2004  RFC 9309, 2.3.1.3
        return _answer(hop, response, b"")
    if response.status not in _FINE:
        raise _refusal(hop.request.url, response)
    return _answer(hop, response, await _read(hop.request.url, response, robots.MOST_BYTES))


async def _body(url: str, response: aiohttp.ClientResponse, most: int) -> bytes:
    body = await _read(url, response, most)
    if len(body) > most:
        raise TooLarge(url, f"the answer is larger than {most:,} bytes")
    return body


async def _read(url: str, response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body, unpacked piece by piece, so that a small bomb never becomes large here.

    A body of more than *most* bytes ends with the one after them.
    """
    if response.headers.get("Content-Encoding", "").strip().lower() not in _PACKINGS:
        raise Refused(url, "the answer is packed in a way that was not asked for")
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece[: most + 1 - len(body)]
        if len(body) > most:
            break
    return bytes(body)


def _refusal(url: str, response: aiohttp.ClientResponse) -> FeedError:
    if response.status == 410:  # noqa: PLR2004
        return Gone(url, "the server says that it is gone for good")
    reason = f"the server answered {reasons.status(response.status)}"
    wait = freshness.retry_after(response.headers)
    if wait is None and response.status not in _TURNED_AWAY:
        return Refused(url, reason)
    return Postponed(url, reason, wait)
