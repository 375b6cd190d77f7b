from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest
from feeds import item, numbered, rss

from ingest import digest, flaws, parse
from ingest.digest import Digested, Task
from kb import fingerprint
from kb.errors import NotAFeed
from kb.model import Block, Known, Post

NOW = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://blog.example/feed"
ADVICE = "Ring the customer back on the day you promised. Never blame a colleague in front of a customer."
LONG = " ".join(f"On day {n} we opened the shop at nine and swept the floor." for n in range(9))


def task(body: bytes, **known: Any) -> Task:
    values: dict[str, Any] = {
        "source": URL,
        "url": URL,
        "content_type": "application/rss+xml",
        "known": {},
        "repeats": (),
        "now": NOW,
    }
    return Task(body=body, **{**values, **known})


def remembered(done: Digested) -> dict[str, Known]:
    """Return what a store would know after keeping this."""
    return {
        one.raw.name: Known(
            hash=fingerprint.of_bytes(one.raw.body),
            mark=one.mark,
            url=one.digest.post.url,
            fingerprint=fingerprint.of_post(one.digest.post.text),
            published=one.digest.post.published,
        )
        for one in done.news
    }


def entry(guid: str, link: str = "", text: str = LONG) -> str:
    said = f"<item><title>A day</title><guid isPermaLink='false'>{guid}</guid><link>{link}</link>"
    return f"{said}<description>{escape(f'<p>{text}</p>')}</description></item>"


def test_everything_of_a_new_feed_is_news() -> None:
    done = digest.answer(task(numbered(3)))

    assert [one.digest.post.title for one in done.news] == ["Notes, part 3", "Notes, part 2", "Notes, part 1"]
    assert all(one.digest.quotes and one.mark and one.was is None for one in done.news)
    assert done.head is not None
    assert (done.head.title, done.head.entries) == ("The shop blog", ())


def test_known_entries_are_recognised_without_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = digest.answer(task(numbered(3)))
    monkeypatch.setattr(parse, "feed", None)  # any use would fail

    done = digest.answer(task(numbered(3), known=remembered(first)))

    assert (done.news, done.head, done.is_familiar) == ((), None, True)


def test_only_new_entries_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = digest.answer(task(numbered(20)))
    lengths = []
    whole = parse.feed
    monkeypatch.setattr(
        parse, "feed", lambda body, *rest: lengths.append(body.count(b"<item>")) or whole(body, *rest)
    )

    done = digest.answer(task(numbered(21), known=remembered(first)))

    assert ([one.raw.name for one in done.news], lengths) == (["post-21"], [1])


def test_the_pace_of_a_feed_shows_with_one_new_entry_too() -> None:
    now = datetime(2024, 1, 8, tzinfo=UTC)
    whole = digest.answer(task(numbered(6), now=now))

    partly = digest.answer(task(numbered(6), known=remembered(digest.answer(task(numbered(5)))), now=now))

    assert whole.pace is not None
    assert partly.pace == whole.pace
    assert whole.pace.gap == timedelta(days=1)


def test_entries_whose_bytes_alone_have_changed_are_no_news_but_marked_anew() -> None:
    first = digest.answer(task(rss(item(1), item(2))))
    known = remembered(first)

    done = digest.answer(task(rss(item(1).replace("</item>", " </item>"), item(2)), known=known))

    assert done.news == ()
    assert list(done.marks) == ["post-1"]
    assert done.marks["post-1"] != known["post-1"].mark


def test_a_new_entry_of_a_known_name_makes_the_whole_feed_be_read() -> None:
    known = remembered(digest.answer(task(rss(item(1)))))
    again = item(1, "Never argue with a guest.").replace(
        "https://blog.example/1", "https://blog.example/other"
    )

    done = digest.answer(task(rss(again, item(1)), known=known))

    plainly = {one.key for one in parse.feed(rss(again, item(1)), URL).entries}
    assert {one.raw.name for one in done.news} == plainly - known.keys()


def test_entries_that_share_an_id_are_never_recognised_by_their_bytes_alone() -> None:
    body = rss(entry("a", "https://blog.example/1"), entry("a", "https://blog.example/2"))

    done = digest.answer(task(body))

    assert [(one.raw.name, one.mark) for one in done.news] == [
        ("https://blog.example/1", None),
        ("https://blog.example/2", None),
    ]


@pytest.mark.parametrize("link", ["https://blog.example/day-1", ""])
def test_an_entry_that_comes_back_under_another_name_is_told_by_its_link_or_its_text(link: str) -> None:
    known = remembered(digest.answer(task(rss(entry("a1", link)))))

    done = digest.answer(task(rss(entry("b1", link)), known=known))

    assert [(one.raw.name, one.was) for one in done.news] == [("b1", "a1")]


def test_a_link_that_all_entries_share_tells_nothing() -> None:
    home = "https://blog.example/shop"
    known = remembered(digest.answer(task(rss(entry("a1", home, "One."), entry("a2", home, "Two.")))))

    done = digest.answer(task(rss(entry("b1", home, "Three.")), known=known))

    assert [one.was for one in done.news] == [None]


@pytest.mark.parametrize("link", ["https://blog.example/", "https://blog.example"])
def test_the_link_of_the_site_names_no_post(link: str) -> None:
    known = remembered(digest.answer(task(rss(entry("a1", link, "One.")))))

    done = digest.answer(task(rss(entry("b1", link, "Two.")), known=known))

    assert [one.was for one in done.news] == [None]


def test_what_is_still_in_the_feed_is_no_earlier_name_of_anything() -> None:
    known = remembered(digest.answer(task(rss(entry("a1")))))

    done = digest.answer(task(rss(entry("b1"), entry("a1")), known=known))

    assert [(one.raw.name, one.was) for one in done.news] == [("b1", None)]


def test_one_earlier_entry_becomes_one_new_entry_only() -> None:
    known = remembered(digest.answer(task(rss(entry("a1")))))

    done = digest.answer(task(rss(entry("b1"), entry("b2")), known=known))

    assert sorted(str(one.was) for one in done.news) == ["None", "a1"]


def test_another_blog_at_the_same_address_is_not_familiar() -> None:
    known = remembered(digest.answer(task(numbered(2))))

    assert not digest.answer(task(rss(item(7)), known=known)).is_familiar


def test_a_page_is_no_feed_but_may_announce_one() -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>'

    with pytest.raises(NotAFeed, match=r"its feed is at https://blog\.example/rss"):
        digest.answer(task(page))
    with pytest.raises(NotAFeed):
        digest.answer(task(b"<html><body>Welcome.</body></html>"))


def test_a_date_that_cannot_be_is_said_to_be_so() -> None:
    done = digest.answer(task(rss(item(1)), now=datetime(2020, 1, 1, tzinfo=UTC)))

    post = done.news[0].digest.post
    assert post.published is None
    assert "future" in (post.date_note or "")


def test_what_stands_under_every_post_is_no_part_of_any() -> None:
    offer = "Ask for our friendly brochure at the counter of any of our shops."
    items = [item(n).replace("It rained all week.", offer) for n in range(1, 8)]

    done = digest.answer(task(rss(*items)))

    assert len(done.repeats) == 2
    assert not any(offer in one.digest.post.text for one in done.news)
    one = digest.answer(task(rss(item(9).replace("It rained all week.", offer)), repeats=done.repeats))
    assert offer not in one.news[0].digest.post.text


def test_what_is_kept_is_digested_as_it_came() -> None:
    from kb.model import Origins, StoredRaw  # noqa: PLC0415

    (news,) = digest.answer(task(rss(item(1)))).news
    stored = StoredRaw(id=1, raw=news.raw, origins=Origins(source=URL, origin="feed"))

    assert digest.of_stored(stored, NOW) == [news.digest]
    assert digest.of_stored(replace(stored, is_refused=True), NOW) == [news.digest]


def test_the_guidance_of_a_text_that_a_machine_has_reworded_is_doubted() -> None:
    words = "{Take|Accept} the blame. {Answer|Reply} today. {Never|Do not} argue. "
    clean, spun = (
        digest.of_post(
            Post(key="1", source=URL, publisher="blog.example", title="Advice", text=text, blocks=blocks)
        )
        for text in (ADVICE, words + ADVICE)
        for blocks in [(Block(kind="paragraph", start=0, end=len(text)),)]
    )

    assert clean.post.flaw is None
    assert spun.post.flaw == flaws.UNFILLED
    sure = {quote.text: quote.confidence for quote in clean.quotes}
    doubted = [(sure[quote.text], quote.confidence) for quote in spun.quotes if quote.text in sure]
    assert doubted
    assert all(later < earlier for earlier, later in doubted)
