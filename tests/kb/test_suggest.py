from collections.abc import Callable

import pytest
from builders import FEED, NOW, digest, raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from kb import posts, schema
from kb.index import Index
from kb.suggest import Suggestion, suggest

Offers = Callable[..., list[Suggestion]]

SAID = {
    "Angry customers": (
        "Let an angry customer talk.",
        "Ask the customer for a number.",
        "Take responsibility at once.",
        "Answer each response.",
    ),
    "The cushion shop": ("Sell a cushion with every chair.",),
}


@pytest.fixture
def offers(engine: Engine, index: Index) -> Offers:
    """Type something where two posts are known; return what is offered."""
    with schema.writing(engine) as db:
        for title, sentences in SAID.items():
            filed = ("loyalty",) if "shop" in title else ("complaints",)
            made = digest(*sentences, title=title, key=title, topics=filed)
            posts.keep(db, raw(title, name=title), FEED, [made], NOW)
    index.catch_up(engine)

    def ask(typed: str, most: int = 8) -> list[Suggestion]:
        with engine.connect() as db:
            return list(suggest(db, index, typed, most))

    return ask


def texts(found: list[Suggestion], kind: str) -> list[str]:
    return [one.text for one in found if one.kind == kind]


def test_the_last_word_is_completed(offers: Offers) -> None:
    assert texts(offers("Angry cus"), "word") == ["angry customer"]


def test_words_come_first_that_most_hold_beside_the_others(offers: Offers) -> None:
    assert texts(offers("cus"), "word") == ["customer", "cushion"]


def test_a_completion_that_nothing_holds_beside_the_others_is_not_offered(offers: Offers) -> None:
    assert texts(offers("chair cus"), "word") == ["chair cushion"]
    assert offers("cushion resp") == []


def test_forms_of_one_word_are_offered_once_but_words_of_one_stem_both(offers: Offers) -> None:
    assert texts(offers("customer"), "word") == []
    assert sorted(texts(offers("resp"), "word")) == ["response", "responsibility"]


def test_what_was_typed_before_is_no_completion(offers: Offers) -> None:
    assert texts(offers("angry ang"), "word") == []


def test_principles_and_posts_hold_all_that_was_typed(offers: Offers) -> None:
    found = offers("angry cus")

    assert texts(found, "principle")[0] == "Let an angry customer talk."
    assert texts(found, "post") == ["Angry customers"]
    assert all(one.id for one in found if one.kind in {"principle", "post"})


def test_what_shows_the_words_comes_before_what_is_only_near_them(offers: Offers) -> None:
    # The title of its post, and the passage around it, hold "angry" for every principle of the first post.
    assert texts(offers("angry"), "principle")[0] == "Let an angry customer talk."
    assert texts(offers("responsibility"), "principle")[0] == "Take responsibility at once."


def test_topics_are_offered_by_their_names_and_by_what_else_they_are_called(offers: Offers) -> None:
    assert texts(offers("compl"), "topic") == ["Complaints and difficult customers"]
    assert [one.name for one in offers("difficult cust") if one.kind == "topic"] == ["complaints"]


def test_a_topic_that_nothing_is_filed_under_is_not_offered(offers: Offers) -> None:
    assert texts(offers("hiring"), "topic") == []


def test_one_letter_tells_of_topics_alone(offers: Offers) -> None:
    assert {one.kind for one in offers("c")} == {"topic"}


@pytest.mark.parametrize("typed", ["angry ", "angry,", "ANGRY!!"])
def test_a_word_is_complete_where_no_letter_ends_the_text(offers: Offers, typed: str) -> None:
    found = offers(typed)

    assert texts(found, "word") == []
    assert "Let an angry customer talk." in texts(found, "principle")


def test_half_a_word_that_something_follows_finds_nothing(offers: Offers) -> None:
    assert offers("ang ") == []


def test_a_stop_word_at_the_end_does_not_hide_what_the_others_find(offers: Offers) -> None:
    assert "Let an angry customer talk." in texts(offers("angry the"), "principle")


def test_each_kind_has_its_share_of_few_places(offers: Offers) -> None:
    assert [one.kind for one in offers("cus", 3)] == ["word", "topic", "principle"]
    assert [one.kind for one in offers("cus", 0)] == []


def test_a_post_without_title_is_not_offered(engine: Engine, index: Index) -> None:
    with schema.writing(engine) as db:
        posts.keep(db, raw("x"), FEED, [digest("Own it.", title=" ")], NOW)
    index.catch_up(engine)

    with engine.connect() as db:
        assert [one.kind for one in suggest(db, index, "own")] == ["principle"]


def test_what_the_store_no_longer_holds_is_not_offered(offers: Offers, engine: Engine) -> None:
    with schema.writing(engine) as db:
        posts.remove_origin(db, "feed")

    assert {one.kind for one in offers("angry cus")} <= {"word", "topic"}


@pytest.mark.parametrize("typed", ["", " ", '"', "(((", "the ", "topic:", "-", "*", "\x00", "\ud800", "🙂"])
def test_where_there_is_nothing_to_go_by_nothing_is_offered(offers: Offers, typed: str) -> None:
    assert offers(typed) == []


@pytest.mark.parametrize(
    "typed", ["a" * 10_000, "angry " * 2_000, "ß" * 10_000, "angry cus" + "\u0301" * 9_000]
)
def test_very_much_is_answered_too(offers: Offers, typed: str) -> None:
    assert len(offers(typed)) <= 8


@given(typed=st.text())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_gives_an_answer(offers: Offers, typed: str) -> None:
    assert len(offers(typed)) <= 8
    assert len(offers(f"angry {typed}")) <= 8


def test_an_index_that_is_not_there_yet_offers_nothing(engine: Engine, index: Index) -> None:
    with engine.connect() as db:
        assert suggest(db, index, "angry cus") == ()
