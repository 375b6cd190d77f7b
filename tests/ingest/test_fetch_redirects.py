import socket
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from aiohttp.abc import AbstractResolver
from loopback import Names, Site, Visitor, raw, redirect

from ingest import fetch
from ingest.fetch import Limits, Request
from kb.errors import FeedError, Forbidden

LIMITS = Limits(user_agent="t", allow=(ip_network("127.0.0.1/32"),), gap=0)


@pytest.fixture
def forbidden() -> Iterator[socket.socket]:
    """A listener where nobody may knock."""
    with socket.create_server(("127.0.0.2", 0)) as listener:
        listener.setblocking(False)
        yield listener


def nobody_knocked(listener: socket.socket) -> bool:
    """Say whether no connection came in; the kernel has it before the one who connects knows."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def failure(url: str, limits: Limits = LIMITS, resolver: AbstractResolver | None = None) -> FeedError:
    """Return why *url* cannot be read."""
    ((_, outcome),) = fetch.many([Request(url=url)], limits, resolver)
    assert isinstance(outcome, FeedError)
    assert outcome.url == url
    return outcome


def test_the_time_for_an_answer_is_for_all_its_redirects_together(site: Site) -> None:
    limits = replace(LIMITS, total=0.3, max_redirects=10_000)

    def onward(visitor: Visitor) -> None:
        site[f"{visitor.path}x"] = onward
        visitor.site.closing.wait(0.01)
        redirect(f"{visitor.path}x")(visitor)

    site["/"] = onward

    assert failure(site.url("/"), limits).reason == "the answer took too long"


def test_redirects_are_followed(site: Site) -> None:
    site["/a"], site["/b"], site["/c"] = redirect("/b"), redirect(site.url("/c#top"), 307), b"<rss/>"

    answer = fetch.one(site.url("/a"), LIMITS)

    assert (answer.url, answer.final_url, answer.body) == (site.url("/a"), site.url("/c"), b"<rss/>")
    assert answer.permanent_url is None


@pytest.mark.parametrize(
    ("statuses", "permanent"), [((301, 308), "/c"), ((308, 302), "/b"), ((302, 301), None)]
)
def test_the_permanent_address_is_where_permanent_redirects_led(
    site: Site, statuses: tuple[int, int], permanent: str | None
) -> None:
    site["/a"], site["/b"], site["/c"] = redirect("/b", statuses[0]), redirect("/c", statuses[1]), b"<rss/>"

    answer = fetch.one(site.url("/a"), LIMITS)

    assert answer.permanent_url == (permanent and site.url(permanent))


def test_five_redirects_are_followed_but_not_six(site: Site) -> None:
    for step in range(6):
        site[f"/{step}"] = redirect(f"/{step + 1}")
    site["/6"] = b"<rss/>"

    assert fetch.one(site.url("/1"), LIMITS).final_url == site.url("/6")
    assert failure(site.url("/0")).reason == "it redirects more than 5 times"


@pytest.mark.parametrize("to", ["/feed", "/other"])
def test_redirects_in_a_circle_are_refused(site: Site, to: str) -> None:
    site["/feed"], site["/other"] = redirect(to), redirect("/feed")

    assert failure(site.url("/feed")).reason == "its redirects lead round in a circle"


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:1", "data:,x"])
def test_a_redirect_to_anything_but_the_web_is_forbidden(site: Site, to: str) -> None:
    site["/feed"] = redirect(to)

    assert isinstance(failure(site.url("/feed")), Forbidden)


@pytest.mark.parametrize("to", ["http://[::1", "http://", "http://\udce9/", "http://127.0.0.1:99999/", "//"])
def test_a_redirect_to_a_broken_address_is_a_failure(site: Site, to: str) -> None:
    location = to.encode("utf-8", "surrogateescape")
    site["/feed"] = raw(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n" % location)

    assert isinstance(failure(site.url("/feed")), FeedError)


def test_a_redirect_to_a_forbidden_address_is_not_followed(site: Site, forbidden: socket.socket) -> None:
    site["/feed"] = redirect(f"http://127.0.0.2:{forbidden.getsockname()[1]}/")

    assert isinstance(failure(site.url("/feed")), Forbidden)
    assert nobody_knocked(forbidden)


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "[::ffff:127.0.0.2]", "2130706434", "0x7f000002", "0177.0.0.2"]
)
def test_a_forbidden_address_is_not_even_connected_to(forbidden: socket.socket, host: str) -> None:
    resolver = Names()
    resolver.known = {"0x7f000002": ["127.0.0.2"]}

    assert isinstance(failure(f"http://{host}:{forbidden.getsockname()[1]}/", LIMITS, resolver), FeedError)
    assert nobody_knocked(forbidden)


def test_a_name_that_leads_to_a_forbidden_address_is_forbidden(forbidden: socket.socket) -> None:
    url = f"http://inner.test:{forbidden.getsockname()[1]}/"

    assert isinstance(failure(url, LIMITS, Names(inner=["127.0.0.2", "::1"])), Forbidden)
    assert nobody_knocked(forbidden)


@pytest.mark.parametrize("addresses", [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]])
def test_a_name_with_one_forbidden_address_is_forbidden_with_all_of_them(
    site: Site, addresses: list[str]
) -> None:
    with socket.create_server(("127.0.0.2", site.port)) as listener:
        listener.setblocking(False)
        error = failure(site.url("/feed", host="mixed.test"), LIMITS, Names(mixed=addresses))
        assert nobody_knocked(listener)

    assert isinstance(error, Forbidden)
    assert site.asked == []


def test_an_address_is_forbidden_unless_it_is_allowed_by_name(site: Site) -> None:
    error = failure(site.url("/feed"), Limits(user_agent="t"))

    assert isinstance(error, Forbidden)
    assert error.reason.startswith("it leads to this machine itself")
    assert site.asked == []
