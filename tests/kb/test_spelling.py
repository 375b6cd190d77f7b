from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz.distance import OSA

from kb import spelling, text
from kb.spelling import Correction, Vocabulary

HERE = Path(__file__).parent
POSTS = HERE.parent / "eval" / "posts"
KB = Path(spelling.__file__).parent
WORDS = {"customer": 90, "custom": 9, "refund": 30, "refunds": 20, "receive": 10, "phone": 40, "angry": 12}


def nobody_knows(word: str) -> bool:
    return False


def corrected(typed: str, words: dict[str, int] = WORDS) -> str | None:
    found = spelling.correct([typed], Vocabulary(words), nobody_knows)
    return found[0].instead if found else None


@pytest.fixture(scope="module")
def realistic() -> Vocabulary:
    """The words of the labelled posts, and of the thesaurus and topics as words that no post need hold."""
    counts = Counter(
        word for path in POSTS.glob("*.md") for word in set(text.tokens(path.read_text("utf-8")))
    )
    for name in ("thesaurus.toml", "topics.toml"):
        counts.update(dict.fromkeys(text.tokens((KB / name).read_text("utf-8")), 0))
    return Vocabulary(counts)


def cases(part: str) -> list[tuple[str, str]]:
    lines = (HERE / "cases" / "spelling.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines[2:]]
    assert all(len(row) == 3 and row[2] for row in rows), "every case says what is expected"
    return [(typed, meant) for its_part, typed, meant in rows if its_part == part]


def is_meant(word: str, meant: str) -> bool:
    """Say whether searching for *word* searches for what was meant."""
    return text.stems(word) == text.stems(meant)


# Measured in November 2026: recall 0.95 and 0.91, precision 0.97 and 0.96.
@pytest.mark.parametrize(("part", "recall", "precision"), [("tune", 0.93, 0.95), ("held", 0.88, 0.93)])
def test_mistyped_words_are_corrected_and_others_left_alone(
    part: str, recall: float, precision: float, realistic: Vocabulary
) -> None:
    every = cases(part)
    found = {typed: spelling.correct([typed], realistic, nobody_knows) for typed, _ in every}
    searched = {typed: found[typed][0].instead if found[typed] else typed for typed, _ in every}
    good = [is_meant(searched[typed], meant) for typed, meant in every if meant != "-"]
    proposed = [is_meant(searched[typed], meant) for typed, meant in every if found[typed]]

    assert sum(good) / len(good) >= recall
    assert sum(proposed) / len(proposed) >= precision


@pytest.mark.parametrize("part", ["tune", "held"])
def test_the_word_meant_by_every_case_is_there_to_be_found(part: str, realistic: Vocabulary) -> None:
    meant = {word for _, words in cases(part) if words != "-" for word in words.split()}

    assert sorted(word for word in meant if word not in realistic) == []


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("custmer", "customer"),
        ("recieve", "receive"),
        ("fone", "phone"),
        ("custmer's", "customer"),
        ("angryy", "angry"),
    ],
)
def test_a_mistyped_word_is_corrected(typed: str, instead: str) -> None:
    assert spelling.correct(["an", typed], Vocabulary(WORDS), nobody_knows) == (
        Correction(typed=typed, instead=instead),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "refunded",  # a form of a word that is here
        "receiver",  # English
        "refumd1",
        "rec",
        "cant",
        "didnt",
        "youre",
        "don't",
        "honoured",  # English in England
        "電話番号",
        "x" * 100_000,
        "",
    ],
)
def test_what_is_no_typing_mistake_is_left_alone(typed: str) -> None:
    assert corrected(typed) is None


def test_a_word_that_something_else_knows_is_left_alone() -> None:
    assert spelling.correct(["custmer"], Vocabulary(WORDS), {"custmer"}.__contains__) == ()


def test_irate_is_not_taken_for_create() -> None:
    assert corrected("irate", {"create": 500, "rate": 50, "irrate": 1}) is None


def test_of_two_words_that_are_as_likely_neither_is_proposed() -> None:
    assert corrected("hirred", {"hirted": 3, "hirded": 3}) is None


def test_the_far_more_frequent_of_two_words_is_proposed() -> None:
    assert corrected("emplyer", {"employer": 900, "emplower": 3}) == "employer"


def test_two_forms_of_one_word_are_no_rivals() -> None:
    assert corrected("refumds", {"refunds": 5, "refund": 5}) == "refunds"


def test_of_two_words_that_are_as_likely_the_english_one_is_proposed() -> None:
    assert corrected("servide", {"service": 1, "servise": 1}) == "service"


def test_a_rare_word_with_the_letters_of_a_far_commoner_one_is_a_mistake() -> None:
    assert corrected("costumer") == "customer"
    assert corrected("customer", {"costumer": 90}) is None


def test_two_frequent_words_run_together_are_told_apart() -> None:
    words = {"the": 100, "angry": 12, "customer": 90, "seldom": 1, "met": 2, "people": 30}

    assert corrected("angrycustomer", words) == "angry customer"
    assert corrected("seldompeople", words) is None
    assert corrected("peopleness", words) is None


def test_a_word_that_may_be_a_new_one_takes_a_likelier_slip() -> None:
    words = {"chatbot": 5, "reboot": 50}

    assert corrected("chattbot", words) == "chatbot"
    assert corrected("chatboy", words) is None
    assert corrected("rebook", words) is None


def test_no_more_than_a_dozen_words_of_a_query_are_looked_at() -> None:
    words = {letter * 3 + "customer": 1 for letter in "abcdefghijklmnop"}
    page = [word.replace("tom", "tmo") for word in words]

    assert len(spelling.correct(page, Vocabulary(words), nobody_knows)) == 12


def test_words_that_begin_alike_come_most_frequent_first() -> None:
    vocabulary = Vocabulary({"refund": 5, "refunds": 9, "refuse": 9, "reef": 99, "zeal": 1})

    assert vocabulary.beginning("ref", 2) == ["refunds", "refuse"]
    assert vocabulary.beginning("zeal", 5) == ["zeal"]
    assert vocabulary.beginning("zebra", 5) == []
    assert vocabulary.beginning("", 1) == ["reef"]


def test_near_words_come_likeliest_first() -> None:
    near = Vocabulary({"receive": 10, "relieve": 10, "received": 90, "zeal": 1}).near("recieve")

    assert [(other.word, other.distance, other.count) for other in near] == [
        ("receive", 1, 10),
        ("relieve", 1, 10),
        ("received", 2, 90),
    ]


def test_no_more_near_words_are_given_than_asked_for() -> None:
    assert len(Vocabulary({"refund": 1, "refunds": 2, "refuns": 1}).near("refun", 2)) == 2


@pytest.mark.parametrize(
    ("word", "typed"), [("cat", "act"), ("call", "cxlx"), ("refund", "rxfxnd"), ("receive", "rxcxxve")]
)
def test_words_too_short_or_too_far_off_are_not_near(word: str, typed: str) -> None:
    assert Vocabulary({word: 1}).near(typed) == []


def test_comparing_letters_first_misses_no_word(realistic: Vocabulary) -> None:
    words = [word for word in realistic.beginning("", 10_000) if word.isalpha()]
    for typed, _ in cases("tune")[:100:10]:
        reach = 2 if len(typed) >= 7 else 1
        within = {word for word in words if OSA.distance(typed, word) <= reach}

        assert within <= {other.word for other in realistic.near(typed, 10_000)}


def test_words_of_any_alphabet_can_be_near() -> None:
    words = {"телефон": 1, "téléphoné": 1, "customer": 1}

    assert [other.word for other in Vocabulary(words).near("тлефоны")] == ["телефон"]


def test_an_empty_vocabulary_has_nothing_to_say() -> None:
    empty = Vocabulary({})

    assert empty.near("custmer") == empty.beginning("c", 5) == []
    assert empty.share("customer") == 0
    assert corrected("angrycustomer", {}) is None


def test_words_of_vocabularies_beside_each_other_are_known_together() -> None:
    both = Vocabulary({"refund": 2, "refunds": 1}, [Vocabulary({"refund": 3, "refuse": 1}), Vocabulary({})])

    assert "refuse" in both
    assert "reply" not in both
    assert (both.count("refund"), both.share("refund")) == (5, 1.0)
    assert both.beginning("ref", 1) == ["refund"]
    assert [near.word for near in both.near("refnud")] == ["refund"]
    assert both.holds_a_form_of("refusing")
    assert spelling.correct(["refuze"], both, lambda _: False)[0].instead == "refuse"
