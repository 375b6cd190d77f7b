from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from kb import feeds, schema, tensions
from kb.feeds import Heard
from kb.model import Block, Filing

Keep = Callable[..., int]
Page = Callable[[str], str]

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
TRUST = (Filing(topic="trust", words=("promise", "honest")),)
COUNTER = "People wait.\n\nKeep every promise you make. They count them.\n\nGood bye."
PROMISE = "Keep every promise you make."


def link(address: str) -> str:
    return f'href="{address}"'


# The home page


def test_an_empty_site_shows_the_first_steps(page: Page) -> None:
    text = page("/")

    assert "First steps" in text
    assert "guidepost ingest" in text
    assert "autofocus" in text


def test_home_shows_topics_with_counts_newest_principles_and_totals(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST)

    text = page("/")

    assert link("/topics/trust") in text
    assert PROMISE in text
    assert "<dt>principle</dt><dd>1</dd>" in text
    assert "/search?q=take+responsibility" in text
    assert "First steps" not in text


def test_home_says_that_starter_posts_are_there(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, origin="starter")

    assert "starter collection, written for a first look" in page("/")


def test_home_says_nothing_of_a_starter_collection_without_one(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE)

    assert "guidepost starter remove" not in page("/")


# Search


def test_a_hit_shows_its_passage_with_the_typed_words_marked_and_the_reason(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST, author="Ada Till", published=datetime(2014, 3, 3, tzinfo=UTC))

    text = page("/search?q=promises+shouted")

    assert "Keep every <mark>promise</mark> you make." in text
    assert "They count them." in text
    assert "Found: “promises” in the quote" in text
    assert "Not in it: “shouted”" in text
    assert "Ada Till" in text
    assert "3 March 2014" in text
    assert "1 source" in text


def test_what_a_source_did_not_say_is_left_out(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE)

    text = page("/search?q=promise")

    assert "None" not in text
    assert "<time" not in text


def test_independent_sources_are_counted(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE)
    keep(f"So: {PROMISE}", PROMISE, source="https://other.example/feed", publisher="other.example")

    assert "2 independent sources" in page("/search?q=promise")


def test_facets_narrow_down_and_can_be_let_go(page: Page, keep: Keep, subscribe: Keep) -> None:
    feed = subscribe(title="The Tillside")
    keep(COUNTER, PROMISE, topics=TRUST, published=datetime(2014, 3, 3, tzinfo=UTC), feed_id=feed)

    text = page("/search?q=promise&topic=trust")

    assert link("/search?q=promise&amp;topic=trust&amp;year=2014") in text
    assert "<bdi>The Tillside</bdi>" in text
    assert link("/search?q=promise") in text
    assert "Remove filter" in text


def test_a_file_stands_among_the_sources_under_its_publisher(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, source="/home/ada/tag-feed.xml")

    text = page("/search?q=promise")

    assert "<bdi>tillside.example</bdi> <span" in text
    assert "tag-feed.xml</bdi>" not in text


def test_a_quote_without_end_is_cut_in_a_list(page: Page, keep: Keep) -> None:
    endless = f"Be honest {'always ' * 500}."
    keep(endless, endless)

    assert page("/search?q=honest").count("always") < 200


def test_filters_that_meet_nothing_can_be_let_go(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST)

    text = page("/search?q=promise&year=1999")

    assert "Nothing found with these filters" in text
    assert link("/search?q=promise") in text


def test_an_empty_answer_helps(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST)

    text = page("/search?q=xylophone")

    assert "Nothing found" in text
    assert link("/search?q=xylophone&amp;in=posts") in text
    assert link("/topics/trust") in text


def test_without_words_the_newest_principles_are_shown(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE)

    assert PROMISE in page("/search")
    assert PROMISE in page("/search?q=+&topic=trust")


def test_without_words_and_principles_that_is_said(page: Page) -> None:
    assert "Nothing has been read yet" in page("/search")


def test_whole_posts_can_be_searched(page: Page, keep: Keep) -> None:
    post = keep("Parcels travel slowly in winter.", title="Parcels", completeness="excerpt")

    text = page("/search?q=winter&in=posts")

    assert link(f"/posts/{post}") in text
    assert "<mark>winter</mark>" in text
    assert ">excerpt<" in text
    assert "Nothing found" in page("/search?q=winter")


def test_long_answers_are_paged(page: Page, keep: Keep) -> None:
    rules = [f"Keep promise {word}{number} to the letter." for number in range(5) for word in "abcde"]
    keep(" ".join(rules), *rules)

    assert "Page 1 of 2" in page("/search?q=promise")
    assert link("/search?q=promise") in page("/search?q=promise&page=2")


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "buck passing!! (urgent)",
        "%00",
        "%ff%fe",
        "%F0%9F%98%A1",
        "%ed%a0%80",
        "a" * 9000,
        "NOT+OR+AND",
        "*+?+[+topic:",
        "%3Cscript%3E",
        "&topic=%ff&source=%00&in=%00",
        "&q=again&q=again",
    ],
)
def test_whatever_is_typed_gives_an_answer(page: Page, keep: Keep, query: str) -> None:
    keep(COUNTER, PROMISE)

    assert "<script" not in page(f"/search?q={query}")
    assert "<script" not in page(f"/search?in=posts&q={query}")


# Principles and posts


def test_a_principle_shows_its_evidence_and_the_way_to_it(page: Page, keep: Keep) -> None:
    first = keep(COUNTER, PROMISE, topics=TRUST, url="https://tillside.example/1", title="Promises")
    start = COUNTER.index(PROMISE)

    text = page("/principles/1")

    assert f'<h1 class="wording" dir="auto">{PROMISE}</h1>' in text
    assert "filed here for “<bdi>promise</bdi>”, “<bdi>honest</bdi>”" in text
    assert f"<strong>{PROMISE}</strong> They count them." in text
    assert link(f"/posts/{first}#q-{start}") in text
    assert 'href="https://tillside.example/1" target="_blank" rel="noopener noreferrer"' in text


def test_much_evidence_is_paged(client: FlaskClient, page: Page, keep: Keep) -> None:
    for number in range(21):
        keep(f"{number}. {PROMISE}", PROMISE, title=f"Post {number}")

    assert "quotes 1 to 20 of 21" in page("/principles/1")
    assert link("/principles/1?page=2") in page("/principles/1")
    assert page("/principles/1?page=2").count("See it in its post") == 1
    assert client.get("/principles/1?page=3").status_code == 404


def test_a_principle_without_topics_says_so(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE)

    assert "Not filed under a topic" in page("/principles/1")


def test_a_principle_shows_what_pulls_the_other_way(page: Page, keep: Keep, engine: Engine) -> None:
    keep("Script every call.", "Script every call.")
    keep("Throw away the script.", "Throw away the script.", title="Off the page")
    with schema.writing(engine) as db:
        tensions.find(db, [1, 2])

    text = page("/principles/1")

    assert "Another view" in text
    assert link("/principles/2") in text
    assert "Throw away the script." in text
    assert "Off the page" in text
    assert "found by comparing the wordings" in text


def test_a_view_that_was_dismissed_is_not_shown(page: Page, keep: Keep, engine: Engine) -> None:
    keep("Script every call. Throw away the script.", "Script every call.", "Throw away the script.")
    with schema.writing(engine) as db:
        tensions.dismiss(db, 1, 2)

    assert "Another view" not in page("/principles/1")


def test_a_post_shows_its_quotes_in_place(page: Page, keep: Keep) -> None:
    post = keep(COUNTER, PROMISE, url="https://tillside.example/1", tags=("returns",))

    text = page(f"/posts/{post}")

    start = COUNTER.index(PROMISE)
    assert f'<p><mark class="quote" id="q-{start}"><a href="/principles/1">{PROMISE}</a></mark> They' in text
    assert "Read the original at <bdi>tillside.example</bdi>" in text
    assert "This is the whole post" in text
    assert "<bdi>returns</bdi>" in text


def test_a_post_keeps_the_kinds_of_its_blocks(page: Page, keep: Keep) -> None:
    text = "Top\n\nLow\n\nSaid\n\ncode()\n\nOne\n\nTwo"
    kinds = [("heading", 2), ("heading", 4), ("quote", 0), ("code", 0), ("item", 1), ("item", 2)]
    starts = [text.index(part) for part in text.split("\n\n")]
    blocks = tuple(
        Block(kind=kind, level=level, start=start, end=start + len(part), strong=((start, start + 1),))
        for (kind, level), start, part in zip(kinds, starts, text.split("\n\n"), strict=True)
    )

    shown = "".join(page(f"/posts/{keep(text, blocks=blocks)}").split())

    assert "<h2><strong>T</strong>op</h2><h3><strong>L</strong>ow</h3>" in shown
    assert "<blockquote><strong>S</strong>aid</blockquote><pre><strong>c</strong>ode()</pre>" in shown
    assert (
        '<ul><liclass="in-1"><strong>O</strong>ne</li><liclass="in-2"><strong>T</strong>wo</li></ul>' in shown
    )


def test_a_post_is_not_for_search_engines(client: FlaskClient, keep: Keep) -> None:
    answer = client.get(f"/posts/{keep(COUNTER, PROMISE)}")

    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text


def test_a_starter_post_has_a_label_and_no_original(page: Page, keep: Keep) -> None:
    post = keep(COUNTER, PROMISE, origin="starter", url="https://tillside.example/1")

    assert "starter collection" in page(f"/posts/{post}")
    assert "https://tillside.example/1" not in page(f"/posts/{post}")
    assert "https://tillside.example/1" not in page("/principles/1")


def test_a_document_is_called_by_its_name_and_not_by_where_it_lay(page: Page, keep: Keep) -> None:
    post = keep(COUNTER, PROMISE, source="/home/ada/secret/notes.md", publisher="/home/ada/secret/notes.md")

    for address in ("/principles/1", f"/posts/{post}"):
        assert "<bdi>notes.md</bdi>" in page(address).replace(' class="blog"', "")
        assert "/home/ada" not in page(address)


# Topics


def test_all_topics_stand_with_their_counts(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST)

    text = page("/topics")

    assert text.count('<li class="card">') == 25
    assert "1 principle<" in text


def test_a_topic_shows_what_it_is_and_its_principles(page: Page, keep: Keep) -> None:
    keep(COUNTER, PROMISE, topics=TRUST)

    text = page("/topics/trust")

    assert "Belongs here" in text
    assert "See also" in text
    assert PROMISE in text


def test_an_empty_topic_says_so(page: Page) -> None:
    assert "Nothing has been filed here yet" in page("/topics/trust")


def test_a_large_topic_is_paged(page: Page, keep: Keep) -> None:
    rules = [f"Keep promise {word}{number} to the letter." for number in range(5) for word in "abcde"]
    keep(" ".join(rules), *rules, topics=TRUST)

    assert link("/topics/trust?page=2") in page("/topics/trust")
    assert "Page 2 of 2" in page("/topics/trust?page=2")


# Feeds


def test_feeds_stand_by_folder_with_their_state(page: Page, subscribe: Keep, engine: Engine) -> None:
    subscribe(title="The Tillside", folder=("Service", "Retail"))
    failing = subscribe("https://lead.example/feed", title="Lead Notes")
    with schema.writing(engine) as db:
        feeds.failed(db, failing, now=NOW, next_due=NOW, why="", reason="it answered 403", gone=False)

    text = page("/feeds")

    assert "2 feeds: 1 failing and 1 not asked yet." in text
    assert "<bdi>Service</bdi>" in text
    assert "<bdi>Retail</bdi>" in text
    assert "Asked just now, without success." in text
    assert "It answered 403." in text


def test_a_feed_shows_its_posts_and_how_it_does(
    page: Page, subscribe: Keep, keep: Keep, engine: Engine
) -> None:
    feed = subscribe(title="The Tillside", site_url="https://tillside.example/")
    post = keep(COUNTER, feed_id=feed, title="Promises", completeness="excerpt", published=NOW)
    with schema.writing(engine) as db:
        feeds.answered(db, [Heard(feed_id=feed, next_due=NOW, why="", news=True, told={})], NOW)

    text = page(f"/feeds/{feed}")

    assert link(f"/posts/{post}") in text
    assert "Asked just now, something new." in text
    assert link("https://tillside.example/") in text
    assert "at the next run" in text


def test_a_feed_that_was_never_asked_has_no_posts(page: Page, subscribe: Keep) -> None:
    assert "Nothing has been read from it yet" in page(f"/feeds/{subscribe()}")


def test_the_subscription_list_can_be_taken_along(client: FlaskClient, subscribe: Keep) -> None:
    subscribe(title="Tills & counters", folder=("Service",))

    answer = client.get("/feeds.opml")

    [outline] = ElementTree.fromstring(answer.data).findall("body/outline/outline")
    assert outline.get("text") == "Tills & counters"
    assert "attachment" in answer.headers["Content-Disposition"]


# Cost


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/search?q=promise", "/search?q=promise&in=posts", "/search?topic=trust"),
        *("/topics/trust", "/principles/1", "/posts/1", "/feeds", "/feeds/1"),
    ],
)
def test_queries_do_not_grow_with_rows(
    page: Page, keep: Keep, subscribe: Keep, engine: Engine, address: str
) -> None:
    def statements() -> int:
        found: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *args: found.append(args[2]))
        page(address)
        return len(found)

    feed = subscribe()
    keep(COUNTER, PROMISE, topics=TRUST, feed_id=feed)
    page(address)
    few = statements()
    rules = [f"Keep promise {word} to the letter." for word in "abcdefghij"]
    keep(" ".join(rules), *rules, topics=TRUST, feed_id=feed)

    assert statements() <= few
