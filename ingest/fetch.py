"""Ask web servers for feeds and pages: only for what changed, within limits, and never where `guard` forbids.

The talking happens in a thread of its own (`background`), so whoever digests the answers never keeps the sockets
waiting. Digesting that holds the interpreter for seconds on end cannot make a server seem silent: what arrived in
the meantime is read first. Only the limit for a whole answer keeps running.
"""

import asyncio
import logging
import re
import socket
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest import background, guard, reasons
from kb.errors import FeedError, Forbidden, Gone, Refused, TooLarge

log = logging.getLogger(__name__)

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.7"
_PACKINGS = frozenset({"", "identity", "gzip", "deflate", "br"})
_SENT_ON = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_LONGEST_LINE = 64 * 1024  # some sites send content-security policies far beyond the customary 8 KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An address to ask, and what is known of the last answer."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request that went well; `url` is as asked."""

    url: str
    final_url: str  # after redirects
    status: Literal["changed", "unchanged"]
    body: bytes = b""  # unpacked; empty if unchanged
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    permanent_url: str | None = None  # where a first unbroken row of permanent redirects led
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far to go for an answer; times are in seconds."""

    user_agent: str
    total: float = 60.0  # one request with its redirects, without waiting for its turn
    connect: float = 15.0  # name look-up included
    read: float = 30.0  # of silence
    max_bytes: int = 10_000_000  # unpacked
    max_redirects: int = 5
    at_once: int = 20
    allow: tuple[guard.Network, ...] = ()
    ports: Collection[int] = guard.WEB_PORTS


class Postponed(Refused):
    """A refusal that says how long to wait."""

    def __init__(self, url: str, reason: str, wait: timedelta) -> None:
        super().__init__(url, reason)
        self.wait = wait


Outcome = tuple[Request, Answer | FeedError]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    session: aiohttp.ClientSession
    limits: Limits
    turns: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )  # by host


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    url: str
    for_good: bool


def many(
    requests: Iterable[Request], limits: Limits, resolver: AbstractResolver | None = None
) -> Generator[Outcome, None, None]:
    """Yield what becomes of each request, as it arrives; at most one at a time is under way per host.

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
    by_host = defaultdict(list)
    for request in requests:
        by_host[_host(request.url)].append(request)
    async with _session(limits, resolver) as session, asyncio.TaskGroup() as group:
        client = _Client(session=session, limits=limits)
        for queue in by_host.values():
            group.create_task(_ask_host(client, queue, outlet))


def _session(limits: Limits, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    def opened(info: tuple[int, int, int, str, tuple[str, int]]) -> socket.socket:
        """Return a socket for the very address that is about to be connected to."""
        family, kind, protocol, _, address = info
        guard.check(address[0], address[1], limits.allow, limits.ports)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=resolver, socket_factory=opened),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": limits.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate, br"},
        # The total is counted here, not by aiohttp, which would count waiting for a host's turn.
        timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect, sock_read=limits.read),
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
        trust_env=False,
    )


async def _ask_host(client: _Client, queue: list[Request], outlet: background.Outlet[Outcome]) -> None:
    for request in queue:
        await outlet.room.acquire()
        outlet.put((request, await _outcome(client, request)))


async def _outcome(client: _Client, request: Request) -> Answer | FeedError:
    try:
        return await _follow(client, request)
    except FeedError as error:
        return error.with_traceback(None)  # or its frames would keep the answer in memory
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return reasons.of(request.url, error)
    except Exception:
        log.exception("asking failed unexpectedly", extra={"feed": request.url})
        return FeedError(request.url, "it could not be asked, by a fault of our own")


async def _follow(client: _Client, request: Request) -> Answer:
    """Ask, and go where redirects lead. A turn is held for one hop only, so nobody waits in a circle."""
    url, permanent_url, for_good = request.url, None, True
    left = client.limits.total
    seen: set[str] = set()
    while len(seen) <= client.limits.max_redirects:
        seen.add(url)
        async with client.turns[_host(url)]:
            began = asyncio.get_running_loop().time()
            async with asyncio.timeout(left):
                found = await _ask(client, request, url)
            left -= asyncio.get_running_loop().time() - began
        if isinstance(found, Answer):
            return replace(found, permanent_url=permanent_url)
        url, for_good = found.url, for_good and found.for_good
        permanent_url = url if for_good else permanent_url
        if url in seen:
            raise Refused(request.url, "its redirects lead round in a circle")
    raise Refused(request.url, f"it redirects more than {client.limits.max_redirects} times")


async def _ask(client: _Client, request: Request, url: str) -> Answer | _Moved:
    target = URL(url)
    if target.scheme not in {"http", "https"}:
        raise Forbidden(request.url, "it leads to something else than an http or https address")
    known = _validators(request)
    async with client.session.get(target, headers=known, allow_redirects=False) as response:
        if response.status in _SENT_ON and "Location" in response.headers:
            return _Moved(url=str(_location(response)), for_good=response.status in _FOR_GOOD)
        if response.status == 304 and known:  # noqa: PLR2004
            return _answer(request, response, b"")
        if response.status not in {200, 203}:
            raise _refusal(request.url, response)
        return _answer(request, response, await _body(request.url, response, client.limits.max_bytes))


def _validators(request: Request) -> dict[str, str]:
    headers = {"If-None-Match": _echo(request.etag), "If-Modified-Since": _echo(request.last_modified)}
    return {name: value for name, value in headers.items() if value is not None}


def _echo(value: str | None) -> str | None:
    """Return *value* if it can be stored and sent back as it is; undecodable bytes are not printable."""
    return value if value and value.isprintable() else None


def _location(response: aiohttp.ClientResponse) -> URL:
    return response.url.join(URL(response.headers["Location"].strip())).with_fragment(None)


def _answer(request: Request, response: aiohttp.ClientResponse, body: bytes) -> Answer:
    headers, unchanged = response.headers, response.status == 304  # noqa: PLR2004
    return Answer(
        url=request.url,
        final_url=str(response.url),
        status="unchanged" if unchanged else "changed",
        body=body,
        etag=_echo(headers.get("ETag")) or (request.etag if unchanged else None),
        last_modified=_echo(headers.get("Last-Modified")) or (request.last_modified if unchanged else None),
        content_type=_echo(headers.get("Content-Type")),
        fresh_for=_fresh_for(headers),
    )


async def _body(url: str, response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Return the whole body, unpacked piece by piece, so that a small bomb never becomes large here."""
    if response.headers.get("Content-Encoding", "").strip().lower() not in _PACKINGS:
        raise Refused(url, "the answer is packed in a way that was not asked for")
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > max_bytes:
            raise TooLarge(url, f"the answer is larger than {max_bytes:,} bytes")
    return bytes(body)


def _refusal(url: str, response: aiohttp.ClientResponse) -> FeedError:
    if response.status == 410:  # noqa: PLR2004
        return Gone(url, "the server says that it is gone for good")
    reason = f"the server answered {reasons.status(response.status)}"
    wait = _retry_after(response.headers)
    return Refused(url, reason) if wait is None else Postponed(url, reason, wait)


def _fresh_for(headers: Mapping[str, str]) -> timedelta | None:
    control = headers.get("Cache-Control", "").lower()
    age = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", control)
    if age is None or "no-cache" in control or "no-store" in control:
        return None
    return timedelta(seconds=int(age[1]))


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long to wait; a date is read by the server's own clock, which need not be ours."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return timedelta(seconds=int(value))
    then, now = _moment(value), _moment(headers.get("Date", ""))
    return max(then - now, timedelta(0)) if then and now else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
