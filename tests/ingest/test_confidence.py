from itertools import pairwise

import pytest

from ingest import confidence


def test_confidence_never_falls_as_the_score_rises() -> None:
    trusts = [confidence.of(score / 10) for score in range(-20, 40)]

    assert all(one <= other for one, other in pairwise(trusts))


@pytest.mark.parametrize("step", confidence.STEPS)
def test_a_step_has_the_confidence_that_was_fitted(step: tuple[float, float]) -> None:
    assert confidence.of(step[0]) == step[1]


def test_between_two_steps_confidence_lies_between_theirs() -> None:
    (low, worse), (high, better) = confidence.STEPS[:2]

    assert worse < confidence.of((low + high) / 2) < better


def test_beyond_the_steps_nothing_is_made_up() -> None:
    assert confidence.of(-9.0) == confidence.STEPS[0][1]
    assert confidence.of(9.0) == confidence.STEPS[-1][1]


def test_the_threshold_leaves_something_out_and_lets_something_through() -> None:
    assert confidence.STEPS[0][1] < confidence.LEAST < confidence.STEPS[-1][1]
