from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import DOCUMENT, NOW, STARTER, outline, raw
from feeds import item, numbered, rss
from loopback import Reply, Site
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from ingest import extract, fetch, pipeline
from ingest.fetch import Limits, Outcome, Request
from ingest.pipeline import Step, Summary
from kb import feeds, posts, principles, schema, search
from kb.errors import DocumentError, FeedError
from kb.index import Index
from kb.model import Feed, Post, Query, Raw, StoredPost

LIMITS = Limits(user_agent="test", total=5, connect=2, read=2, allow=(ip_network("127.0.0.0/8"),))
FETCH = partial(fetch.many, limits=LIMITS)


class Home:
    """A store and an index with a clock of their own, and runs over whatever is due."""

    def __init__(self, folder: Path) -> None:
        self.engine: Engine = schema.open_store(f"sqlite:///{folder / 'kb.db'}")
        self.index = Index(folder / "index")
        self.now = NOW
        self.steps: list[Step] = []

    def subscribe(self, *urls: str) -> None:
        with schema.writing(self.engine) as db:
            feeds.subscribe(db, map(outline, urls), self.now)

    def run(self, fetched: pipeline.Fetch = FETCH) -> Summary:
        """Run once, a day later than the last time."""
        self.now += timedelta(days=3)
        with self.engine.connect() as db:
            due = feeds.due(db, self.now)
        return pipeline.refresh(self.engine, self.index, due, fetched, lambda: self.now, self.steps.append)

    def feed(self, number: int = 1) -> Feed:
        with self.engine.connect() as db:
            return feeds.get(db, number)

    def posts(self) -> list[StoredPost]:
        with self.engine.connect() as db:
            return posts.many(db, posts.ids(db))

    def hits(self, text: str) -> list[str]:
        with self.engine.connect() as db:
            return [hit.principle.text for hit in search.principles(db, self.index, Query(text=text)).hits]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.index.close()
    made.engine.dispose()


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

    assert (done.changed, done.new, done.updated) == (1, 1, 0)


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


def test_a_loose_document_is_added_once(home: Home) -> None:
    page = raw("A title\n\nAlways carry the boxes to the car.\n", name="/a/notes.txt", kind="document")

    kept = pipeline.add(home.engine, page, DOCUMENT, NOW)

    assert kept is not None
    assert kept.new == 1
    assert pipeline.add(home.engine, page, DOCUMENT, NOW) is None


def test_what_is_no_document_is_refused_and_leaves_nothing(home: Home) -> None:
    with pytest.raises(DocumentError):
        pipeline.add(home.engine, raw("", kind="document"), DOCUMENT, NOW)

    assert home.posts() == []


def test_digesting_again_changes_nothing_while_the_rules_are_the_same(home: Home, site: Site) -> None:
    site["/feed"] = numbered(5)
    home.subscribe(site.url("/feed"))
    home.run()
    pipeline.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    before = home.posts()
    ticks: list[None] = []

    done = pipeline.redo(home.engine, home.index, NOW, lambda: ticks.append(None))

    assert home.posts() == before
    assert (done.kept.new, done.kept.updated, done.failed, len(ticks)) == (0, 6, 0, 6)


def test_one_source_that_cannot_be_digested_again_keeps_its_posts(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site["/feed"] = numbered(2)
    home.subscribe(site.url("/feed"))
    home.run()
    before = home.posts()
    monkeypatch.setattr(extract, "quotes", None)

    done = pipeline.redo(home.engine, home.index, NOW, lambda: None)

    assert done.failed == 2
    assert home.posts() == before


def test_a_run_over_nothing_still_lets_the_index_catch_up(home: Home) -> None:
    pipeline.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    assert home.hits("boxes") == []

    assert home.run().due == 0

    assert home.hits("boxes") == ["Always carry boxes to the car."]


def test_an_error_of_a_feed_names_no_address() -> None:
    assert FeedError("https://a.example/?token=x", "timed out").reason == "timed out"


def test_the_clock_is_only_asked(home: Home) -> None:
    assert isinstance(home.now, datetime)
    with home.engine.connect() as db:
        assert principles.ids(db) == []


def test_a_document_that_changes_while_it_is_digested_again_keeps_its_newest_form(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    newer = raw("Title\n\nNever blame another department.", kind="document")
    digests = pipeline._posts_of

    def meanwhile(old: Raw, source: str) -> Sequence[Post]:
        monkeypatch.undo()
        pipeline.add(home.engine, newer, DOCUMENT, NOW)
        return digests(old, source)

    monkeypatch.setattr(pipeline, "_posts_of", meanwhile)

    done = pipeline.redo(home.engine, home.index, NOW, lambda: None)

    assert (done.kept.updated, done.failed) == (0, 0)
    assert home.hits("blame departments") == ["Never blame another department."]
    assert home.hits("boxes") == []


def test_what_is_removed_while_everything_is_digested_again_is_not_missed(home: Home) -> None:
    for number in range(2):
        page = raw(f"Title {number}\n\nAlways carry box {number} to the car.", str(number), kind="document")
        pipeline.add(home.engine, page, STARTER, NOW)

    def remove() -> None:
        with schema.writing(home.engine) as db:
            posts.remove_origin(db, "starter")

    done = pipeline.redo(home.engine, home.index, NOW, remove)

    assert (done.failed, home.posts(), home.hits("box")) == (0, [], [])


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


def test_trouble_of_the_store_is_no_sources_fault(home: Home) -> None:
    pipeline.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    with schema.writing(home.engine) as db:
        db.exec_driver_sql("DROP TABLE quote_terms")
        db.exec_driver_sql("DROP TABLE quotes")

    with pytest.raises(OperationalError):
        pipeline.redo(home.engine, home.index, NOW, lambda: None)
