import tomllib
from importlib import resources
from itertools import chain
from typing import Any

import pytest

from kb import expansion, text, thesaurus
from kb.expansion import Expansion, Related


def related(query: str) -> dict[str, dict[str, float]]:
    """Return for each expanded part of *query* what it leads to."""
    tokens = text.tokens(query)
    return {
        " ".join(tokens[found.start : found.end]): {one.text: one.weight for one in found.related}
        for found in expansion.of(tokens)
    }


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return tomllib.loads(resources.files("kb").joinpath("thesaurus.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def entries(whole: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = whole["related"]
    return found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("irate", "angry"),
        ("ticked off", "angry"),
        ("passing the buck", "blame"),
        ("finger-pointing", "blame"),
        ("reimburse", "refund"),
        ("on hold", "wait"),
        ("handed around", "transfer"),
        ("from pillar to post", "transfer"),
        ("canned response", "personalize"),
        ("wages", "pay"),
        ("new starter", "training"),
        ("one star", "review"),
        ("crying", "empathy"),
        ("don't know", "find out"),
        ("nobody listens to us", "ask employees"),
    ],
)
def test_the_customers_words_lead_to_those_of_guidance(typed: str, meant: str) -> None:
    assert meant in set(chain.from_iterable(related(typed).values()))


def test_it_leads_one_way_only() -> None:
    assert "crying" not in set(chain.from_iterable(related("empathy").values()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("apologise", "apologize"),
        ("organisation", "organization"),
        ("behaviour", "behavior"),
        ("e-mail", "email"),
        ("call centre", "call center"),
        ("call-back", "callback"),
        ("follow-up", "followup"),
        ("complaint", "complain"),
    ],
)
def test_both_spellings_find_each_other(one: str, other: str) -> None:
    assert max(found[other] for found in related(one).values() if other in found) >= expansion.INFLECTION
    assert max(found[one] for found in related(other).values() if one in found) >= expansion.INFLECTION


def test_on_boarding_finds_onboarding() -> None:
    assert "onboarding" in related("on-boarding")["on boarding"]


def test_a_target_is_looked_for_in_all_its_spellings() -> None:
    found = related("late delivery")["late delivery"]
    assert found["apologise"] == pytest.approx(found["apologize"] * expansion.SPELLING)


def test_the_longest_phrase_comes_first_and_halves_the_words_inside() -> None:
    found = related("a bad review")
    assert list(found) == ["bad review", "review"]
    assert found["review"]["rating"] == pytest.approx(
        related("review")["review"]["rating"] * expansion.INSIDE
    )


def test_a_customer_may_stand_inside_a_phrase() -> None:
    assert "wait" in related("putting customers on hold")["putting customers on hold"]


def test_what_is_typed_is_not_looked_for_again() -> None:
    assert "blame" not in related("scapegoats and blame")["scapegoats"]


def test_a_phrase_around_what_is_typed_finds_nothing_new() -> None:
    assert not {"lay blame", "blame others"} & related("blame")["blame"].keys()


def test_words_of_a_group_stand_for_each_other() -> None:
    assert related("briefcase oversight")["oversight"]["mistake"] == expansion.SAME


def test_near_words_are_looked_for_with_less_weight() -> None:
    assert related("posture")["posture"]["eye contact"] == expansion.NEAR


def test_a_word_keeps_its_greatest_weight() -> None:
    # "furious" is in a group with "irate" and in an entry of its own that says more of "angry".
    assert related("furious")["furious"]["angry"] == 0.9


def test_a_group_only_fills_what_the_entries_leave() -> None:
    assert {"angry", "vent", "stay calm"} <= related("irate")["irate"].keys()


@pytest.mark.parametrize("common", ["customer", "customers", "client", "service", "help", "support", "team"])
def test_words_of_every_text_are_not_expanded(common: str) -> None:
    assert related(common) == {}


def test_an_unclear_phrase_stands_for_no_group() -> None:
    # It is in a group with "by the third ring".
    assert "three rings" not in related("explained three times").get("three times", {})


def test_a_phrase_of_stop_words_and_one_other_is_not_looked_for() -> None:
    assert "on hold" not in related("a long delay")["delay"]


def test_at_most_so_many_are_looked_for_heaviest_first(entries: list[dict[str, Any]]) -> None:
    for word in chain.from_iterable(entry["words"] for entry in entries):
        for found in expansion.of(text.tokens(word)):
            weights = [one.weight for one in found.related]
            assert 0 < len(weights) <= expansion.MOST_RELATED
            assert weights == sorted(weights, reverse=True)


def test_related_words_carry_the_stems_of_the_index() -> None:
    found = expansion.of(["crying"])[0]
    assert isinstance(found, Expansion)
    assert Related(text="emotional", stems=("emot",), weight=0.8) in found.related


def test_what_is_found_is_in_order_and_points_into_the_tokens() -> None:
    tokens = text.tokens("My boss shouts at me on the phone about refunds")
    found = [(one.start, one.end) for one in expansion.of(tokens)]
    assert found == sorted(found, key=lambda span: (span[0], -span[1]))
    assert all(0 <= start < end <= len(tokens) for start, end in found)


@pytest.mark.parametrize(
    "written", ["", "the of and", "zxqv 12 34", "\x00", "\ud800", "irate " * 5_000, "put on " * 5_000]
)
def test_any_query_can_be_expanded(written: str) -> None:
    assert isinstance(expansion.of(text.tokens(written)), list)


def test_there_are_entries_enough(entries: list[dict[str, Any]]) -> None:
    assert len(entries) >= 600


def test_every_entry_is_in_use(entries: list[dict[str, Any]]) -> None:
    # The file is read by its layout: an entry that is set out otherwise would be passed over.
    for entry in entries:
        found = expansion.of(text.tokens(entry["words"][-1]))
        offered = {one.stems for expanded in found for one in expanded.related}
        assert offered & {tuple(text.stems(target)) for target in entry["to"]}, entry["words"][-1]


def test_weights_are_shares(entries: list[dict[str, Any]]) -> None:
    assert all(0 < weight <= 1 for entry in entries for weight in entry["to"].values())


def test_every_entry_has_few_targets_and_none_twice(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        stems = [tuple(text.stems(target)) for target in entry["to"]]
        assert 1 <= len(stems) <= expansion.MOST_RELATED, entry["words"]
        assert all(stems), entry["words"]
        assert len(set(stems)) == len(stems), entry["words"]


def test_no_target_stands_in_every_text(entries: list[dict[str, Any]]) -> None:
    # The stemmer makes "customize" a customer, "busy" a business and "well-being" well.
    everywhere = {(stem,) for stem in text.stems("customer service help support business problem well")}
    for entry in entries:
        assert not everywhere & {tuple(text.stems(target)) for target in entry["to"]}, entry["words"]


def test_every_word_leads_elsewhere(entries: list[dict[str, Any]]) -> None:
    # A target may be one of the entry's own words: it serves the others.
    targets = [{tuple(text.stems(target)) for target in entry["to"]} for entry in entries]
    for entry, stems in zip(entries, targets, strict=True):
        assert all(stems - {tuple(text.stems(word))} for word in entry["words"]), entry["words"]


def test_no_word_has_two_entries(entries: list[dict[str, Any]]) -> None:
    owners: dict[tuple[str, ...], str] = {}
    for word in chain.from_iterable(entry["words"] for entry in entries):
        stems = tuple(thesaurus.stems(word))
        assert set(stems) - thesaurus.PARTICLES, word
        assert owners.setdefault(stems, word) == word, word


def test_words_that_stand_for_others_are_told_as_written() -> None:
    assert {"irate", "livid", "ticked"} <= expansion.words()
