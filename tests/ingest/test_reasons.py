import errno
from socket import EAI_AGAIN, EAI_NONAME, gaierror
from ssl import SSLCertVerificationError

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from ingest import guard, reasons
from kb.errors import Forbidden, Offline, Unreachable

KEY = ConnectionKey("example.org", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ConnectionTimeoutError(), "the server did not take the call in time"),
        (TimeoutError(), "the answer took too long"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")), "the host name is not known"),
        (
            aiohttp.ClientConnectorCertificateError(KEY, SSLCertVerificationError(1, "expired")),
            "the server's certificate is not valid",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "x")),
            "the connection failed: connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, gaierror(EAI_NONAME, "unknown")),
            "the host name is not known",
        ),
        (aiohttp.ClientConnectorError(KEY, OSError("several")), "the connection failed"),
        (UnicodeError("x"), "the address cannot be used"),
        (aiohttp.ClientError(), "the connection failed"),
    ],
)
def test_every_failure_has_plain_words(error: Exception, words: str) -> None:
    failure = reasons.of("https://example.org/?token=secret", error)

    assert type(failure) is Unreachable
    assert failure.reason == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            aiohttp.ClientConnectorDNSError(KEY, gaierror(EAI_AGAIN, "x")),
            "the host name could not be looked up",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "x")),
            "the connection failed: network is unreachable",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "x")),
            "the connection failed: no route to host",
        ),
        (aiohttp.ClientOSError(errno.ENETDOWN, "x"), "the connection failed: network is down"),
        (OSError(errno.EMFILE, "x"), "the connection failed: too many open files"),
    ],
)
def test_what_smells_of_a_machine_without_a_network_is_told_apart(error: Exception, words: str) -> None:
    failure = reasons.of("https://example.org/", error)

    assert isinstance(failure, Offline)
    assert failure.reason == words


def test_an_address_that_the_guard_refused_is_forbidden() -> None:
    error = aiohttp.ClientConnectorError(KEY, guard.AddressError("it leads to a tunnel"))

    failure = reasons.of("https://example.org/", error)

    assert isinstance(failure, Forbidden)
    assert failure.reason == "it leads to a tunnel"


@pytest.mark.parametrize(("code", "words"), [(404, "404 Not Found"), (599, "599")])
def test_a_status_is_told_in_the_standards_own_words(code: int, words: str) -> None:
    assert reasons.status(code) == words
