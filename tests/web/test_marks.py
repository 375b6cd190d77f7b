from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb.model import Block, Evidence, PostQuote, PostRef, StoredPost
from web import marks
from web.present import visible

REF = PostRef(
    id=1,
    title="On the counter",
    url=None,
    source="notes.md",
    publisher="notes.md",
    author=None,
    published=None,
    feed=None,
    completeness="full",
    origin="document",
)


def cut(text: str, quote: str, reach: int = 100) -> tuple[str, str]:
    """Return what a passage shows before and after a quote of *text*."""
    start = text.index(quote)
    found = Evidence(id=7, text=quote, start=start, end=start + len(quote), context="", post=REF)
    passage = marks.passages([found], {1: text}, reach)[7]
    assert passage.quote == quote
    return passage.before, passage.after


def quote(start: int, end: int) -> PostQuote:
    return PostQuote(text="", start=start, end=end, topics=(), principle=1, sources=1)


def shown(text: str, *quotes: PostQuote, blocks: tuple[Block, ...] = ()) -> list[Any]:
    """Return the text of a post's runs, those of quotes in a list with whether they begin there."""
    post = StoredPost(ref=REF, text=text, blocks=blocks, tags=(), quotes=quotes)
    return [[_shown(run) for run in block.runs] for _, inside in marks.groups(post) for block in inside]


def _shown(run: marks.Run) -> Any:
    text = "".join(piece for piece, _ in run.pieces)
    return (text, run.begins) if run.quote else text


def test_words_with_the_stem_of_a_typed_word_are_marked() -> None:
    sought = marks.wanted(["apologizing to customers"])

    assert marks.highlight("Apologize to a customer.", sought) == (
        "<mark>Apologize</mark> to a <mark>customer</mark>."
    )


def test_nothing_is_marked_without_words() -> None:
    assert marks.highlight("Say <b>sorry</b>", marks.wanted(["the of"])) == "Say &lt;b&gt;sorry&lt;/b&gt;"


def test_marked_words_are_escaped_like_all_others() -> None:
    assert marks.highlight("<i>angry</i>&", marks.wanted(["angry"])) == (
        "&lt;i&gt;<mark>angry</mark>&lt;/i&gt;&amp;"
    )


def test_accents_and_curly_apostrophes_do_not_hide_a_word() -> None:
    sought = marks.wanted(["cafe don't"])

    assert marks.highlight("cafe\u0301 don’t", sought) == ("<mark>cafe\u0301</mark> <mark>don’t</mark>")


def test_a_quotation_mark_after_a_word_is_not_part_of_it() -> None:
    assert marks.highlight("'angry'", marks.wanted(["angry"])) == "'<mark>angry</mark>'"


@given(st.text())
def test_highlighting_changes_no_character_of_any_text(text: str) -> None:
    marked = marks.highlight(text, marks.wanted(["angry", text]))

    assert marked.replace("<mark>", "").replace("</mark>", "").unescape() == visible(text)


def test_a_passage_is_the_quote_with_the_rest_of_its_block() -> None:
    assert cut("Before.\n\nIt broke. Say sorry. Mend it.\n\nAfter.", "Say sorry.") == (
        "It broke. ",
        " Mend it.",
    )


def test_a_heading_is_shown_with_what_it_stands_over() -> None:
    assert cut("Before.\n\nSay sorry\n\nAnd mean it.\n\nAfter.", "Say sorry") == ("", "\nAnd mean it.")


def test_a_quote_that_is_all_there_is_stands_alone() -> None:
    assert cut("Say sorry", "Say sorry") == ("", "")


def test_a_long_passage_is_cut_between_words() -> None:
    assert cut("one two three. Say sorry. four five six", "Say sorry.", 12) == (
        "…\u00a0two three. ",
        " four five\u00a0…",
    )


def test_a_quote_whose_post_is_gone_meanwhile_stands_alone() -> None:
    found = Evidence(id=7, text="Say sorry.", start=50, end=60, context="", post=REF)

    assert marks.passages([found], {}, 100)[7] == marks.Passage(before="", quote="Say sorry.", after="")


def test_a_quote_is_marked_where_it_stands() -> None:
    assert shown("It broke. Say sorry. Bye.", quote(10, 20)) == [
        ["It broke. ", ("Say sorry.", True), " Bye."]
    ]


def test_a_post_without_blocks_has_its_paragraphs() -> None:
    assert shown("One\nline.\n\n\nTwo.") == [["One\nline."], ["Two."]]


def test_a_quote_over_two_blocks_begins_once() -> None:
    assert shown("Say sorry.\n\nMean it.", quote(0, 20)) == [[("Say sorry.", True)], [("Mean it.", False)]]


def test_of_two_quotes_that_overlap_each_keeps_its_beginning() -> None:
    assert shown("Say sorry and mean it.", quote(0, 22), quote(10, 22)) == [
        [("Say sorry ", True), ("and mean it.", True)]
    ]


def test_two_quotes_of_one_beginning_are_marked_once() -> None:
    assert shown("Say sorry.", quote(0, 10), quote(0, 3)) == [[("Say sorry.", True)]]


def test_bold_stretches_stay_bold_inside_and_outside_quotes() -> None:
    block = Block(kind="item", start=0, end=20, level=9, strong=((0, 6), (10, 14)))
    post = StoredPost(ref=REF, text="First: say so, then.", blocks=(block,), tags=(), quotes=(quote(7, 13),))

    [(kind, [marked])] = marks.groups(post)

    assert (kind, marked.level) == ("item", marks.DEEPEST)
    assert [run.pieces for run in marked.runs] == [
        (("First:", True), (" ", False)),
        (("say", False), (" so", True)),
        ((",", True), (" then.", False)),
    ]


def test_blocks_of_one_kind_stand_together() -> None:
    blocks = (
        Block(kind="item", start=0, end=3, level=1),
        Block(kind="item", start=5, end=8, level=1),
        Block(kind="paragraph", start=10, end=13),
    )
    post = StoredPost(ref=REF, text="One\n\nTwo\n\nEnd", blocks=blocks, tags=(), quotes=())

    assert [(kind, len(inside)) for kind, inside in marks.groups(post)] == [("item", 2), ("paragraph", 1)]


@given(st.text(alphabet="ab \n", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_marking_keeps_every_character_whatever_the_offsets(text: str, spans: list[tuple[int, int]]) -> None:
    plain = ["".join(block) for block in shown(text)]
    edges = sorted({min(edge, len(text)) for span in spans for edge in span})
    quotes = [quote(start, end) for start, end in pairwise(edges)]

    marked = shown(text, *quotes)

    assert ["".join(run if isinstance(run, str) else run[0] for run in block) for block in marked] == plain
