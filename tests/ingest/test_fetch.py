import gzip
import hashlib
import socket
import tracemalloc
import zlib
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import brotli
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from loopback import (
    Names,
    Reply,
    Script,
    Site,
    bomb,
    cut,
    drip,
    endless,
    raw,
    redirect,
    reset,
    stall,
    stream,
)

from ingest import fetch
from ingest.fetch import Answer, Limits, Request
from kb.errors import FeedError, Gone, Offline, Postponed, Refused, TooLarge, Unreachable

LIMITS = Limits(
    user_agent="Guidepost/test (+https://example.org)", allow=(ip_network("127.0.0.1/32"),), gap=0
)
SMALL = replace(LIMITS, max_bytes=1_000_000)
NOON = "Fri, 01 Mar 2024 12:00:00 GMT"


def failure(url: str, limits: Limits = LIMITS, resolver: AbstractResolver | None = None) -> FeedError:
    """Return why *url* cannot be read."""
    ((_, outcome),) = fetch.many([Request(url=url)], limits, resolver)
    assert isinstance(outcome, FeedError)
    assert outcome.url == url
    return outcome


def test_an_answer_comes_with_all_that_is_used_of_it(site: Site) -> None:
    headers = {
        "Content-Type": "text/xml",
        "Cache-Control": "public, max-age=600",
        "Link": '<https://hub.example/>; rel=hub, </feed?clean>; rel="self"',
    }
    site["/feed"] = Reply(body=b"<rss/>", etag='W/"1"', last_modified=NOON, headers=headers)

    assert fetch.one(site.url("/feed"), LIMITS) == Answer(
        url=site.url("/feed"),
        final_url=site.url("/feed"),
        status="changed",
        body=b"<rss/>",
        body_hash=hashlib.sha256(b"<rss/>").hexdigest(),
        etag='W/"1"',
        last_modified=NOON,
        content_type="text/xml",
        fresh_for=timedelta(minutes=10),
        hub="https://hub.example/",
        self_url=site.url("/feed?clean"),
    )


def test_we_say_who_we_are_and_nothing_else(site: Site) -> None:
    site["/"] = Reply(body=b"1", headers={"Set-Cookie": "id=7"})
    site["/other"] = redirect("/")

    list(fetch.many([Request(url=site.url("/other")), Request(url=site.url("/"))], LIMITS))

    assert {asked.headers["user-agent"] for asked in site.asked} == {LIMITS.user_agent}
    names = {name for asked in site.asked for name in asked.headers}
    assert names == {"host", "user-agent", "accept", "accept-encoding"}


def test_validators_are_sent_back_as_they_came(site: Site) -> None:
    site["/feed"] = Reply(body=b"<rss/>")
    request = Request(url=site.url("/feed"), etag="not quoted, ünd odd", last_modified="yesterday-ish")

    list(fetch.many([request], LIMITS))

    sent = site.asked[0].headers
    assert sent["if-none-match"].encode("latin-1").decode() == "not quoted, ünd odd"
    assert sent["if-modified-since"] == "yesterday-ish"


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    site["/feed"] = Reply(body=b"<rss/>", etag='"1"')
    request = Request(url=site.url("/feed"), etag='"1"', last_modified=NOON)

    ((_, answer),) = fetch.many([request], LIMITS)

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == ("unchanged", b"")
    assert (answer.etag, answer.last_modified) == ('"1"', NOON)


def test_an_unasked_304_is_a_refusal(site: Site) -> None:
    site["/feed"] = Reply(status=304)

    assert failure(site.url("/feed")).reason == "the server answered 304 Not Modified"


@pytest.mark.parametrize("etag", ['"\x01"', '"a\r\nX-Evil: 1"', '"\udce9"', ""])
def test_validators_that_cannot_be_sent_are_left_out(site: Site, etag: str) -> None:
    site["/feed"] = b"<rss/>"

    list(fetch.many([Request(url=site.url("/feed"), etag=etag)], LIMITS))

    assert "if-none-match" not in site.asked[0].headers


def test_validators_that_cannot_be_kept_are_dropped(site: Site) -> None:
    site["/feed"] = raw(b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nContent-Length: 0\r\n\r\n')

    assert fetch.one(site.url("/feed"), LIMITS).etag is None


@pytest.mark.parametrize("status", [200, 304])
def test_an_answer_says_how_long_it_is_fresh_changed_or_not(site: Site, status: int) -> None:
    site["/feed"] = Reply(status=status, headers={"Cache-Control": "max-age=90", "Age": "30"})

    ((_, answer),) = fetch.many([Request(url=site.url("/feed"), etag='"1"')], LIMITS)

    assert isinstance(answer, Answer)
    assert answer.fresh_for == timedelta(minutes=1)


def bare(body: bytes) -> bytes:
    """Deflate without the wrapper that the standard asks for, as some servers do."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
def test_packed_answers_are_unpacked(site: Site, encoding: str, pack: object) -> None:
    body = b"<rss>" * 10_000
    site["/feed"] = Reply(body=pack(body), headers={"Content-Encoding": encoding})  # type: ignore[operator]

    assert fetch.one(site.url("/feed"), LIMITS).body == body


def test_an_unknown_packing_is_refused(site: Site) -> None:
    site["/feed"] = Reply(body=b"x", headers={"Content-Encoding": "compress"})

    assert "packed" in failure(site.url("/feed")).reason


def test_a_broken_packing_is_told(site: Site) -> None:
    site["/feed"] = Reply(body=b"<rss/>", headers={"Content-Encoding": "gzip"})

    assert failure(site.url("/feed")).reason == "the answer broke off or is damaged"


@pytest.mark.parametrize(
    "script",
    [
        bomb,
        stream(endless()),
        Reply(body=brotli.compress(bytes(50_000_000)), headers={"Content-Encoding": "br"}),
        Reply(body=zlib.compress(bytes(50_000_000)), headers={"Content-Encoding": "deflate"}),
    ],
    ids=["gzip", "plain", "brotli", "deflate"],
)
def test_a_bomb_is_left_early(site: Site, script: Script) -> None:
    site["/feed"] = script
    tracemalloc.start()

    error = failure(site.url("/feed"), SMALL)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(error, TooLarge)
    assert error.reason == "the answer is larger than 1,000,000 bytes"
    assert peak < 5_000_000


def test_an_answer_of_exactly_the_cap_is_taken(site: Site) -> None:
    site["/feed"] = bytes(SMALL.max_bytes)

    assert len(fetch.one(site.url("/feed"), SMALL).body) == SMALL.max_bytes


def test_large_headers_are_taken(site: Site) -> None:
    site["/feed"] = Reply(body=b"1", headers={"Content-Security-Policy": "a" * 40_000})

    assert fetch.one(site.url("/feed"), LIMITS).body == b"1"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (reset, "the server hung up without an answer"),
        (cut(b"half", announced=8), "the answer broke off or is damaged"),
        (raw(b"220 mail.example ready\r\n"), "the answer is not proper HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000), "the answer is not proper HTTP"),
    ],
    ids=["reset", "cut", "other protocol", "huge header"],
)
def test_a_server_that_does_not_answer_properly_is_unreachable(
    site: Site, script: Script, reason: str
) -> None:
    site["/feed"] = script

    error = failure(site.url("/feed"))

    assert isinstance(error, Unreachable)
    assert error.reason == reason


@pytest.mark.parametrize(
    "script", [stall, stream([b"<rss>", b"never"], pause=60)], ids=["at once", "half-way"]
)
def test_a_silent_server_is_left(site: Site, script: Script) -> None:
    site["/feed"] = script
    limits = replace(LIMITS, read=0.2)

    assert failure(site.url("/feed"), limits).reason == "the server fell silent"


def test_a_server_that_dawdles_is_left(site: Site) -> None:
    site["/feed"] = drip
    limits = replace(LIMITS, total=0.3)

    assert failure(site.url("/feed"), limits).reason == "the answer took too long"


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert failure(f"http://127.0.0.1:{port}/").reason == "the connection failed: connection refused"


def test_an_unknown_name_is_unreachable() -> None:
    assert failure("http://nowhere.test/", LIMITS, Names()).reason == "the host name is not known"


def test_a_machine_without_a_name_server_is_offline() -> None:
    class Silent(Names):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # type: ignore[override]
            raise socket.gaierror(socket.EAI_AGAIN, "try again")

    assert isinstance(failure("http://feed.test/", LIMITS, Silent()), Offline)


def test_a_name_without_addresses_is_unreachable() -> None:
    assert type(failure("http://empty.test/", LIMITS, Names(empty=[]))) is Unreachable


def test_https_to_a_server_that_has_none_is_unreachable(site: Site) -> None:
    url = site.url("/feed").replace("http:", "https:")

    assert failure(url).reason == "no secure connection could be made"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, "the server answered 204 No Content"),
        (301, "the server answered 301 Moved Permanently"),
        (403, "the server answered 403 Forbidden"),
        (500, "the server answered 500 Internal Server Error"),
        (599, "the server answered 599"),
    ],
)
def test_an_answer_without_content_is_a_refusal(site: Site, status: int, reason: str) -> None:
    site["/feed"] = Reply(status=status)

    error = failure(site.url("/feed"))

    assert type(error) is Refused
    assert error.reason == reason


def test_a_feed_can_be_gone_for_good(site: Site) -> None:
    site["/feed"] = Reply(status=410)

    assert isinstance(failure(site.url("/feed")), Gone)


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, "Fri, 01 Mar 2024 12:05:00 GMT", timedelta(minutes=5)),
        (403, "120", timedelta(minutes=2)),
        (503, "soon", None),
        (429, "", None),
    ],
)
def test_a_refusal_for_now_says_when_to_come_back_if_it_can(
    site: Site, status: int, retry_after: str, wait: timedelta | None
) -> None:
    site["/feed"] = Reply(status=status, headers={"Retry-After": retry_after, "Date": NOON})

    error = failure(site.url("/feed"))

    assert isinstance(error, Postponed)
    assert error.wait == wait


def test_reasons_tell_no_secrets(site: Site) -> None:
    url = site.url("/feed?token=secret").replace("http://", "http://me:secret@")

    assert "secret" not in failure(url).reason


def test_one_address_raises_what_is_wrong_with_it(site: Site) -> None:
    with pytest.raises(Refused, match="404 Not Found"):
        fetch.one(site.url("/nothing"), LIMITS)
