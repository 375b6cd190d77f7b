import pytest

from ingest import markdown


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: x\n---\ny",
        "title: x\n---\ny",
        "# x",
        "a [link](https://x.example) b",
        "**lead** on",
        "x\n===\ny",
        "```\nx\n```",
    ],
)
def test_markdown_is_known_by_its_signs(text: str) -> None:
    assert markdown.is_markdown(text)


@pytest.mark.parametrize("text", ["", "Just words.", "- one\n- two", "5 * 4 ** 3", "a\n\n---\n\nb"])
def test_plain_text_is_no_markdown(text: str) -> None:
    assert not markdown.is_markdown(text)


def test_an_alias_is_not_followed() -> None:
    source = markdown.split('---\na: &a ["x"]\ntitle: *a\n---\ny')

    assert source.matter["title"] == "*a"


def test_a_date_stays_as_it_is_written() -> None:
    assert markdown.split("---\ndate: 2010-04-01\n---\n").matter == {"date": "2010-04-01"}


def test_half_yaml_and_half_toml_is_read_by_lines() -> None:
    assert markdown.split('---\nTitle: A: b\ndate = "2010-04-01"\n---\n').matter == {
        "title": "A: b",
        "date": "2010-04-01",
    }


def test_a_head_without_fence_ends_at_the_first_blank_line() -> None:
    source = markdown.split("Title: x\nDate: y\n\nText\n\n---\n\nMore")

    assert (source.matter, source.text) == ({"title": "x", "date": "y"}, "Text\n\n---\n\nMore")


def test_tags_may_be_written_as_one_line() -> None:
    assert markdown.words("[a, 'b']") == markdown.words(["a", "b", {"c": "d"}]) == ("a", "b")
    assert markdown.words(None) == ()


def test_a_text_of_brackets_is_rendered_without_links() -> None:
    assert "<a" not in markdown.render("[a](https://x.example) " + "[" * 2_000)
