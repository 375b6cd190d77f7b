"""Which sentences are kept as guidance: case files in `cases/extract`.

A case is a head of `name: value` lines, a blank line, the post in a few marks of Markdown, a line `===`, and the
expected quotes, one a line; `(none)` says that nothing is to be kept.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import confidence, extract, phrases
from kb.model import Block, BlockKind, Completeness, Post

CASES = sorted((Path(__file__).parent / "cases" / "extract").glob("*.txt"))
KINDS: tuple[tuple[str, BlockKind], ...] = (("#", "heading"), ("-", "item"), (">", "quote"), ("```", "code"))


def block(mark: str, start: int) -> tuple[str, Block]:
    """Return the text that stands for one chunk of a case, and its block."""
    kind: BlockKind = next((kind for prefix, kind in KINDS if mark.startswith(prefix)), "paragraph")
    bare = mark if kind == "paragraph" else mark.strip("#->` ")
    if kind == "paragraph" and re.match(r"\*\*\d", bare):
        return bare, Block(kind="paragraph", start=start, end=start + len(bare))
    bold = re.search(r"\*\*(.+?)\*\*", bare)
    text = bare.replace("**", "")
    strong = ((start + bold.start(), start + bold.start() + len(bold[1])),) if bold else ()
    return text, Block(kind=kind, start=start, end=start + len(text), strong=strong)


def post(body: str, title: str = "", completeness: Completeness = "full") -> Post:
    """Return the post that the chunks of *body* make."""
    chunks = [chunk for part in body.split("\n\n") for chunk in re.split(r"\n(?=- )", part.strip("\n"))]
    text, blocks = "", []
    for chunk in chunks:
        text += "\n\n" if text else ""
        bare, found = block(chunk, len(text))
        text += bare
        blocks.append(found)
    return Post(
        key="1",
        source="case",
        publisher="case",
        title=title,
        text=text,
        completeness=completeness,
        blocks=tuple(blocks),
    )


def case(text: str) -> tuple[Post, list[str]]:
    """Return the post of a case file and the quotes it expects."""
    written, found, expected = text.partition("\n===\n")
    assert found, "a case needs a line '===' and the expected quotes, or (none)"
    assert expected.strip(), (
        "a case with no expectation proves nothing; write (none) where nothing is to be kept"
    )
    head, _, body = written.partition("\n\n")
    head_of = dict(line.split(": ", 1) for line in head.splitlines())
    lines = [line for line in expected.splitlines() if line != "(none)"]
    return post(body, head_of["title"], "excerpt" if "excerpt" in head_of.values() else "full"), lines


def texts(written: Post) -> list[str]:
    return [quote.text for quote in extract.quotes(written)]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_gives_the_quotes_it_expects(path: Path) -> None:
    written, expected = case(path.read_text("utf-8"))

    assert texts(written) == expected


@pytest.mark.parametrize("text", ["title: A\n\nBe kind.\n", "title: A\n\nBe kind.\n===\n"])
def test_a_case_without_an_expectation_fails(text: str) -> None:
    with pytest.raises(AssertionError):
        case(text)


def test_there_are_cases() -> None:
    assert len(CASES) >= 25


def test_a_quote_stands_verbatim_at_its_offsets() -> None:
    written = post(
        "- 1) “Own the delay.”\n- Tip: Call the guest back today.\n\n4. Say sorry first. It was late."
    )

    quotes = extract.quotes(written)

    assert [written.text[quote.start : quote.end] for quote in quotes] == [quote.text for quote in quotes]
    assert len(quotes) == 2


def test_a_post_without_blocks_is_read_by_its_paragraphs() -> None:
    written = Post(
        key="1", source="a", publisher="a", title="", text="It rained.\n\n2. Own the delay. It was ours.\n\n"
    )

    assert texts(written) == ["Own the delay."]


def test_context_is_the_heading_and_the_lead_in_with_the_sentences_around() -> None:
    written = post("# At the desk\n\n**Be quick** The line is long. Call the guest back today. It was late.")

    quote = extract.quotes(written)[1]

    assert quote.context == "At the desk\nBe quick\nThe line is long.\nIt was late."


def test_context_of_a_lead_in_is_what_explains_it() -> None:
    written = post("4. Own the delay. The kitchen was slow. The guests were kind.")

    assert extract.quotes(written)[0].context == "The kitchen was slow.\nThe guests were kind."


def test_context_says_a_heading_once() -> None:
    written = post("# Own the delay\n\nCall the guest back today. It was late.")

    assert extract.quotes(written)[1].context == "Own the delay\nIt was late."


def test_a_widened_quote_does_not_repeat_itself_in_its_context() -> None:
    written = post("# At the desk\n\nEvery desk loses a letter. Own it. It was late.")

    [quote] = extract.quotes(written)

    assert quote.text == "Every desk loses a letter. Own it."
    assert quote.context == "At the desk\nIt was late."


def test_what_is_too_doubtful_is_left_out() -> None:
    written = post("Perhaps a clerk may want to listen. Never argue with a guest.")

    doubtful = [find for find in extract.finds(written) if confidence.of(find.score) < confidence.LEAST]

    assert texts(written) == ["Never argue with a guest."]
    assert all(find.unit.text not in texts(written) for find in doubtful)


def test_context_is_bounded() -> None:
    written = post("4. Own the delay. " + "The kitchen was slow and the guests were kind to us. " * 40)

    assert 0 < len(extract.quotes(written)[0].context) <= extract.LONGEST_CONTEXT


def test_a_quote_carries_its_topics() -> None:
    written = post("Take responsibility for your mistakes.")

    assert "responsibility" in [filing.topic for filing in extract.quotes(written)[0].topics]


def test_a_command_is_surer_than_a_hint() -> None:
    surer, weaker = extract.quotes(post("Never argue with a guest. A clerk should listen."))

    assert surer.confidence > weaker.confidence >= 0.5


def test_an_over_long_sentence_is_never_a_quote() -> None:
    assert texts(post("Listen to " + "every single guest and " * 40 + "nobody else.")) == []


def test_a_post_gives_its_best_quotes_only() -> None:
    written = post("\n\n".join(f"Call every guest of room {number} today." for number in range(100)))

    quotes = extract.quotes(written)

    assert len(quotes) == extract.MOST_QUOTES
    assert all(one.end <= other.start for one, other in pairwise(quotes))


@pytest.mark.parametrize("kind", ["paragraph", "heading", "item"])
@pytest.mark.parametrize(
    "text", ["", " \n\n ", "\x00", "\ud800", "1.", "•", "**", "Tip:", "(", '"', "“”", "..."]
)
def test_next_to_nothing_gives_nothing(text: str, kind: BlockKind) -> None:
    whole = Block(kind=kind, start=0, end=len(text), strong=((0, len(text)),))
    for blocks in ((), (whole,)):
        written = Post(key="1", source="a", publisher="a", title=text, text=text, blocks=blocks)
        assert extract.quotes(written) == ()


def test_many_bold_stretches_and_lines_are_read_in_one_go() -> None:
    text = "**a** b\n" * 20_000
    strong = tuple((start, start + 5) for start in range(0, len(text), 8))
    whole = Block(kind="paragraph", start=0, end=len(text), strong=strong)

    assert (
        extract.quotes(Post(key="1", source="a", publisher="a", title="", text=text, blocks=(whole,))) == ()
    )


@pytest.mark.parametrize(
    "piece", ["a", "a ", "“", "**", "1. ", "If a, ", "don't ", "- ", "( ", "the key ", "Be kind. ", "\n"]
)
def test_a_hostile_text_is_read_in_one_go(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    written = Post(key="1", source="a", publisher="a", title=text[:1000], text=text)

    assert len(extract.quotes(written)) <= extract.MOST_QUOTES


@pytest.mark.parametrize("pattern", phrases.PATTERNS, ids=lambda pattern: pattern.reason)
def test_a_pattern_finds_its_own_examples(pattern: phrases.Pattern) -> None:
    for text in pattern.like:
        assert pattern.regex.search(text)
        assert not pattern.words.isdisjoint(phrases.tokens(text))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Be kind.",
                "Don’t argue.",
                "1.",
                "**",
                "“",
                "”",
                '"',
                "\n",
                "\n\n",
                "Tip:",
                " ",
                "If late, call.",
                "😀",
                "…",
                "When",
                "-",
                "?",
            ]
        )
    ),
    st.sampled_from(["full", "excerpt"]),
)
def test_quotes_are_verbatim_in_order_and_apart(pieces: list[str], completeness: Completeness) -> None:
    text = " ".join(pieces)
    written = Post(key="1", source="a", publisher="a", title="", text=text, completeness=completeness)

    quotes = extract.quotes(written)

    assert all(text[quote.start : quote.end] == quote.text for quote in quotes)
    assert all(one.end <= other.start for one, other in pairwise(quotes))
    assert len({quote.text for quote in quotes}) == len(quotes)
