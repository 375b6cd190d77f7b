"""Loose documents: case files in `cases/document`: a document, a line `=====`, and the posts it must come to."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import document
from kb.errors import DocumentError
from kb.model import Post

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "document").glob("*.txt"))
STARTS = st.sampled_from(
    ["", "---\n", "+++\n", "title: x\n", "<html>", "<rss>", "<p>", "# ", "\ufeff", "<?xml?><feed>"]
)
ENDS = st.sampled_from(
    ["", "\n---\n", "\n+++\n", " Continue reading\n\n", "\n\nTweet A [...]", "</p>", "[a](b)"]
)
TEXTS = st.lists(st.tuples(STARTS, st.text(), ENDS).map("".join), max_size=6).map("".join)


def shown(post: Post) -> dict[str, object]:
    published = post.published.isoformat() if post.published else None
    names = ("key", "title", "author", "url", "publisher", "text", "completeness", "tags")
    return {name: getattr(post, name) for name in names} | {"tags": list(post.tags), "published": published}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    body, line, expected = path.read_text("utf-8").partition("\n=====\n")
    assert line, "a case without expectation"

    posts = document.posts(body.encode(), "a/path")

    found = [shown(post) for post in posts]
    assert found == [one | wanted for one, wanted in zip(found, json.loads(expected), strict=True)]
    assert all(post.source == "a/path" for post in posts)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04 zipped", "not a document of text"),
        (b"text\x00with nul", "not a document of text"),
        (b"<rss version='2.0'><channel><title>T</title></channel></rss>", "a feed without entries"),
        (b"<rdf:RDF>no feed</rdf:RDF>", "holds no feed"),
        (b"x" * (document.LARGEST + 1), "larger than any document"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason) as caught:
        document.posts(body, "a/path")

    assert caught.value.source == "a/path"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_document_is_read_in_its_encoding(encoding: str) -> None:
    text = "A café – at last\n\nIt’s “open”, and the coffee is crème de la crème.\r\n\r\nSay so."

    (post,) = document.posts(text.encode(encoding), "a/path")

    assert (post.title, post.text) == (
        "A café – at last",
        "It’s “open”, and the coffee is crème de la crème.\n\nSay so.",
    )


def test_the_page_of_an_address_is_its_publishers() -> None:
    (post,) = document.posts(b"<html><p>Own it.</p>", "https://blog.till.example/own")

    assert (post.publisher, post.url) == ("till.example", "https://blog.till.example/own")


def test_an_edited_document_keeps_its_key() -> None:
    (before,), (after,) = (
        document.posts(body, "a/path") for body in (b"One\n\nOwn it.", b"Two\n\nOwn it now.")
    )

    assert before.key == after.key


def test_a_text_of_nothing_but_furniture_is_named_by_its_path() -> None:
    (post,) = document.posts(b"Tweet", "a/path")

    assert (post.title, post.text, post.completeness) == ("a/path", "", "excerpt")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "![a" * 100_000,
        "\n- a" * 100_000,
        "---\na: " + "[" * 9_000 + "\n---\nx",
        "---\na: &a [x]\nb: *a\n---\nx",
        "---\n- a\n---\nx",
        "+++\na = [\n+++\nx",
        "a\n===\n" * 50_000,
        "Foo\n\nRead more\n\n" * 20_000,
        "<rss><item>" + "<div>" * 50_000,
        "<html>" + '<a href="' * 50_000,
    ],
)
def test_hostile_documents_come_to_an_end(text: str) -> None:
    assert document.posts(text.encode(), "a/path")


@UNTIMED
@given(st.binary() | TEXTS.map(str.encode))
def test_no_document_breaks_it(body: bytes) -> None:
    try:
        posts = document.posts(body, "a/path")
    except DocumentError:
        return
    assert len({post.key for post in posts}) == len(posts) > 0
    for post in posts:
        assert post.title
        spans = [(block.start, block.end) for block in post.blocks]
        assert all(later[0] == earlier[1] + 2 for earlier, later in pairwise(spans))
        assert (spans[-1][1] if spans else 0) == len(post.text)
