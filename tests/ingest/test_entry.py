from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.entry import headline, post, publisher
from ingest.parse import Entry

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SOURCE = "https://feeds.till.example/rss"
NOON = datetime(2012, 5, 8, 12, tzinfo=UTC)


def entry(**fields: object) -> Entry:
    return Entry(**{"key": "1", "title": "Own the delay", **fields})  # type: ignore[arg-type]


def test_full_text_and_its_cut_summary_are_one_text() -> None:
    found = post(entry(html="<p>Own it. Then fix it.</p>", summary_html="Own it. [...]"), SOURCE)

    assert (found.text, found.completeness) == ("Own it. Then fix it.", "full")


def test_a_full_summary_beats_a_cut_content() -> None:
    found = post(entry(html="<p>Own it. [...]</p>", summary_html="<p>Own it. Then fix it.</p>"), SOURCE)

    assert (found.text, found.completeness) == ("Own it. Then fix it.", "full")


@pytest.mark.parametrize("summary", ["Own it. Then [...]", "Own it. Then …", None, "<img src='a.png'>"])
def test_a_text_that_is_cut_or_missing_is_an_excerpt(summary: str | None) -> None:
    assert post(entry(summary_html=summary), SOURCE).completeness == "excerpt"


def test_full_content_may_end_in_dots() -> None:
    assert post(entry(html="<p>And so on...</p>"), SOURCE).completeness == "full"


def test_a_post_carries_what_its_entry_says() -> None:
    found = post(entry(url="https://blog.till.example/1", author="Ida", published=NOON, tags=("a",)), SOURCE)

    assert (found.key, found.source, found.publisher) == ("1", SOURCE, "till.example")
    assert (found.url, found.author, found.published, found.tags) == (
        "https://blog.till.example/1",
        "Ida",
        NOON,
        ("a",),
    )


def test_a_post_without_a_day_of_publication_has_that_of_its_last_change() -> None:
    assert post(entry(updated=NOON), SOURCE).published == NOON


def test_the_title_is_not_repeated_in_the_text() -> None:
    assert post(entry(html="<h1>Own the delay</h1><p>Say so.</p>"), SOURCE).text == "Say so."


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"html": "<p>Say so.</p><p>Soon.</p>"}, "Say so."),
        ({"url": "https://till.example/1"}, "https://till.example/1"),
        ({}, "1"),
    ],
)
def test_a_post_without_a_title_is_named_by_what_it_has(fields: dict[str, str], title: str) -> None:
    assert post(entry(title="", **fields), SOURCE).title == title


def test_a_headline_is_cut_at_a_word() -> None:
    assert headline("Whoever picks up owns it, " * 9) == f"{'Whoever picks up owns it, ' * 3}…".replace(
        ", …", "…"
    )


@pytest.mark.parametrize(
    ("urls", "source", "whose"),
    [
        (("https://blog.shop.co.uk/a",), SOURCE, "shop.co.uk"),
        (("https://ida.wordpress.com/a",), SOURCE, "ida.wordpress.com"),
        (("https://ida.typepad.com/a",), SOURCE, "ida.typepad.com"),
        ((None, "https://www.shop.example/"), SOURCE, "shop.example"),
        (("https://feedproxy.google.com/~r/x", "https://shop.example"), SOURCE, "shop.example"),
        (
            ("https://feeds.feedburner.com/x",),
            "https://feeds.feedburner.com/x",
            "https://feeds.feedburner.com/x",
        ),
        ((None,), SOURCE, "till.example"),
        ((), "notes/one.txt", "notes/one.txt"),
        (("http://127.0.0.1:8000/a",), SOURCE, "127.0.0.1"),
        (("http://[::1]/a",), SOURCE, "::1"),
        (("http://intranet/a",), SOURCE, "intranet"),
        (("http://[broken",), "x", "x"),
        (("https://",), "x", "x"),
    ],
)
def test_the_publisher_is_the_registrable_domain(
    urls: tuple[str | None, ...], source: str, whose: str
) -> None:
    assert publisher(*urls, source=source) == whose


@UNTIMED
@given(st.text().map("https://{}".format))
def test_no_address_breaks_the_publisher(url: str) -> None:
    assert publisher(url, source="x")


def test_an_entry_of_one_sentence_without_a_title_keeps_it() -> None:
    made = post(Entry(key="1", title="", html="<p>Always answer within a day.</p>"), "https://a.example/")

    assert (made.title, made.text) == ("Always answer within a day.", "Always answer within a day.")
