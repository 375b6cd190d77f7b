from itertools import permutations

from ingest import guidance, phrases
from ingest.units import Kind, Unit

# Reasons that are looked for in every unit; all others only where these make guidance possible.
EARLY = {"imperative", "negative", "emphatic", "conditional", "inner", "modal", "weak_modal", "service"}


def unit(text: str, kind: Kind = "sentence") -> Unit:
    return Unit(
        start=0,
        end=len(text),
        kind=kind,
        texts=[text],
        at=0,
        section="",
        lead="",
        intro="",
        is_cited=False,
        is_remedy=False,
        block=0,
    )


def test_whatever_speaks_for_a_unit_is_known_before_it_is_given_up() -> None:
    known = EARLY | {pattern.reason for patterns in phrases.FOR.values() for pattern in patterns}

    late = {reason for reason, weight in phrases.WEIGHTS.items() if weight > 0} - known

    assert late == {*guidance.BY_PLACE.values(), "proposed"}


def test_nothing_is_said_of_a_unit_that_cannot_be_guidance() -> None:
    assert guidance.reasons(unit("It rained, and the customers laughed."), "") == frozenset()


def test_the_place_of_a_unit_may_make_it_worth_a_closer_look() -> None:
    text = "One word rather than the list"

    assert guidance.reasons(unit(text), "") == frozenset()
    assert guidance.reasons(unit(text, "heading"), "") == {"contrast", "headline"}


def test_what_is_not_about_service_counts_less() -> None:
    assert "foreign" in guidance.reasons(unit("Soak the beans overnight."), "", is_ours=False)
    assert "foreign" not in guidance.reasons(unit("Call the guest today."), "", is_ours=False)


def test_a_score_does_not_hang_on_the_order_of_its_reasons() -> None:
    scores = {guidance.score(order) for order in permutations(["better", "elsewhere", "we_do"])}

    assert scores == {0.0}


def test_a_long_instruction_counts_less() -> None:
    assert "lengthy" in guidance.reasons(unit(f"Call {'the guest and ' * 20}me."), "")


def test_an_instruction_is_not_obliged_to_as_well() -> None:
    found = guidance.reasons(unit("Call the guest before you have to ask your boss."), "")

    assert "imperative" in found
    assert "weak_modal" not in found


def test_quotation_marks_and_a_genitive_hide_no_word_about_service() -> None:
    assert "service" in guidance.reasons(unit("Call the 'guest' back."), "")
    assert "service" in guidance.reasons(unit("Answer your guests' letters."), "")
