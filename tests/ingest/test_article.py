"""Whole pages: case files in `cases/article`: a page, a line `=====`, and in JSON what must be found in it."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import article, clean

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "article").glob("*.txt"))
URL = "https://till.example/page"
TEASER = (
    '<article><h2><a href="/{0}">Title {0}</a></h2><p>By Ida Holm | 8 May 2012</p>'
    "<p>The beginning of text {0}, which is … <a>Continue reading</a></p></article>"
)
TAGS = st.sampled_from(
    [
        *(
            "<article>",
            "</article>",
            "<h1>",
            "<h2><a href='x'>",
            "</a></h2>",
            "<p>",
            "<time datetime=''>",
            "<main>",
            "<html>",
        ),
        *(
            "<meta name='author' content='",
            "'>",
            '<script type="application/ld+json">',
            "{",
            "[",
            "</script>",
            "By A B",
            "\x00",
        ),
    ]
)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    markup, line, wanted = path.read_text("utf-8").partition("\n=====\n")
    assert line, "a case without expectation"
    expected = json.loads(wanted)

    page = article.page(markup, URL)

    text = clean.html(page.markup).text
    assert all(words in text for words in expected.pop("has", []))
    assert not any(words in text for words in expected.pop("lacks", []))
    published = page.published.isoformat() if page.published else None
    assert {
        "title": page.title,
        "author": page.author,
        "url": page.url,
        "published": published,
    } | expected == {
        "title": page.title,
        "author": page.author,
        "url": page.url,
        "published": published,
    }


def test_an_index_shows_its_posts() -> None:
    posts = article.index("".join(TEASER.format(n) for n in range(3)), URL)

    assert [(post.title, post.url, post.author) for post in posts] == [
        (f"Title {n}", f"https://till.example/{n}", "Ida Holm") for n in range(3)
    ]


def test_a_link_around_a_heading_names_a_post_too() -> None:
    markup = '<div class="post"><a href="/{0}"><h3>Title {0}</h3></a><p>Some words about {0}.</p></div>'

    posts = article.index(markup.format(1) + markup.format(2), URL)

    assert [post.url for post in posts] == ["https://till.example/1", "https://till.example/2"]


@pytest.mark.parametrize(
    "page",
    [
        TEASER.format(1),
        '<meta property="og:type" content="article">' + TEASER.format(1) + TEASER.format(2),
        "<article><h2><a href='/'>Long</a></h2>"
        + "<p>Much to say about it.</p>" * 30
        + "</article>"
        + TEASER.format(1),
        "<h1>Long</h1>" + "<p>Much to say about it.</p>" * 30 + TEASER.format(1) + TEASER.format(2),
        "<aside>" + TEASER.format(1) + TEASER.format(2) + "</aside>",
        "",
    ],
)
def test_the_page_of_one_article_is_no_index(page: str) -> None:
    assert article.index(page, URL) == ()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("By Ida Holm", "Ida Holm"),
        ("Posted by: Ida Holm on Monday", "Ida Holm"),
        ("Ida Holm has 3 articles online", "Ida Holm"),
        ("By listening you learn", None),
        ("Our library has 3 articles on returns", None),
        ("By Ida Holm | " + "x" * 300, None),
    ],
)
def test_a_byline_names_its_author(line: str, name: str | None) -> None:
    assert article.byline(line) == name


def test_only_the_ends_of_a_long_page_are_searched_for_a_date() -> None:
    markup = "<p>x</p>" * 1_500 + "<p>Published on May 8, 2012</p>" + "<p>x</p>" * 1_500

    assert article.page(markup).published is None


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000 + "<p>deep",
        '<article><h2><a href="x">y</a></h2>z ' * 10_000,
        "<blockquote>" * 250 + "word " * 100_000,
        '<td><p class="author date">x y z' * 10_000,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
    ],
)
def test_hostile_pages_come_to_an_end(markup: str) -> None:
    assert article.page(markup).markup
    assert len(article.index(markup)) <= 200


@UNTIMED
@given(st.lists(TAGS | st.text(), max_size=30).map("".join))
def test_no_page_breaks_it(markup: str) -> None:
    assert article.page(markup, URL).url == URL or markup
    article.index(markup, URL)
