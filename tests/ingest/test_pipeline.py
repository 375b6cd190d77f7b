from collections.abc import Generator, Iterable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import pytest
from feeds import item, numbered, rss
from home import LIMITS, Home
from loopback import Reply, Site
from sqlalchemy.exc import OperationalError

from ingest import extract, fetch, keeping, pipeline
from ingest.fetch import Outcome, Request
from ingest.workers import Ended, Here
from kb import feeds, principles, schema
from kb.errors import FeedError


def test_a_run_brings_posts_quotes_and_a_searchable_index(home: Home, site: Site) -> None:
    site["/feed"] = numbered(3)
    home.subscribe(site.url("/feed"))

    done = home.run()

    assert (done.due, done.changed, done.new, done.updated, done.failures) == (1, 1, 3, 0, ())
    assert done.quotes == done.principles == 3
    assert home.hits("blaming departments")[0] == "Never blame another department."
    assert [post.ref.feed for post in home.posts()] == ["The shop blog"] * 3


def test_a_fourth_post_is_the_only_new_one(home: Home, site: Site) -> None:
    site["/feed"] = Reply(body=numbered(3), etag='"3"')
    home.subscribe(site.url("/feed"))
    home.run()
    site["/feed"] = Reply(body=numbered(4), etag='"4"')

    done = home.run()

    assert (done.changed, done.new, done.updated, done.failures) == (1, 1, 0, ())


def test_an_unchanged_feed_answers_304_and_brings_nothing(home: Home, site: Site) -> None:
    site["/feed"] = Reply(body=numbered(3), etag='W/"three"', last_modified="Mon, 01 Jan 2024 08:00:00 GMT")
    home.subscribe(site.url("/feed"))
    home.run()

    done = home.run()

    assert site.asked[-1].headers["if-none-match"] == 'W/"three"'
    assert site.asked[-1].headers["if-modified-since"] == "Mon, 01 Jan 2024 08:00:00 GMT"
    assert (done.unchanged, done.changed, done.new, done.updated) == (1, 0, 0, 0)
    assert home.feed().etag == 'W/"three"'


def test_the_same_bytes_again_are_not_digested(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site["/feed"] = numbered(3)
    home.subscribe(site.url("/feed"))
    home.run()
    monkeypatch.setattr(extract, "quotes", None)  # any use would fail

    done = home.run()

    assert (done.unchanged, done.failed) == (1, 0)


def test_an_edited_post_is_updated_not_doubled(home: Home, site: Site) -> None:
    site["/feed"] = rss(item(1, "Always carry the boxes to the car."))
    home.subscribe(site.url("/feed"))
    home.run()
    site["/feed"] = rss(item(1, "Always hold the door for people."))

    done = home.run()

    assert (done.new, done.updated) == (0, 1)
    assert len(home.posts()) == 1
    assert home.hits("boxes") == []
    assert home.hits("door") == ["Always hold the door for people."]


def test_two_entries_of_one_name_are_one_post(home: Home, site: Site) -> None:
    site["/feed"] = rss(item(1), item(1))
    home.subscribe(site.url("/feed"))

    assert home.run().failures == ()
    home.run()

    assert len({post.ref.id for post in home.posts()}) == len(home.posts())


def test_one_bad_feed_stops_no_other(home: Home, site: Site) -> None:
    site["/good"] = numbered(1)
    site["/broken"] = Reply(status=500)
    site["/page"] = b"<html><body><p>Welcome to our shop.</p></body></html>"
    home.subscribe(site.url("/broken"), site.url("/page"), site.url("/good"))

    done = home.run()

    assert (done.due, done.changed, done.failed, done.new) == (3, 1, 2, 1)
    assert {failure.feed for failure in done.failures} == {site.url("/broken"), site.url("/page")}
    assert not any(failure.is_ours for failure in done.failures)
    assert home.feed(1).failures == 1
    assert "500" in (home.feed(1).reason or "")


def test_a_page_subscribed_as_a_feed_says_where_its_feed_is(home: Home, site: Site) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site["/"] = f"<html><head>{head}</head><body><p>Welcome.</p></body></html>".encode()
    home.subscribe(site.url("/"))

    home.run()

    assert (home.feed().reason or "").endswith("its feed is at " + site.url("/feed.xml"))


def test_a_failing_feed_is_asked_again_later_and_never_given_up(home: Home, site: Site) -> None:
    site["/feed"] = Reply(status=503)
    home.subscribe(site.url("/feed"))
    for _ in range(8):
        home.run()
    site["/feed"] = numbered(1)

    assert home.run().new == 1
    assert home.feed().failures == 0


def test_a_gone_feed_is_shown_and_asked_no_more(home: Home, site: Site) -> None:
    site["/feed"] = Reply(status=410)
    home.subscribe(site.url("/feed"))

    done = home.run()

    assert (done.gone, done.failed) == (1, 0)
    assert home.feed().state == "gone"
    assert home.run().due == 0


def test_a_server_that_asks_for_patience_gets_it(home: Home, site: Site) -> None:
    site["/feed"] = Reply(status=429, headers={"Retry-After": "500000"})
    home.subscribe(site.url("/feed"))

    home.run()

    assert home.feed().next_due >= home.now + timedelta(seconds=500_000)


def test_a_mistake_of_ours_fails_one_feed_and_is_told_apart(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site["/feed"] = numbered(1)
    site["/other"] = Reply(status=404)
    home.subscribe(site.url("/feed"), site.url("/other"))
    monkeypatch.setattr(extract, "quotes", None)

    done = home.run()

    assert {failure.is_ours for failure in done.failures} == {True, False}
    assert "Traceback" in caplog.text
    assert home.posts() == []


def test_a_subscription_that_ended_meanwhile_is_left_alone(home: Home, site: Site) -> None:
    site["/feed"] = numbered(1)
    home.subscribe(site.url("/feed"))

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for outcome in fetch.many(requests, limits=LIMITS):
            with schema.writing(home.engine) as db:
                feeds.remove(db, 1)
            yield outcome

    done = home.run(fetched)

    assert (done.new, done.failures) == (0, ())
    assert home.posts() == []


def test_each_feed_is_told_of_as_it_is_done(home: Home, site: Site) -> None:
    site["/feed"] = numbered(2)
    home.subscribe(site.url("/feed"))

    home.run()

    assert [(step.feed.url, step.kept.new) for step in home.steps] == [(site.url("/feed"), 2)]


def test_an_error_of_a_feed_names_no_address() -> None:
    assert FeedError("https://a.example/?token=x", "timed out").reason == "timed out"


def test_the_clock_is_only_asked(home: Home) -> None:
    assert isinstance(home.now, datetime)
    with home.engine.connect() as db:
        assert principles.ids(db) == []


def test_trouble_of_the_store_is_no_feeds_fault(home: Home, site: Site) -> None:
    site["/feed"] = numbered(1)
    home.subscribe(site.url("/feed"))

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for outcome in fetch.many(requests, limits=LIMITS):
            with schema.writing(home.engine) as db:
                db.exec_driver_sql("DROP TABLE quotes")
            yield outcome

    with pytest.raises(OperationalError):
        home.run(fetched)

    assert home.feed().failures == 0


def test_the_index_follows_while_a_long_run_goes_on(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "INDEXED_AT_ONCE", 1)
    monkeypatch.setattr(keeping, "MOST_POSTS", 1)
    site["/one"], site["/two"] = rss(item(1)), rss(item(2))
    home.subscribe(site.url("/one"), site.url("/two"))

    found: list[int] = []

    home.run(tick=lambda _: found.append(len(home.hits("blame another department sorry explain"))))

    assert found == [0, 1]


def test_a_document_that_its_process_does_not_survive_fails_alone(home: Home, site: Site) -> None:
    class Dying(Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            if b"Evil" not in args[0].body:
                return super().submit(fn, *args, **kwargs)
            future: Future[Any] = Future()
            future.set_exception(Ended("reading it took longer than 60 seconds"))
            return future

    site["/good"], site["/evil"] = rss(item(1)), rss(item(2), title="Evil")
    home.subscribe(site.url("/good"), site.url("/evil"))
    home.workers = Dying()

    done = home.run()

    assert (done.new, done.failed, done.failures[0].is_ours) == (1, 1, False)
    assert "longer than 60 seconds" in done.failures[0].reason
