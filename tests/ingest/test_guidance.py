import subprocess
import sys

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
    )


def test_whatever_speaks_for_a_unit_is_known_before_it_is_given_up() -> None:
    known = EARLY | {pattern.reason for patterns in phrases.FOR.values() for pattern in patterns}

    late = {reason for reason, weight in phrases.WEIGHTS.items() if weight > 0} - known

    assert late == {*guidance.BY_PLACE.values(), "proposed"}


def test_nothing_is_said_of_a_unit_that_cannot_be_guidance() -> None:
    assert guidance.reasons(unit("It rained, and the customers laughed."), "") == frozenset()


def test_the_place_of_a_unit_may_make_it_guidance() -> None:
    assert "headline" in guidance.reasons(unit("What a customer means: pure joy", "heading"), "")


def test_a_score_of_nothing_is_nothing_in_every_process() -> None:
    code = (
        "from ingest import guidance;"
        "print(guidance.score(['inner', 'emphatic', 'aside']), guidance.score({'modal', 'service', 'hedge'}))"
    )
    said = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True).stdout
        for seed in "12345"
    }

    assert said == {b"0.0 0.0\n"}
