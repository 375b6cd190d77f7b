"""Cleaning: case files in `cases/clean`.

A case is a body of markup, or of plain text after a line `plain`; then a line `=====`, whether it is cut, and the
expected blocks.
"""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import clean
from kb.model import Block

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "clean").glob("*.txt"))
FRAGMENTS = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<br>",
            "<b>",
            "</b>",
            "<ul>",
            "<li>",
            "</ul>",
            "<pre>",
            "<h2>",
            "</h2>",
            "<blockquote>",
        ),
        *(
            "<div>",
            "<table>",
            "<td>",
            "<form>",
            "<!",
            "<!--",
            "-->",
            "<![",
            "&",
            "&lt;",
            " ",
            "&nbsp;",
            "&#8203;",
        ),
        *(
            "[vc_row",
            "[caption]",
            "[/caption]",
            "[...]",
            "Continue reading",
            "Tweet A",
            "- a\n",
            "1. a\n",
            "\n\n",
        ),
        *('<a href="', '<div class="share">', "&#xD800;", "\ud800", "\x00", "Related posts:", "** "),
    ]
)
MARKUP = st.lists(FRAGMENTS | st.text(), max_size=40).map("".join)


def shown(article: clean.Article) -> list[str]:
    lines = [f"cut: {'yes' if article.cut else 'no'}"]
    for block in article.blocks:
        level = f" {block.level}" if block.level else ""
        text = article.text[block.start : block.end].replace("\n", "\\n")
        lines.append(f"{block.kind}{level}: {text}")
    return lines


def assert_whole(article: clean.Article) -> None:
    """The blocks lie in order, apart by a blank line, and hold all of the text."""
    ends = [-2, *(block.end for block in article.blocks)]
    assert [block.start for block in article.blocks] == [end + 2 for end in ends[:-1]]
    assert all(block.start < block.end for block in article.blocks)
    assert max(ends[-1], 0) == len(article.text)
    assert all(article.text[a:b] == "\n\n" for a, b in pairwise_gaps(article.blocks))
    for block in article.blocks:
        spans = [block.start, *(at for span in block.strong for at in span), block.end]
        assert spans == sorted(spans)


def pairwise_gaps(blocks: tuple[Block, ...]) -> list[tuple[int, int]]:
    return [(one.end, other.start) for one, other in pairwise(blocks)]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    body, line, expected = path.read_text("utf-8").partition("\n=====\n")
    assert line, "a case without expectation"
    is_plain = body.startswith("plain\n")

    article = clean.plain(body.removeprefix("plain\n")) if is_plain else clean.html(body)

    assert shown(article) == expected.strip().split("\n")
    assert_whole(article)


@UNTIMED
@given(MARKUP)
def test_the_blocks_of_any_markup_make_up_its_text(markup: str) -> None:
    assert_whole(clean.html(markup))


@UNTIMED
@given(MARKUP)
def test_the_blocks_of_any_plain_text_make_up_its_text(text: str) -> None:
    assert_whole(clean.plain(text))


@UNTIMED
@given(st.text(alphabet="ab <>/&;.pbr\n", max_size=200))
def test_no_word_is_made_up(text: str) -> None:
    words = clean.plain(text).text.split()

    assert all(word in text for word in words)


@UNTIMED
@given(MARKUP)
def test_a_title_is_one_line(markup: str) -> None:
    title = clean.inline(markup)

    assert title == " ".join(title.split())


def test_bold_stretches_are_offsets_into_the_text() -> None:
    article = clean.html("<p>x</p><p> <b>Be</b> <strong>kind </strong>today, all<b> </b>day <b>long</b></p>")

    assert [article.text[a:b] for a, b in article.blocks[1].strong] == ["Be kind", "long"]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000 + "deep",
        '<![><img src="]>' * 20_000,
        '<a href="' * 20_000,
        "<!--" * 20_000,
        "<article><h2>x" * 10_000,
        '<div class="share">x' * 10_000,
        "Read more " * 20_000,
        "google + + " * 20_000,
        "[vc_row a=" * 20_000,
        "[/caption]" * 20_000,
        "a\n\n" * 5_000,
    ],
)
def test_hostile_markup_comes_to_an_end(markup: str) -> None:
    assert_whole(clean.html(markup))
    assert_whole(clean.plain(markup))


def test_text_below_the_deepest_element_is_kept() -> None:
    article = clean.html("<div>" * 5_000 + "<p>bottom</p>" + "</div>" * 5_000 + "<p>after</p>")

    assert article.text == "bottom\n\nafter"


def test_a_body_is_read_up_to_a_number_of_tags() -> None:
    article = clean.html("<p>a</p>" * clean.MOST_TAGS)

    assert len(article.blocks) <= clean.MOST_BLOCKS


def test_only_some_suspicious_elements_are_weighed() -> None:
    article = clean.html("<p>Say so.</p>" + '<div class="share">x</div>' * 100)

    assert article.text.startswith("Say so.\n\nx")


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Tea &amp;amp; cake", "Tea & cake"),
        ("A <em>plain</em>\n title", "A plain title"),
        ("One<br>two", "One two"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("&#8220;Yes&#8221;", "“Yes”"),
    ],
)
def test_a_title_is_plain_text(markup: str, title: str) -> None:
    assert clean.inline(markup) == title


@pytest.mark.parametrize("body", ["<h1>Say, so!</h1><p>Now.</p>", "<p>Say so</p><p>Now.</p>"])
def test_a_title_that_the_body_repeats_is_left_out(body: str) -> None:
    assert clean.untitled(clean.html(body), "Say so").text == "Now."


@pytest.mark.parametrize(
    "body", ["", "<p>Say it.</p>", "<ul><li>Say so</li></ul>", f"<p>{'Say so ' * 9}</p>"]
)
def test_a_first_block_that_is_no_title_stays(body: str) -> None:
    article = clean.html(body)

    assert clean.untitled(article, "Say so") == article
