"""The two ways to an article and the choice between them; whole pages are in `test_article` and `test_whole`."""

import logging

import pytest
import trafilatura
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import body, clean

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SAID = "Say so before they ask, and say it in words that your neighbour would use. "
WROTE = "What was promised stands on a slip, and the slip is read again on the next morning by whoever comes in first."
LINKS = "<div>" + "<p><a href='/'>A very long link in a very long menu of links</a></p>" * 20 + "</div>"
TAGS = st.sampled_from(
    ["<table>", "<tr>", "<td>", "<p>", "<ul>", "<li>", "<b>", "</b>", "<strong>", "</p>", "</table>", "<h2>"]
)


def found(markup: str, stated: str = "") -> str:
    return clean.html(body.find(body.tree(markup), stated)).text


def shapes(markup: str) -> list[tuple[str, str]]:
    article = clean.html(body.find(body.tree(markup)))
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def test_headings_lists_and_bold_survive() -> None:
    article = clean.html(
        body.find(
            body.tree(
                f"<article><p>{SAID * 3}</p><h2>How</h2><ul><li>Now</li><li><b>Short</b>ly</li></ul></article>"
            )
        )
    )

    assert [(block.kind, block.level) for block in article.blocks[1:]] == [
        ("heading", 2),
        ("item", 1),
        ("item", 1),
    ]
    assert [article.text[a:b] for block in article.blocks for a, b in block.strong] == ["Short"]
    assert article.text.endswith("Shortly")


def test_lists_in_a_page_laid_out_by_tables_survive() -> None:
    cell = f"<p>{SAID * 4}</p><ul><li>Ring them yourself.</li><li>Write it down.</li></ul><p>{WROTE}</p>"

    blocks = shapes(f"<table><tr><td><a href='/'>Home</a></td><td>{cell}</td></tr></table>")

    assert ("item", "Ring them yourself.") in blocks


def test_the_element_that_holds_the_excerpt_is_the_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trafilatura, "extract", lambda *_, **__: f"<p>{WROTE}</p>")
    page = body.tree(f"<p>{WROTE}</p><article><p>{SAID * 4}</p></article>")

    assert "Say so" not in body.find(page)
    assert "Say so" in body.find(page, excerpt=SAID)


def test_a_table_of_figures_stays_a_table() -> None:
    table = "<table><tr><th>Day</th><th>Calls</th></tr><tr><td>Monday</td><td>40</td></tr></table>"

    markup = body.find(body.tree(f"<article><p>{SAID * 5}</p>{table}<p>{SAID}</p></article>"))

    assert "<table" in markup


def test_of_a_menu_with_little_text_the_text_is_taken() -> None:
    assert found(f"{LINKS}<div><p>{SAID * 2}</p></div>") == (SAID * 2).strip()


@pytest.mark.parametrize("failure", [RecursionError(), ValueError("odd"), AttributeError("text")])
def test_our_own_finder_stands_in_for_trafilatura(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(trafilatura, "extract", fail)

    assert (
        found(f"{LINKS}<form><p>{'Comment. ' * 50}</p></form><div><p>{SAID * 4}</p></div>")
        == (SAID * 4).strip()
    )
    assert found(f"{LINKS}<div class='entry-content'><p>{SAID * 4}</p></div>") == (SAID * 4).strip()
    assert found("") == ""


def test_prose_that_trafilatura_left_out_is_taken_from_the_named_element() -> None:
    parts = "".join(
        f"<section><h2>Part {part}</h2><p>{SAID * 3}</p><p>{SAID * 2}</p></section>" for part in range(4)
    )

    assert found(f"{LINKS}<article>{parts}</article>").count("Say so") == 20


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("<main id='x'><p>{0}</p></main><article><p>{0}</p></article>", "article"),
        ("<article><div class='a entry'><p>{0}</p></div></article>", "div"),
        ("<div class='entry'><p itemprop='articleBody'>{0}</p></div>", "p"),
        ("<div role='main'><p>{0}</p></div>", "div"),
    ],
)
def test_the_surest_name_counts(markup: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trafilatura, "extract", lambda *_, **__: None)

    assert body.find(body.tree(markup.format(SAID * 5))).startswith(f"<{name}")


@pytest.mark.parametrize(
    "stated", [f"{SAID * 5}\n\nNot < 5 &amp; so", f"<p>{SAID * 5}</p><p>Not &lt; 5 &amp; so</p>"]
)
def test_what_only_the_data_of_a_page_says_is_taken(stated: str) -> None:
    assert found("<html><body><p>Loading the page.</p>", stated).endswith("\n\nNot < 5 & so")


def test_a_page_without_article_is_no_event(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert found("<html></html>") == ""

    assert caplog.records == []


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>" * 6_000 + SAID,
        "<b>" * 20_000 + SAID,
        "<p>" + "<b>x</b> " * 20_000,
        "<table><td><p>a<p>b<p>c</table>" * 3_000,
        "<article>" + "<p>four words of it" * 15_000,
        "<ul><li>" * 9_000 + SAID,
    ],
)
def test_hostile_pages_come_to_an_end(markup: str) -> None:
    assert body.find(body.tree(markup))


@UNTIMED
@given(st.lists(TAGS | st.text() | st.just(SAID), max_size=30).map("".join))
def test_no_page_breaks_it(markup: str) -> None:
    assert body.find(body.tree(markup)).isprintable() or markup
