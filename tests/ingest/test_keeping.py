from collections.abc import Generator, Iterable
from datetime import timedelta

import pytest
from feeds import item, numbered, rss
from home import FETCH, Home
from loopback import Reply, Site, redirect

from ingest.fetch import Outcome, Request
from kb import feeds, schema
from kb import posts as kb_posts
from kb.errors import Offline, Postponed, Spared, Unreachable


def failing(*errors: type[Unreachable]) -> object:
    """Return a fetch whose first answers are these errors, in the order asked."""

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for request, error in zip(requests, errors, strict=True):
            yield request, error(request.url, "no answer")

    return fetched


def test_a_feed_that_cannot_be_kept_fails_alone(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site["/bad"], site["/good"] = rss(item(1)), rss(item(2), item(3))
    home.subscribe(site.url("/bad"), site.url("/good"))
    keep_all = kb_posts.keep_all

    def picky(db, found, now, shelf):  # type: ignore[no-untyped-def]
        if any(one.origins.source.endswith("/bad") for one in found):
            raise ValueError("odd")
        return keep_all(db, found, now, shelf)

    monkeypatch.setattr(kb_posts, "keep_all", picky)

    done = home.run()

    assert (done.new, done.failed) == (2, 1)
    assert [(failure.feed, failure.is_ours) for failure in done.failures] == [(site.url("/bad"), True)]
    assert home.feed(1).failures == 1


def test_a_machine_that_is_offline_does_not_count_against_its_feeds(home: Home) -> None:
    home.subscribe("https://a.example/feed", "https://b.example/feed")
    before = home.feed(1)

    done = home.run(failing(Offline, Unreachable))

    assert (done.due, done.failed) == (2, 2)
    assert all(failure.is_offline for failure in done.failures)
    assert home.feed(1) == before


def test_silence_of_several_sites_at_once_is_the_machines(home: Home) -> None:
    home.subscribe(*(f"https://{name}.example/feed" for name in "abc"))

    home.run(failing(Unreachable, Unreachable, Unreachable))

    assert home.feed(1).failures == 0


def test_one_silent_site_is_its_own_fault(home: Home) -> None:
    home.subscribe("https://a.example/feed")

    done = home.run(failing(Unreachable))

    assert not done.failures[0].is_offline
    assert home.feed().failures == 1


def test_whoever_is_silent_while_others_answer_has_failed(home: Home, site: Site) -> None:
    site["/feed"] = numbered(1)
    home.subscribe("https://a.example/feed", site.url("/feed"), "https://b.example/feed")

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        first, second, third = requests
        yield first, Offline(first.url, "no answer")
        yield from FETCH([second])
        yield third, Offline(third.url, "no answer")

    done = home.run(fetched)

    assert (done.new, done.failed) == (1, 2)
    assert [home.feed(number).failures for number in (1, 2, 3)] == [1, 0, 1]


def test_a_feed_that_was_spared_has_not_failed(home: Home) -> None:
    home.subscribe("https://a.example/feed")

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for request in requests:
            yield request, Spared(request.url, "its site asks for patience", timedelta(hours=9))

    home.run(fetched)

    assert home.feed().failures == 0
    assert home.feed().next_due >= home.now + timedelta(hours=9)
    assert home.feed().why == "its site asks for patience"


def test_a_refusal_says_how_long_to_wait(home: Home) -> None:
    home.subscribe("https://a.example/feed")

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for request in requests:
            yield request, Postponed(request.url, "429 Too Many Requests", timedelta(days=4))

    home.run(fetched)

    feed = home.feed()
    assert (feed.failures, feed.failing_since) == (1, home.now)
    assert feed.next_due >= home.now + timedelta(days=4)


def test_since_when_a_feed_fails_is_known_until_it_answers(home: Home, site: Site) -> None:
    site["/feed"] = Reply(status=404)
    home.subscribe(site.url("/feed"))
    home.run()
    since = home.now
    home.run()
    assert (home.feed().failing_since, home.feed().failures) == (since, 2)
    site["/feed"] = numbered(1)

    home.run()

    assert (home.feed().failing_since, home.feed().reason) == (None, None)


def test_a_feed_that_has_moved_for_good_is_followed_after_some_days(home: Home, site: Site) -> None:
    site["/old"] = numbered(2)
    home.subscribe(site.url("/old"))
    home.run()
    site["/old"], site["/new"] = redirect("/new", 301), numbered(3)

    home.run()
    home.run()
    assert home.feed().url == site.url("/old")
    assert home.feed().moved_to == site.url("/new")
    home.run()

    assert (home.feed().url, home.feed().moved_to) == (site.url("/new"), None)
    assert {post.ref.source for post in home.posts()} == {site.url("/new")}
    assert home.run().new == 0


def test_a_move_that_is_taken_back_is_forgotten(home: Home, site: Site) -> None:
    site["/old"], site["/new"] = redirect("/new", 301), numbered(1)
    home.subscribe(site.url("/old"))
    home.run()
    home.run()
    site["/old"] = numbered(1)

    home.run()

    assert (home.feed().moved_to, home.feed().moved_on) == (None, ())


def test_a_move_to_another_blog_is_not_followed(home: Home, site: Site) -> None:
    site["/old"] = numbered(2)
    home.subscribe(site.url("/old"))
    home.run()
    site["/old"] = redirect("/ads", 301)
    for day in range(20, 25):
        site["/ads"] = rss(item(day))

        home.run()

    assert home.feed().url == site.url("/old")


def test_a_move_to_the_address_of_another_feed_is_left_to_a_person(home: Home, site: Site) -> None:
    site["/old"], site["/new"] = redirect("/new", 308), numbered(2)
    home.subscribe(site.url("/old"), site.url("/new"))
    for _ in range(5):
        home.run()

    assert (home.feed(1).url, home.feed(1).moved_to) == (site.url("/old"), site.url("/new"))


def test_a_feed_may_be_removed_while_it_is_asked(home: Home, site: Site) -> None:
    site["/feed"] = Reply(status=500)
    home.subscribe(site.url("/feed"))

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for outcome in FETCH(requests):
            with schema.writing(home.engine) as db:
                feeds.remove(db, 1)
            yield outcome

    assert home.run(fetched).due == 1
