import pytest

from kb import text, thesaurus
from kb.thesaurus import Phrases


def concepts(written: str) -> list[str]:
    return thesaurus.concepts(thesaurus.stems(written))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("irate", "furious"),
        ("reimburse", "money back"),
        ("pass the buck", "finger pointing"),
        ("take responsibility", "own up"),
        ("accept responsibility", "own your mistakes"),
        ("apologise", "say sorry"),
        ("over-deliver", "overdeliver"),
        ("over deliver", "over-deliver"),
        ("under-promise", "underpromise"),
        ("keep customers informed", "keep them in the loop"),
        ("client", "customer"),
    ],
)
def test_two_ways_to_say_one_thing_are_one_concept(one: str, other: str) -> None:
    assert concepts(one) == concepts(other)
    assert len(concepts(one)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("responsive", "responsible"),
        ("customize", "customer"),
        ("account", "accountability"),
        ("hold", "on hold"),
    ],
)
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert concepts(one) != concepts(other)


def test_what_is_in_no_group_stays() -> None:
    assert concepts("take responsibility on Mondays") == ["own-up", "monday"]


def test_stems_without_particles_still_find_a_phrase() -> None:
    assert thesaurus.concepts(["put", "hold"]) == ["keep-waiting"]


def test_the_longest_phrase_wins() -> None:
    assert concepts("exceed expectations") == ["exceed-expectations"]


def test_an_own_decision_owns_nothing() -> None:
    assert thesaurus.stems("their own decisions") == ["decis"]


def test_no_two_groups_have_the_same_name() -> None:
    names = [group.concept for group in thesaurus.load().same]
    assert len(set(names)) == len(names) >= 280


def test_no_phrase_belongs_to_two_groups() -> None:
    owners: dict[tuple[str, ...], str] = {}
    for group in thesaurus.load().same:
        for word in group.words:
            read = tuple(thesaurus.stems(word))
            assert owners.setdefault(read, group.concept) == group.concept, word


def test_every_phrase_is_read_as_its_concept() -> None:
    for group in thesaurus.load().same:
        for word in group.words:
            assert concepts(word) == [group.concept], word


def test_a_concept_never_shares_its_name_with_a_stem_of_another_group() -> None:
    names = {group.concept for group in thesaurus.load().same}
    for group in thesaurus.load().same:
        singles = {stems[0] for word in group.words if len(stems := thesaurus.stems(word)) == 1}
        assert not singles & (names - {group.concept}), group.concept


def test_related_words_are_at_least_two() -> None:
    assert all(len(set(words)) > 1 for words in thesaurus.load().near)


def test_a_contrary_names_what_it_is_contrary_to() -> None:
    assert thesaurus.load().opposites["lie"] == "honest"


def test_a_phrase_may_stand_for_several_concepts() -> None:
    known = thesaurus.load()
    assert known.means["drop-script"] == ("!script",)
    assert known.means["answer-phone"] == ("respond", "phone")


def test_what_a_phrase_means_is_written_as_it_is_read() -> None:
    known = thesaurus.load()
    for meant in known.means.values():
        assert all(" " not in concept and concept not in known.means for concept in meant), meant


def test_things_of_one_kind_are_no_other_kind() -> None:
    kinds = thesaurus.load().apart
    assert kinds["phone"] == kinds["email"] != kinds["day"]


def test_every_phrase_may_hold_a_customer_but_no_other_noun() -> None:
    assert concepts("keep your customers informed") == ["keep-informed"]
    assert concepts("keep your suppliers informed") == ["keep", "supplier", "inform"]


def test_phrases_are_found_one_after_the_other() -> None:
    phrases = Phrases([(["a"], 1), (["a", "b"], 2), (["a", "b", "c"], 3)])
    assert list(phrases.find(["a", "b", "c", "a", "x", "a", "b"])) == [
        (0, 3, 3),
        (3, 4, 1),
        (4, 5, None),
        (5, 7, 2),
    ]


def test_a_phrase_cut_off_at_the_end_is_none() -> None:
    assert list(Phrases([(["a", "b", "c"], 1)]).find(["a", "b"])) == [(0, 1, None), (1, 2, None)]


def test_places_of_words_point_into_the_tokens() -> None:
    tokens = text.tokens("Keep the customer informed")
    assert [(word.stem, tokens[word.token]) for word in thesaurus.words(tokens)][-1] == ("inform", "informed")


@pytest.mark.parametrize("written", ["", "\x00", "\ud800", "keep in " * 20_000, "customer " * 20_000])
def test_any_text_can_be_read(written: str) -> None:
    assert isinstance(concepts(written), list)
