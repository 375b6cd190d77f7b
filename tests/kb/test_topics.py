import csv
from pathlib import Path

import pytest

from kb import text, thesaurus, topics
from kb.errors import NotFound

CASES = Path(__file__).parent / "cases" / "topics" / "filed.tsv"
NAMES = [
    "responsibility", "recovery", "complaints", "empathy", "listening", "communication", "responsiveness", "follow-up",
    "expectations", "empowerment", "attitude", "knowledge", "hiring", "training", "motivation", "culture", "feedback",
    "metrics", "systems", "ease", "personalization", "loyalty", "trust", "channels", "teamwork",
]  # fmt: skip
# Of the cases; they only go up.
FIRST_FLOOR = 0.94
SHOWN_FLOOR = 0.96


def cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(case["topic"] in {*NAMES, "-"} for case in found), "a case says where it belongs"
    return found


def filed(case: dict[str, str]) -> list[str]:
    found = topics.file(case["text"], heading=case["heading"], title=case["title"])
    return [filing.topic for filing in found] or ["-"]


def test_the_taxonomy_has_its_25_topics_in_order() -> None:
    assert [topic.name for topic in topics.load()] == NAMES


@pytest.mark.parametrize("topic", topics.load(), ids=lambda topic: topic.name)
def test_a_topic_says_what_it_is(topic: topics.Topic) -> None:
    assert topic.title
    assert topic.definition.endswith(".")
    assert topic.scope.endswith(".")
    assert topic.literature
    assert topic.aliases


def test_every_see_also_names_another_topic() -> None:
    for topic in topics.load():
        assert set(topic.see_also) <= set(NAMES) - {topic.name}
        assert len(set(topic.see_also)) == len(topic.see_also) > 0


def test_no_alias_is_given_twice() -> None:
    aliases = [text.fold(alias) for topic in topics.load() for alias in topic.aliases]
    assert len(set(aliases)) == len(aliases)


def test_no_alias_is_the_name_of_another_topic() -> None:
    assert not [alias for topic in topics.load() for alias in topic.aliases if alias in NAMES]


def test_every_weight_is_above_0_and_at_most_1() -> None:
    assert all(0 < weight <= 1 for topic in topics.load() for weight in topic.words.values())


def test_every_word_of_a_topic_can_be_found() -> None:
    assert not [word for topic in topics.load() for word in topic.words if not thesaurus.stems(word)]


def test_a_phrase_keeps_two_stems_to_know_it_by() -> None:
    for topic in topics.load():
        for word in topic.words:
            assert len(text.tokens(word)) == 1 or len(thesaurus.stems(word)) > 1, f"{topic.name}: {word}"


def test_no_two_words_of_a_topic_read_the_same() -> None:
    for topic in topics.load():
        read = [tuple(thesaurus.stems(word)) for word in topic.words]
        assert len(set(read)) == len(read), topic.name


def test_a_customer_is_no_topic() -> None:
    assert topics.file("customers, clients and people") == ()


def test_a_topic_is_found_by_its_name() -> None:
    assert topics.get("follow-up").title == "Follow-up and follow-through"


def test_a_topic_of_no_such_name_is_not_found() -> None:
    with pytest.raises(NotFound, match="'weather'"):
        topics.get("weather")


def test_most_cases_are_filed_where_they_belong() -> None:
    found = [(case["topic"], filed(case)) for case in cases()]

    first = sum(topics_[0] == wanted for wanted, topics_ in found) / len(found)
    shown = sum(wanted in topics_ for wanted, topics_ in found) / len(found)

    assert first >= FIRST_FLOOR, [(wanted, topics_) for wanted, topics_ in found if topics_[0] != wanted]
    assert shown >= SHOWN_FLOOR, [(wanted, topics_) for wanted, topics_ in found if wanted not in topics_]


def test_a_filing_shows_the_words_it_rests_on() -> None:
    filing = topics.file("Keep your customers informed and never make excuses.")[0]

    assert filing.topic in {"communication", "responsibility"}
    assert filing.words in {("keep your customers informed",), ("make excuses",)}


def test_at_most_three_topics_are_named() -> None:
    everything = "Apologise, listen, train, hire, measure, trust and thank."
    assert len(topics.file(everything)) == 3


def test_words_of_the_quote_weigh_more_than_its_heading() -> None:
    assert topics.file("Listen.", heading="Hiring")[0].topic == "listening"


def test_a_heading_files_what_says_nothing_itself() -> None:
    assert topics.file("Keep a list of three.", heading="Hiring")[0].topic == "hiring"


def test_the_heading_weighs_more_than_the_title() -> None:
    assert topics.file("Just do it.", heading="Hiring", title="Training")[0].topic == "hiring"


def test_the_title_files_what_nothing_else_does() -> None:
    assert topics.file("Just do it.", title="Training")[0].topic == "training"


def test_a_tag_adds_to_what_the_quote_says() -> None:
    filed_with = topics.file("Listen to honest words.", tags=["trust", "honesty"])
    assert filed_with[0].topic == "trust"


def test_a_word_said_twice_counts_once() -> None:
    assert topics.file("Trust, trust, trust!") == topics.file("Trust")


def test_too_little_is_left_unfiled() -> None:
    assert topics.file("Check it.") == ()


def test_the_order_of_the_same_words_does_not_matter() -> None:
    first = {filing.topic for filing in topics.file("Listen and apologise")}
    assert first == {filing.topic for filing in topics.file("Apologise and listen")}


@pytest.mark.parametrize(
    "written",
    ["", " ", "\x00", "\ud800", "in " * 20_000, "keep " * 20_000, "é" * 50_000, "take customer " * 10_000],
    ids=["empty", "blank", "nul", "surrogate", "particles", "openers", "long", "gaps"],
)
def test_any_text_can_be_filed(written: str) -> None:
    assert len(topics.file(written, heading=written, title=written, tags=[written])) <= 3
