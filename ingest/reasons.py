"""Why a server could not be read, in words for people that name no address."""

import errno
import os
import socket
from http import HTTPStatus

import aiohttp

from ingest import guard
from kb.errors import FeedError, Forbidden, Offline, Unreachable

# The first that fits counts, so the narrow ones come first.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ConnectionTimeoutError, "the server did not take the call in time"),
    (aiohttp.SocketTimeoutError, "the server fell silent"),
    (TimeoutError, "the answer took too long"),
    (aiohttp.ClientConnectorDNSError, "the host name is not known"),
    (aiohttp.ClientConnectorCertificateError, "the server's certificate is not valid"),
    (aiohttp.ClientSSLError, "no secure connection could be made"),
    (aiohttp.ServerDisconnectedError, "the server hung up without an answer"),
    (aiohttp.ClientPayloadError, "the answer broke off or is damaged"),
    (aiohttp.ClientResponseError, "the answer is not proper HTTP"),
    (ValueError, "the address cannot be used"),  # aiohttp.InvalidURL and UnicodeError too
)
# What a machine without a network, or out of sockets, meets whatever it asks for. One server behind a fence can
# look the same, so only many feeds together tell. Errors that differ from address to address come without a number.
_OUR_OWN = frozenset(
    {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE}
)


def of(url: str, error: Exception) -> FeedError:
    """Return what *error*, met while asking for *url*, means for the feed."""
    inner = getattr(error, "os_error", error)
    if isinstance(inner, guard.AddressError):
        return Forbidden(url, str(inner))
    if isinstance(inner, socket.gaierror) and inner.errno == socket.EAI_AGAIN:  # EAI_NONAME is an answer
        return Offline(url, "the host name could not be looked up")
    if isinstance(inner, OSError) and inner.errno in _OUR_OWN:
        return Offline(url, _failed(inner))
    return Unreachable(
        url, next((words for kind, words in _WORDS if isinstance(error, kind)), _failed(error))
    )


def _failed(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return f"the connection failed{f': {os.strerror(number).lower()}' if number else ''}"


def status(code: int) -> str:
    """Return an HTTP status in words: the standard's own, for a server may put anything into its answer."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
