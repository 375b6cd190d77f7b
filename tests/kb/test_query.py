import csv
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb import query, text
from kb.pieces import DEEPEST
from kb.query import Both, Either, Field, Loose, Node, Not, Phrase, Prefix, Word

CASES = Path(__file__).parent / "cases" / "query" / "understood.tsv"
GUIDE = Path(__file__).parents[2] / "docs" / "search.md"
SIGNS = [
    '"', "“", "”", "(", ")", "-", " -", "*", "|", "&", " & ", " ", "\n", "OR", " OR ", " AND ", " NOT ", "NOT", ":",
    "topic:", "year:", "before:", "state:", "foo:", "http://", "2012", "..", "full", "re-open", "don't", "not", "a",
    "refund*", "Ärger", "\ud800", "\x00", "ŉ", "?", "x" * 70,
]  # fmt: skip
WORDS = st.sampled_from(["refund", "don't", "not", "or", "and", "the", "2012", "arger"])
typed_signs = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)


def cases() -> list[tuple[str, str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(None not in row.values() for row in rows), "a case says how it is understood and what is said"
    return [(row["typed"], row["understood"], row["said"]) for row in rows]


def word(written: str) -> Word:
    return Word(text=written)


def tree(typed: str) -> tuple[Node, ...]:
    return query.parse(typed).node.nodes


@pytest.mark.parametrize(("typed", "understood", "said"), cases())
def test_what_is_typed_is_understood_and_what_is_broken_is_said(
    typed: str, understood: str, said: str
) -> None:
    parsed = query.parse(typed)

    assert query.show(parsed.node) == understood
    assert said in " ".join(parsed.notes)
    assert bool(parsed.notes) == bool(said)


def test_words_stand_side_by_side() -> None:
    assert tree("say sorry") == (word("say"), word("sorry"))


def test_a_phrase_of_one_word_stays_a_phrase() -> None:
    assert tree('"Sorry"') == (Phrase(words=("sorry",)),)


def test_alternatives_join_their_neighbours_only() -> None:
    either = Either(nodes=(word("customer"), word("refund")))

    assert tree("angry customer OR refund") == (word("angry"), either)


def test_what_all_is_asked_for_binds_tighter_than_alternatives() -> None:
    both = Both(nodes=(word("rude"), word("loud")))

    assert tree("angry OR rude AND loud") == (Either(nodes=(word("angry"), both)),)


def test_a_group_is_one_alternative() -> None:
    group = Loose(nodes=(word("angry"), word("customer")))

    assert tree("(angry customer) OR refund") == (Either(nodes=(group, word("refund"))),)


def test_a_minus_excludes_a_word_a_phrase_a_group_and_a_field() -> None:
    assert tree('-sorry -"on hold" -(a b) -state:full') == (
        Not(node=word("sorry")),
        Not(node=Phrase(words=("on", "hold"))),
        Not(node=Loose(nodes=(word("a"), word("b")))),
        Not(node=Field(name="state", value="full")),
    )


def test_a_star_makes_a_beginning_and_a_colon_a_field() -> None:
    assert tree("Apolog* topic:Follow-Up") == (
        Prefix(text="apolog"),
        Field(name="topic", value="follow-up"),
    )


@pytest.mark.parametrize("state", query.STATES)
def test_every_state_can_be_asked_for(state: str) -> None:
    assert tree(f"state:{state}") == (Field(name="state", value=state),)


def test_nothing_typed_is_nothing_asked() -> None:
    assert query.parse(" \n") == query.Parsed(node=Loose(nodes=()))


def test_a_note_is_said_once() -> None:
    assert len(query.parse('"" "" ""').notes) == 1


def test_a_note_shows_no_control_characters_and_little_of_what_is_long() -> None:
    (note,) = query.parse("year:\x1b[31m" + "ab" * 60).notes

    assert note.startswith("“year:[31mabab")
    assert len(note) < 150


def test_a_run_without_end_is_no_word_and_that_is_said() -> None:
    parsed = query.parse("refund " + "x" * 65)

    assert parsed.node.nodes == (word("refund"),)
    assert parsed.notes == (f"“{'x' * 40} …” is too long for a word and left out.",)


def test_a_long_query_is_cut_between_two_words() -> None:
    parsed = query.parse("word " * 59 + "sentences and more")

    assert list(query.words(parsed.node)) == ["word"] * 59
    assert parsed.notes == ("Only the first 300 characters are looked at.",)


def test_a_long_query_keeps_the_word_that_ends_at_the_cut() -> None:
    parsed = query.parse("word " * 59 + "ended and more")

    assert list(query.words(parsed.node))[-1] == "ended"


def test_a_long_query_without_spaces_is_cut_anywhere() -> None:
    assert len(list(query.words(query.parse("a-" * 5_000_000).node))) == query.LONGEST_QUERY / 2


def test_blanks_before_a_query_do_not_count() -> None:
    assert query.parse(" " * 1000 + "refund") == query.parse("refund")


NUMBERS = [str(n) for n in range(100, 140)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ".join(NUMBERS), " ".join(NUMBERS[:32])),
        (f'"{" ".join(NUMBERS)}" more* "even more"', f'"{" ".join(NUMBERS[:32])}"'),
        (" ".join(NUMBERS[:32]) + " 140 131 year:2012", " ".join(NUMBERS[:32]) + " 131 year:2012"),
        (" ".join(NUMBERS[:31]) + " (x OR y OR z) -z", " ".join(NUMBERS[:31]) + " x"),
        ("(" + " ".join(NUMBERS[:31]) + " x y) OR z", " ".join(NUMBERS[:31]) + " x"),
        (f'-("{" ".join(NUMBERS)}" z)', f'-"{" ".join(NUMBERS[:32])}"'),
    ],
)
def test_a_query_has_so_many_different_words_and_no_more(typed: str, kept: str) -> None:
    parsed = query.parse(typed)

    assert query.show(parsed.node) == kept
    assert parsed.notes == ("Only the first 32 different words are looked for.",)


def test_the_words_to_highlight_are_those_that_are_wanted() -> None:
    node = query.parse('Say "on hold" (sorry OR refund AND now) -rude cust* topic:empathy').node

    assert list(query.words(node)) == ["say", "on", "hold", "sorry", "refund", "now"]


@given(st.lists(WORDS | st.text("abcé’'-.,?!/ \t", max_size=8), max_size=20).map(" ".join))
def test_plain_words_are_the_tokens_of_the_text(typed: str) -> None:
    plain = re.sub(r"(?<!\S)-+", "", typed)
    assume(len(plain) <= query.LONGEST_QUERY and len(set(text.tokens(plain))) <= query.MOST_WORDS)

    parsed = query.parse(plain)

    assert list(query.words(parsed.node)) == text.tokens(plain)
    assert parsed.notes == ()


@given(st.text() | typed_signs)
def test_whatever_is_typed_has_an_answer(typed: str) -> None:
    parsed = query.parse(typed)

    (query.show(parsed.node) + "".join(parsed.notes)).encode()
    assert set(query.words(parsed.node)) <= set(text.tokens(typed[:2000].encode("utf-8", "replace").decode()))


@given(typed_signs)
def test_what_is_shown_is_understood_as_the_same(typed: str) -> None:
    # Two foldings of "ŉ" differ, and what is shown may be too long or, for a mended "-re-open*", nested once more.
    assume("ŉ" not in typed and typed.count("(") < DEEPEST)
    node = query.parse(typed).node
    shown = query.show(node)
    assume(len(shown) <= query.LONGEST_QUERY)

    assert query.parse(shown) == query.Parsed(node=node)


LEAVES = (
    st.builds(Word, text=WORDS)
    | st.builds(Phrase, words=st.lists(WORDS, min_size=1, max_size=3).map(tuple))
    | st.builds(Prefix, text=st.sampled_from(["ab", "apolog"]))
    | st.just(Field(name="year", value="2010..2014"))
    | st.just(Field(name="title", value="say (no) or maybe"))
)


def _several(
    kind: type[Either] | type[Both] | type[Loose], nodes: st.SearchStrategy[Node]
) -> st.SearchStrategy[Node]:
    others = nodes.filter(lambda node: not isinstance(node, kind))
    return st.lists(others, min_size=2, max_size=3).map(lambda held: kind(nodes=tuple(held)))


TREES = st.recursive(
    LEAVES,
    lambda nodes: (
        st.builds(Not, node=nodes) | _several(Either, nodes) | _several(Both, nodes) | _several(Loose, nodes)
    ),
    max_leaves=8,
)


@given(TREES)
def test_a_tree_is_read_back_from_its_text(node: Node) -> None:
    shown = query.show(node)
    assume(len(shown) <= query.LONGEST_QUERY and shown.count("(") <= DEEPEST)

    whole = node if isinstance(node, Loose) else Loose(nodes=(node,))

    assert query.parse(shown) == query.Parsed(node=whole)


def examples() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", GUIDE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("example", examples())
def test_the_examples_of_the_guide_are_understood(example: str) -> None:
    assert query.parse(example).notes == ()


def test_the_guide_names_every_field_state_and_limit() -> None:
    guide = GUIDE.read_text("utf-8")
    limits = (query.LONGEST_QUERY, query.MOST_WORDS, DEEPEST)

    assert [f"`{name}:" for name in query.FIELDS if f"`{name}:" not in guide] == []
    assert [word for word in (*query.STATES, *query.SYNONYMS) if f"`{word}" not in guide] == []
    assert [limit for limit in limits if f" {limit} " not in guide] == []
