import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import text

PIECES = [
    "Be kind.",
    "4.",
    "“",
    "”",
    '"',
    "(",
    ")",
    " ",
    "\n",
    "\n\n",
    "\t",
    "…",
    "e.g.",
    "Mr. Fox",
    "No. 1",
    "😀",
    "\x00",
    "A",
]


def split(written: str) -> list[str]:
    return [written[start:end] for start, end in text.sentences(written)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Listen. Then speak.", ["Listen.", "Then speak."]),
        ("4. Don't blame the clerk. It was late.", ["4. Don't blame the clerk.", "It was late."]),
        ("i. Start here. ii. Go on.", ["i. Start here.", "ii. Go on."]),
        ("4.Own it. Done.", ["4.Own it.", "Done."]),
        ("Ask, e.g. Mr. Fox, for help. He knows.", ["Ask, e.g. Mr. Fox, for help.", "He knows."]),
        ("Don't say no. Say when.", ["Don't say no.", "Say when."]),
        ("Talk to me. Customers wait.", ["Talk to me.", "Customers wait."]),
        ("Hire a good rep. Train them.", ["Hire a good rep.", "Train them."]),
        ("Gate no. 1 is shut. Go on.", ["Gate no. 1 is shut.", "Go on."]),
        ("Fix it.Then go.I agree.", ["Fix it.", "Then go.", "I agree."]),
        ("ASP.NET and Node.js are tools. So what?", ["ASP.NET and Node.js are tools.", "So what?"]),
        ("Use mail, e.g.This one. Good.", ["Use mail, e.g.This one.", "Good."]),
        ("He said, “Wait. Please.” Then he left.", ["He said, “Wait. Please.”", "Then he left."]),
        ("“Own it. Fix it.” That is all.", ["“Own it. Fix it.”", "That is all."]),
        ("“Talk to me. Customers can wait.” Fine.", ["“Talk to me. Customers can wait.”", "Fine."]),
        ('Say "sorry." 3 of them left.', ['Say "sorry."', "3 of them left."]),
        ("(It was late.) We left.", ["(It was late.)", "We left."]),
        ("They waited … Then they left.", ["They waited …", "Then they left."]),
        ("Wait... what? Oh.", ["Wait... what?", "Oh."]),
        ("Not now — ever! — please. Go.", ["Not now — ever! — please.", "Go."]),
        ("We grew 3.5 times. Good.", ["We grew 3.5 times.", "Good."]),
        ("Really?! Yes!! Fine", ["Really?!", "Yes!!", "Fine"]),
        ("Be honest\nGuests like it.\n\nEnd", ["Be honest", "Guests like it.", "End"]),
        ("4.\nOwn it.", ["4.\nOwn it."]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(written: str, expected: list[str]) -> None:
    assert split(written) == expected


def test_a_wrapped_line_continues_its_sentence() -> None:
    wrapped = (
        "The clerk who had been at the desk since early in the morning told\nEve that it was\nshut. So be it."
    )

    assert len(split(wrapped)) == 2


@pytest.mark.parametrize("space", ["\xa0", "\u2003", "\u2028", "\u3000"])
def test_no_white_space_stops_the_splitter(space: str) -> None:
    assert split(f"Take Plan A{space}. Then{space}go.") == [f"Take Plan A{space}.", f"Then{space}go."]


def test_a_paragraph_without_any_mark_is_cut_rather_than_refused() -> None:
    written = "word " * 2_000

    assert "".join(split(written)).replace(" ", "") == "word" * 2_000


def test_an_endless_word_is_cut_too() -> None:
    assert "".join(split("a" * 5_000)) == "a" * 5_000


@pytest.mark.parametrize(
    "piece", ["“", "!“", "‘", "«", '"', "(", "a", "a ", ". ", "1. ", "…", "\n", "a\n", "\ud800"]
)
def test_hostile_text_is_split_in_one_go(piece: str) -> None:
    written = piece * (100_000 // len(piece))

    assert all(start < end <= len(written) for start, end in text.sentences(written))


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.text(alphabet='aA.!?“”"() \n1…\ud800')
    )
)
def test_sentences_stand_in_order_and_hold_every_letter(written: str) -> None:
    spans = text.sentences(written)

    assert all(written[start:end].strip() == written[start:end] != "" for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert "".join("".join(split(written)).split()) == "".join(written.split())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_lines_cover_the_text_without_a_gap(written: str) -> None:
    assert "".join(written[start:end] for start, end in text.lines(written)) == written


def test_folding_straightens_quotes_and_drops_accents_and_case() -> None:
    assert text.fold("“Café” isn’t ＯＰＥＮ") == '"cafe" isn\'t open'
    assert text.fold("“Don’t hes\xadi\xadtate,” SHE SAID") == '"don\'t hesitate," she said'


@given(st.text())
def test_folding_is_that_of_the_whole_text(written: str) -> None:
    straight = written.translate(
        {0x2018: "'", 0x2019: "'", 0x201A: "'", 0x2BC: "'", 0x201C: '"', 0x201D: '"', 0xAD: ""}
    )
    plain = [c for c in unicodedata.normalize("NFKD", straight) if not unicodedata.combining(c)]

    assert text.fold(written) == "".join(plain).casefold()


def test_an_apostrophe_belongs_to_its_word() -> None:
    assert text.tokens("Don’t re-open 24/7!") == ["don't", "re", "open", "24", "7"]


def test_over_long_runs_are_no_tokens() -> None:
    assert text.tokens("a" * 65 + " b") == ["b"]


@pytest.mark.parametrize("word", ["not", "never", "don't", "cannot", "shouldn't", "without"])
def test_every_negation_has_one_stem(word: str) -> None:
    assert text.stem(word) == "not"


def test_stems_leave_out_stop_words_and_possessives() -> None:
    assert text.stems("The customer's complaints were answered") == ["custom", "complaint", "answer"]


@given(st.text())
def test_stems_take_any_text(written: str) -> None:
    assert "" not in text.stems(written)
