from ipaddress import ip_network

import pytest
from loopback import Names, Reply, Script, Site, redirect, reset, stream

from ingest import fetch
from ingest.fetch import Answer, Limits, Request
from kb.errors import Disallowed, FeedError, Offline, Spared

LIMITS = Limits(user_agent="t", allow=(ip_network("127.0.0.1/32"),), gap=0)
NAMES = Names(a=["127.0.0.1"], b=["127.0.0.1"])
CLOSED = b"User-agent: *\nDisallow: /private"


def page(site: Site, path: str, host: str | None = None) -> Request:
    return Request(url=site.url(path, host), kind="page")


def ask(*requests: Request) -> list[Answer | FeedError]:
    """Return what became of the requests, in their order."""
    outcomes = dict(fetch.many(requests, LIMITS, NAMES))
    return [outcomes[request] for request in requests]


def paths(site: Site) -> list[str]:
    return [asked.path for asked in site.asked]


def test_a_page_is_asked_for_only_where_robots_are_welcome(site: Site) -> None:
    site["/robots.txt"], site["/post"], site["/private"] = CLOSED, b"post", b"secret"

    post, private = ask(page(site, "/post"), page(site, "/private"))

    assert isinstance(post, Answer)
    assert post.body == b"post"
    assert isinstance(private, Disallowed)
    assert private.reason == "its site asks robots to leave this page alone"
    assert paths(site) == ["/robots.txt", "/post"]


def test_a_feed_is_asked_for_without_asking_for_rules(site: Site) -> None:
    site["/robots.txt"], site["/private"] = CLOSED, b"<rss/>"

    (answer,) = ask(Request(url=site.url("/private")))

    assert isinstance(answer, Answer)
    assert paths(site) == ["/private"]


def test_every_origin_has_rules_of_its_own_asked_for_once(site: Site) -> None:
    site["/robots.txt"], site["/post"] = CLOSED, b"post"
    site["/away"] = redirect(site.url("/private", "b.test"))
    requests = [page(site, path, host) for host in ("a.test", "b.test") for path in ("/post", "/private")]

    outcomes = ask(*requests, page(site, "/away", "a.test"))

    assert [type(outcome) for outcome in outcomes] == [Answer, Disallowed, Answer, Disallowed, Disallowed]
    assert paths(site).count("/robots.txt") == 2
    assert "/private" not in paths(site)


@pytest.mark.parametrize(
    "script", [Reply(status=404), Reply(status=403), Reply(status=410), b"", b"<html>", b"\xff\x00: \xfe"]
)
def test_a_site_without_rules_closes_nothing(site: Site, script: Script | bytes) -> None:
    site["/robots.txt"], site["/post"] = script, b"post"

    assert isinstance(ask(page(site, "/post"))[0], Answer)


@pytest.mark.parametrize("script", [Reply(status=500), Reply(status=204), reset, redirect("/robots.txt")])
def test_rules_that_cannot_be_read_close_everything(site: Site, script: Script) -> None:
    site["/robots.txt"], site["/post"] = script, b"post"

    (error,) = ask(page(site, "/post"))

    assert isinstance(error, Disallowed)
    assert error.reason.startswith("its site's rules for robots could not be read: ")
    assert "/post" not in paths(site)


def test_rules_are_found_behind_redirects(site: Site) -> None:
    for step in range(4):
        site[f"/{step}"] = redirect(f"/{step + 1}")
    site["/robots.txt"], site["/4"] = redirect("/0"), CLOSED

    assert isinstance(ask(page(site, "/private"))[0], Disallowed)


def test_of_endless_rules_only_the_beginning_is_read(site: Site) -> None:
    endless = (CLOSED + b"\n" + b"#" * 100_000 for _ in range(10**9))
    site["/robots.txt"], site["/post"] = stream(endless), b"post"

    post, private = ask(page(site, "/post"), page(site, "/private"))

    assert isinstance(post, Answer)
    assert isinstance(private, Disallowed)


def test_without_a_network_of_our_own_rules_close_nothing() -> None:
    error = fetch._closed("http://a.test/", Offline("http://a.test/robots.txt", "no network"))

    assert type(error) is Offline
    assert error.url == "http://a.test/"


def test_pages_of_a_site_that_turns_everything_away_are_spared(site: Site) -> None:
    site["/one"], site["/two"] = Reply(status=503), Reply(status=503)
    feeds = [Request(url=site.url("/one")), Request(url=site.url("/two"))]

    assert isinstance(ask(*feeds, page(site, "/post"))[2], Spared)
    assert paths(site) == ["/one", "/two"]


def test_a_site_can_ask_for_a_longer_pause(site: Site) -> None:
    site["/robots.txt"], site["/post"] = b"User-agent: *\nCrawl-delay: 0.01", b"post"

    assert isinstance(ask(page(site, "/post"))[0], Answer)
