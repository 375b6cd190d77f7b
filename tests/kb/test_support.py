from typing import Any

from kb import support
from kb.model import Filing
from kb.support import Voice


def voice(text: str = "Own it today.", *topics: str, **known: Any) -> Voice:
    values: dict[str, Any] = {"confidence": 0.9, "publisher": "a.example", "completeness": "full"}
    return Voice(text=text, topics=[[topic, [f"{topic}-word"]] for topic in topics], **{**values, **known})


def test_publishers_count_once() -> None:
    found = support.of([voice(), voice(publisher="b.example"), voice()])

    assert (found.voices, found.publishers) == (3, {"a.example", "b.example"})


def test_the_best_quote_words_it_and_of_equals_always_the_same() -> None:
    said = [
        voice("It is good to own it today.", confidence=0.9),
        voice("Own it today."),
        voice("Own it, today"),
    ]

    assert support.of(said).wording == support.of(said[::-1]).wording == "Own it today."


def test_topics_are_voted_on_and_keep_the_words_of_all() -> None:
    found = support.of([voice("A.", "trust", "recovery"), voice("B.", "recovery"), voice("C.", "culture")])

    assert found.topics == [
        Filing(topic="recovery", words=("recovery-word",)),
        Filing(topic="culture", words=("culture-word",)),
        Filing(topic="trust", words=("trust-word",)),
    ]


def test_there_are_at_most_three_topics() -> None:
    found = support.of(
        [voice("A.", "trust"), voice("B.", "ease"), voice("C.", "culture"), voice("D.", "loyalty")]
    )

    assert len(found.topics) == support.MOST_TOPICS


def test_replaced_quotes_do_not_count_beside_others() -> None:
    found = support.of([voice("Own it today."), voice("Own it all.", publisher="b.example", changed=True)])

    assert (found.voices, found.publishers, found.wording) == (1, {"a.example"}, "Own it today.")


def test_replaced_quotes_alone_give_words_but_no_source() -> None:
    found = support.of([voice("Own it today.", "trust", changed=True)])

    assert (found.publishers, found.wording) == (set(), "Own it today.")
    assert [filing.topic for filing in found.topics] == ["trust"]


def test_a_flawed_quote_words_nothing_beside_a_clean_one() -> None:
    said = [voice("Own it today.", is_flawed=True), voice("It is good to own it today.", confidence=0.3)]

    assert support.of(said).wording == "It is good to own it today."
    assert support.of(said[:1]).wording == "Own it today."
