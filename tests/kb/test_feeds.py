from datetime import date, datetime, timedelta

import pytest
from builders import FEED, NOW, digest, outline, raw
from sqlalchemy import Connection

from kb import changes, feeds, posts, privacy
from kb.errors import BadAddress, NotFound
from kb.feeds import Heard
from kb.model import Feed, Outline
from kb.posts import Origins


def add(db: Connection, url: str = "https://a.example/feed", *folder: str, title: str | None = None) -> Feed:
    feeds.subscribe(db, [outline(url, *folder, title=title)], NOW)
    return feeds.find(db, url)


def heard(feed: Feed, due: datetime = NOW, why: str = "", *, news: bool = False, **told: str) -> Heard:
    return Heard(feed_id=feed.id, next_due=due, why=why, news=news, told=told)


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


def test_http_and_https_of_one_address_are_one_feed(db: Connection) -> None:
    add(db, "https://a.example/feed")

    (line,) = feeds.subscribe(db, [outline("http://a.example/feed")], NOW)

    assert line.outcome == "known"
    assert feeds.find(db, "http://a.example/feed").url == "https://a.example/feed"


def test_a_line_that_is_no_feed_is_neither_subscribed_nor_refused(db: Connection) -> None:
    report = feeds.subscribe(db, [Outline(url="", title="Sort by date", is_feed=False)], NOW)

    assert [line.outcome for line in report] == ["no feed"]
    assert feeds.all(db) == []


def test_the_new_feeds_of_a_report_are_known(db: Connection) -> None:
    add(db)
    report = feeds.subscribe(db, [outline("https://a.example/feed"), outline("https://b.example/")], NOW)

    assert [feed.url for feed in feeds.added(db, report)] == ["https://b.example/"]


def test_a_secret_in_the_address_does_not_become_the_title(db: Connection) -> None:
    url = "https://a.example/feed?token=hunter2"

    assert add(db, url).title == "https://a.example/feed?token=…"
    assert add(db, f"{url}3", title=f"{url}3").title == "https://a.example/feed?token=…"


def test_folders_that_look_empty_are_left_out(db: Connection) -> None:
    assert add(db, "https://a.example/", " ", "Till \t side", "\u00a0").folder == ("Till side",)


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
    told = feeds.names(
        add(db, "https://a.example/?token=n4Q8zV1mT6kR2wX7cB5y"), "A blog", "https://a.example/"
    )

    assert told == {"title": "A blog", "site_url": "https://a.example/"}


def test_a_given_title_is_kept(db: Connection) -> None:
    assert feeds.names(add(db, title="Mine"), "A blog", None) == {}


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
    feeds.failed(db, feed.id, now=NOW, next_due=later, why="soon", reason="timed out", gone=False)
    feeds.failed(db, feed.id, now=NOW, next_due=later, why="soon", reason="timed out", gone=False)
    assert (feeds.get(db, feed.id).failures, feeds.get(db, feed.id).reason) == (2, "timed out")

    feeds.answered(db, [heard(feed, later, "daily", news=True, etag='"x"')], later)

    found = feeds.get(db, feed.id)
    assert (found.failures, found.reason, found.etag, found.changed_at) == (0, None, '"x"', later)
    assert (found.why, found.failing_since) == ("daily", None)


def test_an_answer_without_news_leaves_the_last_change(db: Connection) -> None:
    feed = add(db)

    feeds.answered(db, [heard(feed)], NOW)

    assert feeds.get(db, feed.id).changed_at is None


def test_a_gone_feed_is_shown_but_not_asked(db: Connection) -> None:
    feed = add(db)

    feeds.failed(db, feed.id, now=NOW, next_due=NOW, why="never", reason="gone", gone=True)

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


def test_the_days_of_a_move_are_counted_once_each_and_for_one_target(db: Connection) -> None:
    feed, first, second = add(db), date(2026, 3, 1), date(2026, 3, 2)

    assert feeds.seen_moving(db, feed.id, "https://b.example/", first) == ("2026-03-01",)
    assert feeds.seen_moving(db, feed.id, "https://b.example/", first) == ("2026-03-01",)
    assert feeds.seen_moving(db, feed.id, "https://b.example/", second) == ("2026-03-01", "2026-03-02")
    assert feeds.seen_moving(db, feed.id, "https://c.example/", second) == ("2026-03-02",)
    assert feeds.seen_moving(db, feed.id, None, second) == ()
    assert feeds.get(db, feed.id).moved_to is None


def test_a_moved_feed_takes_its_posts_along(db: Connection) -> None:
    feed = add(db)
    origins = Origins(source=feed.url, origin="feed", feed_id=feed.id)
    posts.keep(db, raw("x"), origins, [digest("Own it.")], NOW)
    changes.done(db, changes.pending(db).newest)

    feeds.move(db, feed.id, "https://b.example/feed")

    found = feeds.get(db, feed.id)
    assert (found.url, found.title, found.posts) == ("https://b.example/feed", "https://b.example/feed", 1)
    assert posts.get(db, 1).ref.source == "https://b.example/feed"
    waiting = changes.pending(db)
    assert (waiting.posts, waiting.principles) == ((1,), (1,))


def test_a_feed_does_not_move_to_anothers_address(db: Connection) -> None:
    feed = add(db)
    add(db, "https://b.example/feed")

    for taken in ("https://b.example/feed", "http://b.example/feed"):
        with pytest.raises(BadAddress, match="another feed"):
            feeds.move(db, feed.id, taken)
    feeds.move(db, feed.id, feed.url)
    assert feeds.get(db, feed.id).url == feed.url


def test_a_shown_address_leads_back_to_its_feed(db: Connection) -> None:
    secret = "https://a.example/feed?token=n4Q8zV1mT6kR2wX7cB5y"
    add(db, secret)

    assert feeds.unmasked(db, privacy.shown(secret)) == secret
    assert feeds.unmasked(db, "https://b.example/?token=…") == "https://b.example/?token=…"
    assert feeds.unmasked(db, "https://a.example/") == "https://a.example/"


def test_a_suggestion_stays_until_it_is_dropped_or_the_feed_answers(db: Connection) -> None:
    feed = add(db)
    feeds.suggest(db, feed.id, "https://b.example/")
    assert feeds.get(db, feed.id).suggestion == "https://b.example/"

    feeds.answered(db, [heard(feed)], NOW)

    assert feeds.get(db, feed.id).suggestion is None


def test_what_was_learned_of_a_feed_is_kept(db: Connection) -> None:
    feed = add(db)

    feeds.learned(db, feed.id, {"b", "a"}, 7)

    assert (feeds.get(db, feed.id).repeats, feeds.get(db, feed.id).learned) == (("a", "b"), 7)


def test_a_feed_that_is_called_by_its_address_keeps_its_secret(db: Connection) -> None:
    secret = "https://a.example/feed?token=n4Q8zV1mT6kR2wX7cB5y"

    assert feeds.names(add(db, secret), secret, None) == {"title": "https://a.example/feed?token=…"}
