import re
from pathlib import Path

import pytest

from ingest import discover

PAGE = "https://desk.example/"
CASES = sorted((Path(__file__).parent / "cases" / "discover").glob("*.html"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_feeds_of_a_page(path: Path) -> None:
    markup = path.read_text("utf-8")
    expected = re.match(r"<!-- page: (\S+)\nfeeds:\n(.*?)-->", markup, re.DOTALL)
    assert expected, "the case does not say what it expects"

    assert discover.feeds(markup, expected[1]) == tuple(expected[2].split())


def test_feeds_come_with_the_titles_that_the_page_gives_them() -> None:
    markup = '<link rel=feed title=" Tills\n &amp; desks " href=/a><link rel=feed href=/b>'

    assert [found.title for found in discover.outlines(markup, PAGE)] == ["Tills & desks", None]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_bytes_in_any_encoding_are_read(encoding: str) -> None:
    markup = '<p>Café</p><link rel="alternate" type="application/rss+xml" href="/feed">'.encode(encoding)

    assert discover.feeds(markup, PAGE) == ("https://desk.example/feed",)


def test_a_page_full_of_feeds_is_cut_off() -> None:
    markup = "".join(f"<a href=/{n}.rss>" for n in range(1000))

    assert len(discover.feeds(markup, PAGE)) == discover.MOST


def test_what_lies_beyond_the_cap_is_not_looked_at() -> None:
    markup = b" " * discover.LARGEST + b"<a href=/feed>"

    assert discover.feeds(markup, PAGE) == ()


@pytest.mark.parametrize(
    "markup",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"\xff\xfe\x00",
        "\udce9<a href='\udce9/feed'>",
        "<" * 100_000,
        "<a href='" * 50_000,
        "<!--" * 50_000,
        "<div>" * 20_000,
        "<link>" * 10_000,
        "<a href=/feed" + "/feed" * 100_000,
        "<![><img src=']>",
    ],
    ids=lambda markup: repr(markup[:12]),
)
def test_broken_pages_do_no_harm(markup: bytes | str) -> None:
    assert len(discover.feeds(markup, PAGE)) <= 1
