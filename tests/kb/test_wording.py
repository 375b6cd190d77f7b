import pytest

from kb import wording
from kb.wording import Candidate


def merit(text: str, confidence: float = 0.8) -> tuple[float, int]:
    return wording.merit(Candidate(text=text, confidence=confidence))


@pytest.mark.parametrize(
    "worse",
    [
        "Own",
        "The one thing that you must always do when something breaks is to take full responsibility for it.",
        "When it breaks, take responsibility.",
        "Take it. Own it. Fix it.",
        "It is good to take responsibility.",
    ],
)
def test_the_short_plain_sentence_is_the_best_wording(worse: str) -> None:
    assert merit("Take responsibility today.") > merit(worse)


def test_the_surer_quote_is_the_better_wording() -> None:
    assert merit("Always take responsibility.", 0.9) > merit("Take full responsibility.")


def test_a_whole_post_is_the_better_source() -> None:
    cut = Candidate(text="Take responsibility now.", confidence=0.8, completeness="excerpt")
    assert merit("Always take responsibility.") > wording.merit(cut)


def test_of_equals_the_shorter_is_best() -> None:
    assert merit("Take responsibility today.") > merit("Always take full responsibility today.")
