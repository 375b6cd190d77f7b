from itertools import pairwise
from pathlib import Path

from bench import confidence
from bench.labelled import Document, Unit


def test_steps_never_fall() -> None:
    given = [(at / 100, 1.0 if at % 3 else 0.0) for at in range(200)]

    steps = confidence.fit(given)

    assert all(one < other and worse < better for (one, worse), (other, better) in pairwise(steps))


def test_what_is_surer_is_worth_more() -> None:
    doubtful, sure = [(0.0, 0.0)] * 40, [(1.0, 1.0)] * 40

    assert confidence.fit([*sure, *doubtful]) == [(0.0, 0.0), (1.0, 1.0)]


def test_a_few_left_over_make_no_step_of_their_own() -> None:
    assert len(confidence.fit([(at / 100, 0.5) for at in range(45)])) == 1


def test_reliability_sets_confidence_against_worth() -> None:
    rows = confidence.reliability([(9.0, 1.0), (9.0, 0.0)])

    assert [(count, worth) for _, count, _, worth in rows] == [(2, 0.5)]


def test_every_find_of_a_document_has_a_score_and_a_worth(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# The guest\n\nAlways call the guest back. It rained.\n", "utf-8")
    right = Unit(kind="sentence", grade=2, topics=("empathy",), text="Always call the guest back.")
    document = Document(name="a", path=path, part="tuning", units=(right,))

    [(score, worth)] = confidence.points(document)

    assert score > 0
    assert worth == 1.0
