import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_network
from itertools import count

import pytest
from aiohttp.abc import ResolveResult
from loopback import Names, Reply, Site, Visitor, redirect, stall, stream

from ingest import fetch
from ingest.fetch import Answer, Limits, Request
from kb.errors import FeedError

LIMITS = Limits(user_agent="t", allow=(ip_network("127.0.0.1/32"),), gap=0)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://\udce9.test/",
        "http://a b.test/",
        "http://127.0.0.1:99999/",
        "http://" + "a" * 300 + ".test/",
        "http://..../",
        "http://x\x00y.test/",
        "http://user:pass@[fe80::1%25lo]/",
        "//",
        "\n",
    ],
)
def test_an_address_that_cannot_be_asked_harms_no_other(site: Site, url: str) -> None:
    site["/feed"] = b"<rss/>"

    outcomes = dict(fetch.many([Request(url=url), Request(url=site.url("/feed"))], LIMITS, Names()))

    assert isinstance(outcomes[Request(url=url)], FeedError)
    assert isinstance(outcomes[Request(url=site.url("/feed"))], Answer)


def test_a_fault_of_our_own_is_logged_and_harms_no_other(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Names):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:  # type: ignore[override]
            raise LookupError("odd")

    site["/feed"] = b"<rss/>"
    requests = [Request(url="http://a.test/"), Request(url=site.url("/feed"))]

    outcomes = dict(fetch.many(requests, LIMITS, Faulty()))

    assert type(outcomes[requests[0]]) is FeedError
    assert isinstance(outcomes[requests[1]], Answer)
    assert "LookupError: odd" in caplog.text


def test_nothing_to_ask_is_no_trouble() -> None:
    assert list(fetch.many([], LIMITS)) == []


def test_answers_come_as_they_arrive(site: Site) -> None:
    seen = threading.Event()

    def after_the_other(visitor: Visitor) -> None:
        seen.wait()
        Reply(body=b"late")(visitor)

    site["/early"], site["/late"] = b"early", after_the_other
    requests = [Request(url=site.url("/late", "a.test")), Request(url=site.url("/early", "b.test"))]
    bodies = []

    for _, outcome in fetch.many(requests, LIMITS, Names(a=["127.0.0.1"], b=["127.0.0.1"])):
        assert isinstance(outcome, Answer)
        bodies.append(outcome.body)
        seen.set()

    assert bodies == [b"early", b"late"]


def test_a_domain_is_asked_one_thing_at_a_time(site: Site) -> None:
    site["/feed"] = stream([b"a", b"b"], pause=0.001)
    site["/from"] = redirect(site.url("/feed", "a.test"))
    names = Names()
    names.known = {f"{n}.a.test": ["127.0.0.1"] for n in range(10)} | {"a.test": ["127.0.0.1"]}
    requests = [Request(url=site.url("/feed", f"{n}.A.test")) for n in range(10)]
    requests += [Request(url=site.url("/from", "a.test"))]

    outcomes = list(fetch.many(requests, LIMITS, names))

    assert len(outcomes) == 11
    assert site.most_at_once == 1


def test_hosts_that_redirect_to_the_same_one_wait_for_each_other_without_a_deadlock(site: Site) -> None:
    names = {f"h{n}": ["127.0.0.1"] for n in range(8)}
    for name in names:
        site[f"/{name}"] = redirect(site.url("/feed", "h0.test"))
    site["/feed"] = b"<rss/>"
    requests = [Request(url=site.url(f"/{name}", f"{name}.test")) for name in names]
    limits = replace(LIMITS, at_once=2)

    outcomes = [outcome for _, outcome in fetch.many(requests, limits, Names(**names))]

    assert [outcome.body for outcome in outcomes if isinstance(outcome, Answer)] == [b"<rss/>"] * 8
    assert site.most_at_once <= 2


def test_no_more_is_asked_than_can_be_held(site: Site) -> None:
    names = {f"h{n}": ["127.0.0.1"] for n in range(12)}
    site["/feed"] = b"<rss/>"
    requests = [Request(url=site.url("/feed", f"{name}.test")) for name in names]
    limits = replace(LIMITS, at_once=3)

    for taken, _ in zip(count(1), fetch.many(requests, limits, Names(**names)), strict=False):
        assert len(site.asked) <= taken + limits.at_once


@pytest.mark.parametrize(("hosts", "kept"), [(2, True), (300, False)])
def test_connections_are_kept_unless_there_would_be_too_many(site: Site, hosts: int, kept: bool) -> None:
    site["/feed"] = b"<rss/>"
    names = Names(**{f"h{n}": ["127.0.0.1"] for n in range(hosts)})

    list(fetch.many([Request(url=site.url("/feed", name)) for name in names.known], LIMITS, names))

    assert [asked.headers.get("connection") for asked in site.asked] == [None if kept else "close"] * hosts


def test_stopping_early_leaves_no_thread_behind(site: Site) -> None:
    names = {"a": ["127.0.0.1"], "b": ["127.0.0.1"]}
    site["/stall"], site["/feed"] = stall, b"<rss/>"
    requests = [Request(url=site.url("/stall", "a.test")), Request(url=site.url("/feed", "b.test"))]

    with closing(fetch.many(requests, LIMITS, Names(**names))) as outcomes:
        assert next(outcomes)[0] == requests[1]

    assert not [thread for thread in threading.enumerate() if thread.name == "background"]


A_BYTE_NOW_AND_THEN = r"""
import socket, time
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    with server.accept()[0] as connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            time.sleep(0.05)
            connection.sendall(b"x")
"""


def test_digesting_that_holds_the_interpreter_makes_no_server_seem_silent(site: Site) -> None:
    site["/feed"] = b"<rss/>"
    with subprocess.Popen([sys.executable, "-c", A_BYTE_NOW_AND_THEN], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        slow = Request(url=f"http://127.0.0.1:{int(server.stdout.readline())}/")
        limits = replace(LIMITS, read=0.6)
        names = Names(fast=["127.0.0.1"])

        with closing(
            fetch.many([slow, Request(url=site.url("/feed", "fast.test"))], limits, names)
        ) as outcomes:
            assert next(outcomes)[0] != slow
            sum(range(100_000_000))  # one call into C, which lets no other thread run
            _, outcome = next(outcomes)

    assert isinstance(outcome, Answer)
