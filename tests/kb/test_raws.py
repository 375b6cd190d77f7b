from datetime import timedelta

import pytest
from builders import DOCUMENT, FEED, NOW, digest, raw
from sqlalchemy import Connection

from kb import feeds, posts, raws
from kb.errors import NotFound
from kb.model import Known, Origins, Outline, Page
from kb.posts import Found

LATER = NOW + timedelta(days=1)
PAGE = Page(url="https://a.example/1", body=b"<p>All of it.</p>", content_type="text/html")


@pytest.fixture
def fed(db: Connection) -> Origins:
    """A subscription whose posts are excerpts."""
    feeds.subscribe(db, [Outline(url=FEED.source)], NOW)
    return Origins(source=FEED.source, origin="feed", feed_id=1)


def keep(db: Connection, origins: Origins, name: str = "1", completeness: str = "excerpt") -> None:
    url = f"https://a.example/{name}"
    posts.keep(
        db, raw(name, name=name), origins, [digest("Own it.", url=url, completeness=completeness)], NOW
    )


def wanted(db: Connection, now: object = NOW, per_feed: int = 9) -> list[int]:
    return [one.raw_id for one in raws.wanting(db, now, per_feed)]


def test_what_is_known_of_entries_tells_them_again(db: Connection) -> None:
    long = "We answer. " * 60
    entry = digest(long, url="https://a.example/1", published=NOW)
    posts.keep_all(db, [Found(raw=raw("x", name="a"), origins=FEED, digests=[entry], mark="m")], NOW)

    (found,) = raws.known(db, FEED.source).values()

    assert isinstance(found, Known)
    assert (found.hash, found.mark) == (raws.hash_of(raw("x")), "m")
    assert (found.url, found.published) == ("https://a.example/1", NOW)
    assert found.fingerprint is not None
    assert raws.known(db, "https://b.example/") == {}


def test_a_new_mark_takes_the_place_of_the_old_one(db: Connection) -> None:
    posts.keep(db, raw("x", name="a"), FEED, [digest("Own it.")], NOW)

    raws.mark(db, FEED.source, {"a": "newer"})
    raws.mark(db, FEED.source, {})

    assert raws.known(db, FEED.source)["a"].mark == "newer"


def test_an_entry_may_change_its_name(db: Connection) -> None:
    posts.keep(db, raw("x", name="a"), FEED, [digest("Own it.", key="a")], NOW)

    again = Found(raw=raw("y", name="b"), origins=FEED, digests=[digest("Own it.", key="b")], was="a")
    kept = posts.keep_all(db, [again], NOW)

    assert list(raws.known(db, FEED.source)) == ["b"]
    assert (posts.ids(db), kept) == ([1], [posts.NOTHING])


def test_a_cut_off_post_wants_its_page_once(db: Connection, fed: Origins) -> None:
    keep(db, fed)
    keep(db, fed, "2", completeness="full")
    assert wanted(db) == [1]

    raws.keep_page(db, 1, PAGE, NOW)

    assert wanted(db, LATER) == []
    assert raws.get(db, 1).page == PAGE


def test_a_page_that_failed_is_asked_again_when_its_time_comes(db: Connection, fed: Origins) -> None:
    keep(db, fed)

    raws.fail_page(db, 1, PAGE.url, NOW, again=LATER, reason="timed out", failures=1)

    assert wanted(db) == []
    (again,) = raws.wanting(db, LATER, 9)
    assert (again.raw_id, again.url, again.failures) == (1, PAGE.url, 1)
    assert (raws.get(db, 1).page, raws.get(db, 1).is_refused) == (None, False)


def test_a_page_that_failed_for_good_is_asked_no_more(db: Connection, fed: Origins) -> None:
    keep(db, fed)

    raws.fail_page(db, 1, PAGE.url, NOW, again=None, reason="it asks to log in", failures=1)

    assert wanted(db, LATER) == []
    assert raws.get(db, 1).is_refused


def test_only_a_few_pages_of_a_feed_are_wanted_at_once(db: Connection, fed: Origins) -> None:
    for number in range(5):
        keep(db, fed, str(number))

    assert wanted(db, per_feed=2) == [5, 4]


@pytest.mark.parametrize("state", ["paused", "removed"])
def test_pages_of_a_feed_that_is_not_asked_are_not_asked_either(
    db: Connection, fed: Origins, state: str
) -> None:
    keep(db, fed)

    (feeds.pause if state == "paused" else feeds.remove)(db, 1)

    assert wanted(db) == []


def test_loose_documents_have_no_page(db: Connection) -> None:
    posts.keep(db, raw("x", kind="document"), DOCUMENT, [digest("Own it.", completeness="excerpt")], NOW)

    assert wanted(db) == []


def test_raw_sources_follow_their_feed_to_another_address(db: Connection, fed: Origins) -> None:
    keep(db, fed)

    raws.changed_source(db, 1, "https://b.example/feed")

    assert list(raws.known(db, "https://b.example/feed")) == ["1"]
    assert raws.known(db, FEED.source) == {}


def test_what_is_not_there_is_said_to_be_missing(db: Connection) -> None:
    with pytest.raises(NotFound):
        raws.get(db, 7)
