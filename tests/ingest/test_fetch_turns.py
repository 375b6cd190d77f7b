from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from itertools import islice

from loopback import Names, Reply, Site, redirect

from ingest import fetch
from ingest.fetch import Limits, Request
from kb.errors import Postponed, Spared

# A pause of an hour: whatever waits for its end is never seen by these tests.
SLOW = Limits(user_agent="t", allow=(ip_network("127.0.0.1/32"),), gap=3600, at_once=1)
QUICK = replace(SLOW, gap=0)
NAMES = Names(a=["127.0.0.1"], b=["127.0.0.1"], c=["127.0.0.1"])


def first(count: int, urls: list[str], limits: Limits) -> list[str]:
    """Return the paths of the first *count* requests that have an outcome."""
    requests = [Request(url=url) for url in urls]
    with closing(fetch.many(requests, limits, NAMES)) as outcomes:
        return [request.url.rpartition("/")[2] for request, _ in islice(outcomes, count)]


def test_the_pause_of_one_domain_holds_up_no_other(site: Site) -> None:
    urls = [site.url("/a1", "a.test"), site.url("/a2", "a.test"), site.url("/b1", "b.test")]

    assert first(2, urls, SLOW) == ["a1", "b1"]
    assert [asked.path for asked in site.asked] == ["/a1", "/b1"]


def test_a_redirect_that_waits_for_another_domain_holds_up_nobody(site: Site) -> None:
    site["/c1"] = redirect(site.url("/a2", "a.test"))
    urls = [site.url("/a1", "a.test"), site.url("/c1", "c.test"), site.url("/b1", "b.test")]

    assert set(first(2, urls, SLOW)) == {"a1", "b1"}
    assert "/a2" not in [asked.path for asked in site.asked]


def test_waiting_for_a_turn_takes_nothing_from_the_time_for_an_answer(site: Site) -> None:
    site["/a1"] = site["/a2"] = b"<rss/>"
    limits = replace(QUICK, gap=0.3, total=0.25)
    requests = [Request(url=site.url(path, "a.test")) for path in ("/a1", "/a2")]

    assert [type(outcome) for _, outcome in fetch.many(requests, limits, NAMES)] == [fetch.Answer] * 2


def test_after_two_refusals_the_rest_of_a_domain_is_spared(site: Site) -> None:
    site["/a1"], site["/a2"] = Reply(status=503), Reply(status=429, headers={"Retry-After": "60"})
    paths = [("/a1", "a.test"), ("/a2", "www.a.test"), ("/a3", "a.test"), ("/b1", "b.test")]
    names = Names(a=["127.0.0.1"], b=["127.0.0.1"], **{"www.a": ["127.0.0.1"]})
    site["/b1"] = redirect(site.url("/a4", "a.test"))
    requests = [Request(url=site.url(path, host)) for path, host in paths]

    outcomes = dict(fetch.many(requests, QUICK, names))

    assert [type(outcomes[request]) for request in requests[:3]] == [Postponed, Postponed, Spared]
    assert not {"/a3"} & {asked.path for asked in site.asked}
    spared = outcomes[requests[2]]
    assert isinstance(spared, Spared)
    assert (spared.url, spared.wait) == (requests[2].url, timedelta(minutes=1))


def test_an_address_that_refused_one_feed_is_not_asked_for_another(site: Site) -> None:
    site["/a1"], site["/a2"] = Reply(status=503), redirect("/a1")
    site["/a3"] = b"<rss/>"
    requests = [Request(url=site.url(path, "a.test")) for path in ("/a1", "/a2", "/a3")]

    outcomes = [type(outcome) for _, outcome in fetch.many(requests, QUICK, NAMES)]

    assert outcomes == [Postponed, Spared, fetch.Answer]
    assert [asked.path for asked in site.asked].count("/a1") == 1
