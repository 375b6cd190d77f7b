import pytest

from bench import scores
from bench.labelled import Unit
from bench.scores import Judged
from kb.model import Quote


def quote(text: str) -> Quote:
    return Quote(text=text, start=0, end=len(text), context="", confidence=0.8)


def unit(text: str, grade: int = 2, *topics: str) -> Unit:
    return Unit(kind="sentence", grade=grade, topics=topics, text=text)


def judge(quotes: list[str], units: list[Unit]) -> Judged:
    return scores.judge([quote(text) for text in quotes], units)


def outcomes(quotes: list[str], units: list[Unit]) -> list[str]:
    return [verdict.outcome for verdict in judge(quotes, units).verdicts]


@pytest.mark.parametrize(
    "text",
    [
        "Call people back the same day.",
        "call people back the same day",
        "Call people back the same day. They notice.",
        "Call people back the same day, and say when you will call again, for a promise kept is worth two.",
        "Call people back",
        "3. Call people back the same day",
    ],
)
def test_a_quote_on_guidance_is_right(text: str) -> None:
    assert outcomes([text], [unit("Call people back the same day.")]) == ["right"]


@pytest.mark.parametrize(
    "text", ["The same day.", "Call them back the same day.", "Back the same daylight.", "..."]
)
def test_what_covers_too_little_or_says_it_otherwise_is_wrong(text: str) -> None:
    assert outcomes([text], [unit("Call people back the very same day, or let somebody else do it.")]) == [
        "wrong"
    ]


def test_guidance_that_no_quote_covers_is_missed() -> None:
    judged = judge(
        ["Smile at people."], [unit("Smile at people."), unit("Count what matters."), unit("It rained.", 0)]
    )

    assert [missed.text for missed in judged.missed] == ["Count what matters."]
    assert judged.wanted == 2


def test_of_two_quotes_on_one_unit_one_is_right() -> None:
    whole = "Put the phone down softly, and only after the caller has done so."
    assert outcomes(["Put the phone down softly, and only after", whole], [unit(whole)]) == ["again", "right"]


def test_a_quote_on_a_borderline_unit_is_neither_right_nor_wrong() -> None:
    assert outcomes(["Be nice."], [unit("Be nice.", 1)]) == ["borderline"]


def test_a_heading_is_found_in_the_sentence_that_repeats_it() -> None:
    judged = judge(
        ["Keep your word even on Fridays."], [unit("Keep your word"), unit("Keep your word even on Fridays.")]
    )

    assert judged.missed == ()
    assert [verdict.outcome for verdict in judged.verdicts] == ["right"]


def test_a_heading_and_the_sentence_that_repeats_it_may_both_be_quoted() -> None:
    units = [unit("Keep your word"), unit("Keep your word even on Fridays.")]
    assert outcomes(["Keep your word", "Keep your word even on Fridays."], units) == ["right", "right"]


def test_a_quote_that_is_a_unit_is_judged_by_that_unit_alone() -> None:
    units = [unit("Keep your word"), unit("We did not keep your word list.", 0)]
    assert outcomes(["We did not keep your word list."], units) == ["wrong"]


def test_a_unit_of_one_word_opens_the_quote_that_covers_it() -> None:
    assert outcomes(["Listen. It costs nothing."], [unit("Listen")]) == ["right"]
    assert outcomes(["We had nobody who would listen."], [unit("Listen")]) == ["wrong"]


def test_a_quote_over_several_units_covers_each() -> None:
    units = [unit("Breathe in first."), unit("It helps a lot.", 0), unit("Then count to ten.")]
    assert judge(["Breathe in first. It helps a lot. Then count to ten."], units).missed == ()


def test_strict_figures_count_borderline_quotes_as_wrong_and_lenient_ones_leave_them_out() -> None:
    units = [unit("Thank the cook."), unit("Wave at the bus."), unit("Be around.", 1)]

    figures = scores.extraction([judge(["Thank the cook.", "Be around.", "It snowed all day."], units)])

    assert figures["strict_precision"] == pytest.approx(1 / 3)
    assert figures["lenient_precision"] == pytest.approx(1 / 2)
    assert figures["recall"] == pytest.approx(1 / 2)
    assert figures["strict_f1"] == pytest.approx(2 / 5)
    assert figures["lenient_f1"] == pytest.approx(1 / 2)


def test_nothing_found_is_not_precise() -> None:
    assert set(scores.extraction([judge([], [unit("Thank the cook.")])]).values()) == {0.0}


def test_topics_are_compared_with_those_of_the_unit() -> None:
    filed = [
        (unit("Thank the cook.", 2, "motivation"), ("motivation",)),
        (unit("Wave at the bus.", 2, "attitude", "empathy"), ("empathy", "attitude")),
        (unit("Be around.", 1, "channels"), ()),
    ]
    assert scores.topics(filed) == pytest.approx({"main": 1 / 3, "three": 2 / 3})


def test_agreement_is_precision_and_recall() -> None:
    assert scores.agreement({"a", "b"}, {"b", "c", "d"}) == pytest.approx(
        {"precision": 1 / 2, "recall": 1 / 3}
    )


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "1. ", "((((" * 1_000, "a " * 20_000])
def test_any_text_can_be_judged(text: str) -> None:
    assert len(judge([text], [unit(text), unit("Thank the cook.")]).verdicts) == 1
