"""Completing posts: case files in `cases/whole`.

A case is a page, a line `=====`, and in JSON the post's title and excerpt, with what must come of it: words that the
text has or lacks, kinds of its first blocks, author and date; or the reason why the page is refused.
"""

import json
import pickle
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from builders import post
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import whole
from kb.errors import NotBetter
from kb.model import Block, Post

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "whole").glob("*.txt"))
URL = "https://notes.example/3"
EXCERPT = "The parcel that was promised for Tuesday came on Friday, and nobody had rung."
REST = "Always call as soon as you know it yourself, and write down when you will call again."
PAGE = f"<html><title>Late</title><article><p>{EXCERPT}</p><p>{REST}</p></article>"
TAGS = st.sampled_from(
    ["<article>", "<p>", "<b>", "</b>", "<form>", "<li>", "<td>", "<title>", "</div>", "\0"]
)


def cut(text: str = EXCERPT, **known: Any) -> Post:
    values = {"title": "Late", "url": URL, "completeness": "excerpt", "blocks": ()}
    return post(text, **{**values, **known})


def check(found: Post, expected: dict[str, Any]) -> None:
    texts = [found.text[block.start : block.end] for block in found.blocks]
    assert "\n\n".join(texts) == found.text
    assert all(words in found.text for words in expected.get("has", ()))
    assert not any(words in found.text for words in expected.get("lacks", ()))
    if kinds := expected.get("kinds"):
        assert [block.kind for block in found.blocks][: len(kinds)] == kinds
    for words in expected.get("strong", ()):
        assert words in [found.text[a:b] for block in found.blocks for a, b in block.strong]
    for name in {"author", "published"} & expected.keys():
        value = getattr(found, name)
        assert (value.isoformat() if isinstance(value, datetime) else value) == expected[name]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    page, line, wanted = path.read_text("utf-8").partition("\n=====\n")
    assert line, "a case without expectation"
    expected = json.loads(wanted)
    assert {"has", "refused"} & expected.keys(), "a case without expectation"
    known = expected.get("known", {})
    if when := known.get("published"):
        known["published"] = datetime.fromisoformat(when)
    excerpt = cut(expected["excerpt"], title=expected["title"], **known)

    try:
        found = whole.complete(excerpt, page.encode(), URL, None)
    except NotBetter as error:
        reason = error.reason
    else:
        reason = None
        assert (found.completeness, found.title, found.url) == ("fetched", excerpt.title, URL)
        check(found, expected)
    assert reason == expected.get("refused")


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("Own it. Then", {"completeness": "excerpt"}, True),
        ("", {"completeness": "excerpt"}, True),
        ("Own it. Then", {"completeness": "excerpt", "url": None}, False),
        ("Own it. Then", {"completeness": "failed"}, False),
        ("Own it. Then", {"completeness": "fetched"}, False),
        ("Say so. Own it. Fix it. Ring them. And then…", {}, True),
        ("Say so. Own it. Fix it. Ring them.", {}, False),
        ("Say so. Own it. Fix it.", {}, True),
        ("Say so " * 100 + "...", {}, False),
        ("Say so. Own it.", {"blocks": (Block(kind="item", start=0, end=15),)}, False),
    ],
)
def test_what_wants_completing(text: str, known: dict[str, Any], expected: bool) -> None:
    assert whole.is_truncated(cut(text, **{"completeness": "full", **known})) is expected


def test_a_short_post_that_was_whole_stays_as_it_is() -> None:
    short = cut(f"{EXCERPT} {REST}", completeness="full")

    assert whole.complete(short, PAGE.encode(), URL, "text/html") == short


def test_a_short_post_of_a_longer_page_is_completed() -> None:
    assert whole.complete(cut(completeness="full"), PAGE.encode(), URL, "text/html").text.endswith(REST)


def test_a_long_beginning_is_better_than_a_short_one() -> None:
    page = PAGE.replace("again.", "again, and say " + "what comes next and " * 20 + "[...]")

    assert whole.complete(cut(), page.encode(), URL, "text/html").completeness == "fetched"


def test_other_posts_below_an_article_make_no_list_of_it() -> None:
    teaser = '<div class="post"><h2><a href="/{0}">Title {0}</a></h2><p>{0} is another story.</p></div>'
    page = PAGE + "".join(teaser.format(word) for word in ("soon", "later", "never"))

    assert whole.complete(cut(), page.encode(), URL, "text/html").completeness == "fetched"


@pytest.mark.parametrize(
    "kind", ["text/html; charset=iso-8859-1", "application/xhtml+xml", "TEXT/HTML", "", None]
)
def test_pages_are_told_by_their_type(kind: str | None) -> None:
    page = PAGE.replace("rung", "rung, café").encode("cp1252")

    assert "café" in whole.complete(cut(), page, URL, kind).text


@pytest.mark.parametrize("kind", ["application/pdf", "text/plain", "image/png", "nonsense"])
def test_other_types_are_no_pages(kind: str) -> None:
    with pytest.raises(NotBetter, match="other than a web page"):
        whole.complete(cut(), PAGE.encode(), URL, kind)


def test_the_reason_comes_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(NotBetter("the page shows no text")))

    assert (str(error), error.reason) == ("the page shows no text", "the page shows no text")


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\0" * 5_000,
        b"<",
        b"<html>" + b"<div>" * 20_000 + EXCERPT.encode(),
        b"<p>" + b"domain " * 100_000,
        b"<p>" + b"can't be " * 100_000,
        b"<title>" + b"log" * 100_000 + b"</title><p>" + b"x" * 500,
    ],
)
def test_hostile_pages_come_to_an_end(page: bytes) -> None:
    with pytest.raises(NotBetter):
        whole.complete(cut("Never seen on any page, as far as anybody knows."), page, URL, "text/html")


@UNTIMED
@given(st.lists(TAGS | st.text() | st.just(EXCERPT), max_size=20).map("".join), st.text(max_size=300))
def test_no_page_breaks_it(page: str, excerpt: str) -> None:
    try:
        found = whole.complete(cut(excerpt), page.encode("utf-8", "replace"), URL, "text/html")
    except NotBetter:
        return
    assert found.text
