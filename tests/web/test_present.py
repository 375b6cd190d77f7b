from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kb.model import Feed, PostRef, Why
from web import present

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


def feed(**known: Any) -> Feed:
    return Feed(
        **{"id": 1, "url": "https://a.example/", "title": "A", "added_at": NOW, "next_due": NOW} | known
    )


def post(**known: Any) -> PostRef:
    said: dict[str, Any] = {
        "id": 1,
        "title": "On the counter",
        "url": "https://a.example/1",
        "source": "https://a.example/feed",
        "publisher": "a.example",
        "author": None,
        "published": None,
        "feed": None,
        "completeness": "full",
        "origin": "feed",
    }
    return PostRef(**said | known)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (12345, "12,345 posts")]
)
def test_counts_agree_with_their_noun(number: int, expected: str) -> None:
    assert present.count(number, "post") == expected


def test_a_plural_of_its_own_is_used() -> None:
    assert present.count(2, "source", "independent sources") == "2 independent sources"


def test_a_day_is_written_out() -> None:
    assert present.day(datetime(2014, 3, 3, tzinfo=UTC)) == "3 March 2014"


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2, minutes=40), "2 hours ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=64), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_time_passed_is_told_in_one_unit(passed: timedelta, expected: str) -> None:
    assert present.ago(NOW - passed, NOW) == expected


@pytest.mark.parametrize(
    ("left", "expected"), [(timedelta(), "at the next run"), (timedelta(hours=3), "in 3 hours")]
)
def test_time_left_is_told_in_one_unit(left: timedelta, expected: str) -> None:
    assert present.ahead(NOW + left, NOW) == expected


def test_long_text_is_cut_between_words() -> None:
    assert present.clip("say it   twice\nand loud", 12) == "say it twice…"


def test_one_endless_word_is_cut_too() -> None:
    assert present.clip("a" * 500, 10) == "a" * 10 + "…"


def test_a_post_without_a_title_is_called_untitled() -> None:
    assert present.title(post(title=" \n ")) == "Untitled post"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"feed": "The Tillside"}, "The Tillside"),
        ({}, "a.example"),
        ({"publisher": "", "source": "notes.md"}, "notes.md"),
    ],
)
def test_a_post_is_its_blogs(known: dict[str, Any], expected: str) -> None:
    assert present.blog(post(**known)) == expected


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " https://a.example/",
        "data:text/html,x",
        "vbscript:x",
        "//a.example/",
        "/posts/1",
        "https://",
        "http://[broken/",
        "https://a.example/\u202e",
        "https://a.example/ x",
        "ftp://a.example/",
    ],
)
def test_only_clean_web_addresses_become_links(address: str | None) -> None:
    assert present.external(address) is None
    assert present.host(address) == ""


@pytest.mark.parametrize(
    "address", ["https://a.example/x?y=1#z", "HTTP://A.example:8080/", "https://ä.example/"]
)
def test_web_addresses_become_links(address: str) -> None:
    assert present.external(address) == address


def test_a_link_is_named_by_its_host() -> None:
    assert present.host("https://user:word@www.a.example:8443/x") == "a.example"


def test_a_starter_post_has_no_original() -> None:
    assert present.original(post(origin="starter")) is None
    assert present.original(post()) == "https://a.example/1"


@pytest.mark.parametrize(
    ("known", "health", "sentence"),
    [
        ({}, "new", "Not asked yet."),
        ({"state": "paused"}, "paused", "Paused: it is not asked until you resume it."),
        (
            {"state": "gone"},
            "gone",
            "Gone: its server says that it was taken down for good. Its posts stay.",
        ),
        (
            {"checked_at": NOW - timedelta(hours=2)},
            "well",
            "Asked 2 hours ago, nothing new.",
        ),
        ({"checked_at": NOW, "changed_at": NOW}, "well", "Asked just now, something new."),
        ({"checked_at": NOW, "failures": 1}, "failing", "Asked just now, without success."),
        (
            {"checked_at": NOW, "failures": 1200},
            "failing",
            "Asked just now, without success, 1,200 times in a row.",
        ),
    ],
)
def test_the_state_of_a_feed_is_a_sentence(known: dict[str, Any], health: str, sentence: str) -> None:
    assert present.health(feed(**known)) == health
    assert present.feed_state(feed(**known), NOW) == sentence


def test_feeds_that_need_a_look_are_counted() -> None:
    found = [feed(checked_at=NOW), feed(checked_at=NOW, failures=2), feed(state="paused")]

    assert present.feeds_summary(found) == "3 feeds: 1 failing and 1 paused."
    assert present.feeds_summary(found[:1]) == "1 feed, all well."


def test_the_reason_of_a_hit_names_words_and_places() -> None:
    reason = Why(
        found={"angry": ("quote", "title"), "caller": ("quote", "title"), "phone": ("context",)},
        missing=("urgent",),
    )

    assert present.why(reason) == (
        "Found: “angry” and “caller” in the quote and in the title of its post; "
        "“phone” in the passage around it. Not in it: “urgent”."
    )


@pytest.mark.parametrize(
    ("reason", "told"), [("it answered 403", "It answered 403."), ("Why?", "Why?"), ("", ".")]
)
def test_a_reason_becomes_a_sentence(reason: str, told: str) -> None:
    assert present.sentence(reason) == told


def test_no_reason_is_no_sentence() -> None:
    assert present.why(Why(found={})) == ""
    assert present.why(Why(found={"angry": ()})) == ""


def test_every_completeness_has_its_words() -> None:
    assert "excerpt" in present.completeness("excerpt")
    assert len({present.completeness(value) for value in ("full", "excerpt", "fetched", "failed")}) == 4
