from datetime import timedelta

import pytest
from builders import FEED, NOW, digest, outline, raw
from sqlalchemy import Connection

from kb import feeds, posts
from kb.errors import BadAddress, NotFound
from kb.model import Feed
from kb.posts import Origins


def add(db: Connection, url: str = "https://a.example/feed", *folder: str, title: str | None = None) -> Feed:
    feeds.subscribe(db, [outline(url, *folder, title=title)], NOW)
    return feeds.find(db, url)


def test_each_line_is_reported_as_added_there_already_or_refused(db: Connection) -> None:
    add(db)

    report = feeds.subscribe(
        db, [outline("https://a.example/feed"), outline("https://b.example/"), outline("nonsense")], NOW
    )

    assert [line.outcome for line in report] == ["known", "added", "refused"]
    assert "http" in (report[2].reason or "")


def test_a_feed_named_twice_in_one_list_is_added_once(db: Connection) -> None:
    report = feeds.subscribe(
        db, [outline("https://a.example/x"), outline("HTTPS://A.example:443/x#top")], NOW
    )

    assert [line.outcome for line in report] == ["added", "known"]


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("  https://A.Example/Feed?x=1#part ", "https://a.example/Feed?x=1"),
        ("http://a.example:80", "http://a.example/"),
        ("https://a.example:8443/f", "https://a.example:8443/f"),
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        ("http://user:pass@a.example/rss", "http://user:pass@a.example/rss"),
        ("http://[2001:DB8::1]/rss", "http://[2001:db8::1]/rss"),
        ("http://a.example./rss", "http://a.example/rss"),
    ],
)
def test_an_address_has_one_form(given: str, known_as: str) -> None:
    assert feeds.address(given) == known_as


@pytest.mark.parametrize(
    "given",
    [
        "",
        "  ",
        "a.example/feed",
        "ftp://a.example/",
        "javascript:alert(1)",
        "http://",
        "http:///feed",
        "file:///etc/passwd",
        "http://a example/",
        "http://a.example/\x00",
        "http://[::1",
        "http://a.example:99999/",
        "http://" + "a" * 3000,
    ],
)
def test_what_can_never_be_fetched_is_no_address(given: str) -> None:
    with pytest.raises(BadAddress):
        feeds.address(given)


def test_feeds_are_listed_by_folder_and_title(db: Connection) -> None:
    add(db, "https://c.example/", "B", title="c")
    add(db, "https://b.example/", "A", "X", title="b")
    add(db, "https://a.example/", "A", title="Z")
    add(db, "https://d.example/", title="d")

    assert [(feed.folder, feed.title) for feed in feeds.all(db)] == [
        ((), "d"),
        (("A",), "Z"),
        (("A", "X"), "b"),
        (("B",), "c"),
    ]


def test_a_feed_without_a_title_is_called_by_its_address(db: Connection) -> None:
    assert add(db).title == "https://a.example/feed"


def test_a_feed_names_itself_where_the_subscription_did_not(db: Connection) -> None:
    feed = add(db)

    feeds.named(db, feed.id, title="A blog", site_url="https://a.example/")

    assert feeds.get(db, feed.id).title == "A blog"
    assert feeds.get(db, feed.id).site_url == "https://a.example/"


def test_a_given_title_is_kept(db: Connection) -> None:
    feed = add(db, title="Mine")

    feeds.named(db, feed.id, title="A blog", site_url=None)

    assert feeds.get(db, feed.id).title == "Mine"


def test_new_feeds_are_due_at_once_and_paused_ones_never(db: Connection) -> None:
    first, second = add(db, "https://a.example/"), add(db, "https://b.example/")
    feeds.pause(db, second.id)

    assert [feed.id for feed in feeds.due(db, NOW)] == [first.id]
    assert [feed.id for feed in feeds.active(db)] == [first.id]
    assert feeds.due(db, NOW - timedelta(seconds=1)) == []


def test_a_resumed_feed_is_due_again(db: Connection) -> None:
    feed = add(db)
    feeds.pause(db, feed.id)

    feeds.resume(db, feed.id, NOW)

    assert [feed.id for feed in feeds.due(db, NOW)] == [feed.id]


def test_an_answer_ends_a_row_of_failures(db: Connection) -> None:
    feed, later = add(db), NOW + timedelta(hours=1)
    feeds.failed(db, feed.id, now=NOW, next_due=later, reason="timed out", gone=False)
    feeds.failed(db, feed.id, now=NOW, next_due=later, reason="timed out", gone=False)
    assert (feeds.get(db, feed.id).failures, feeds.get(db, feed.id).reason) == (2, "timed out")

    feeds.answered(db, feed.id, now=later, next_due=later, news=True, validators={"etag": '"x"'})

    found = feeds.get(db, feed.id)
    assert (found.failures, found.reason, found.etag, found.changed_at) == (0, None, '"x"', later)


def test_an_answer_without_news_leaves_the_last_change(db: Connection) -> None:
    feed = add(db)

    feeds.answered(db, feed.id, now=NOW, next_due=NOW, news=False, validators={})

    assert feeds.get(db, feed.id).changed_at is None


def test_a_gone_feed_is_shown_but_not_asked(db: Connection) -> None:
    feed = add(db)

    feeds.failed(db, feed.id, now=NOW, next_due=NOW, reason="gone", gone=True)

    assert feeds.get(db, feed.id).state == "gone"
    assert feeds.due(db, NOW) == []


def test_a_removed_feed_leaves_its_posts(db: Connection) -> None:
    feed = add(db)
    origins = Origins(source=feed.url, origin="feed", feed_id=feed.id)
    posts.keep(db, raw("x"), origins, [digest("Own it.")], NOW)
    assert feeds.get(db, feed.id).posts == 1

    feeds.remove(db, feed.id)

    assert posts.totals(db).posts == 1
    assert posts.get(db, 1).ref.feed is None
    assert posts.get(db, 1).ref.source == FEED.source


@pytest.mark.parametrize(
    "change", [feeds.get, feeds.pause, feeds.remove, lambda db, i: feeds.resume(db, i, NOW)]
)
def test_there_is_no_feed_of_an_unknown_id(db: Connection, change: object) -> None:
    with pytest.raises(NotFound):
        change(db, 99)  # type: ignore[operator]


def test_a_feed_is_found_by_id_and_by_address(db: Connection) -> None:
    feed = add(db)

    assert feeds.find(db, str(feed.id)) == feeds.find(db, "HTTPS://a.example/feed") == feed
    with pytest.raises(NotFound):
        feeds.find(db, "https://b.example/")


def test_a_feed_that_is_subscribed_again_has_its_posts_again(db: Connection) -> None:
    feed = add(db)
    posts.keep(
        db, raw("x"), Origins(source=feed.url, origin="feed", feed_id=feed.id), [digest("Own it.")], NOW
    )
    feeds.remove(db, feed.id)

    again = add(db)

    assert again.id != feed.id
    assert again.posts == 1
    assert posts.get(db, 1).ref.feed == again.title


@pytest.mark.parametrize("url", ["https://a.example/\udcff", "https://a.example/\0"])
def test_an_address_that_cannot_be_stored_is_refused(db: Connection, url: str) -> None:
    (line,) = feeds.subscribe(db, [outline(url)], NOW)

    assert line.outcome == "refused"


def test_a_name_that_is_no_unicode_is_kept_as_far_as_it_goes(db: Connection) -> None:
    feeds.subscribe(db, [outline("https://a.example/", "Sh\udcffps", title="The \udcff blog")], NOW)

    assert (feeds.get(db, 1).title, feeds.get(db, 1).folder) == ("The ? blog", ("Sh?ps",))
