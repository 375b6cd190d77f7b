"""The figures of the repository's own labelled cases, and the command that prints them."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

# The wheel holds no `bench`; whatever is installed still comes first.
sys.path.append(str(Path(__file__).parent.parent))

from bench import evaluate, floors, labelled, scores
from bench.evaluate import Section
from bench.labelled import Part

Measure = Callable[[Sequence[Part], Path | None], list[Section]]


@pytest.fixture(scope="module")
def measured() -> list[Section]:
    return evaluate.own()


@pytest.fixture
def known(measured: list[Section]) -> Measure:
    """Stands in for `evaluate.own`, which takes seconds."""
    return lambda parts, model: [one for one in measured if one.name.endswith(tuple(parts))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one document with a label of each grade, and of a query of each part."""
    units = [
        ("Offer tea to people who wait.", 2),
        ("Be there.", 1),
        ("It rained.", 0),
        ("Never count spoons.", 2),
    ]
    said = [
        {
            "post": "p13",
            "i": at,
            "kind": "sent",
            "text": text,
            "grade": grade,
            "topics": ["ease"] if grade else [],
        }
        for at, (text, grade) in enumerate(units)
    ]
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "p13.md").write_text("# Tea\n\nIt rained. Offer tea to people who wait.\n", "utf-8")
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, said)), "utf-8")
    (tmp_path / "queries.tsv").write_text("id\tquery\nq1\ttea\nq2\thot beverage\n", "utf-8")
    judgements = "query\tpost\tunit\tgrade\nq1\tp13\t0\t2\nq2\tp13\t0\t2\n"
    (tmp_path / "judgements.tsv").write_text(judgements, "utf-8")
    return tmp_path


def test_every_figure_of_our_own_cases_reaches_its_floor(measured: list[Section]) -> None:
    assert floors.below(evaluate.figures(measured), floors.read(evaluate.FLOORS)) == []


def test_every_figure_of_our_own_cases_has_a_floor(measured: list[Section]) -> None:
    least = floors.read(evaluate.FLOORS)
    assert {one.name: one.figures.keys() for one in measured} == {name: least[name].keys() for name in least}


def test_our_own_cases_are_many_and_of_both_parts() -> None:
    documents = labelled.own(evaluate.OWN)
    pairs = labelled.pairs(evaluate.PAIRS)
    assert len(documents) >= 40
    assert len(pairs) >= 450
    assert {one.part for one in documents} == {one.part for one in pairs} == set(labelled.PARTS)


def test_all_guidance_that_is_labelled_stands_in_its_post() -> None:
    for document in labelled.own(evaluate.OWN):
        result = evaluate.read(document)
        text = " ".join(word for post in result.posts for word in scores.words(f"{post.title} . {post.text}"))
        for unit in document.units:
            assert unit.grade == 0 or " ".join(scores.words(unit.text)) in text, (document.name, unit.text)


def test_no_pair_is_there_twice() -> None:
    pairs = labelled.pairs(evaluate.PAIRS)
    assert len({frozenset((pair.one, pair.other)) for pair in pairs}) == len(pairs)


def test_the_command_lists_what_was_wrong(
    folder: Path, tmp_path: Path, known: Measure, capsys: pytest.CaptureFixture[str]
) -> None:
    status = evaluate.main(
        ["--documents", str(folder), "--part", "held", "--verbose"],
        floor_file=tmp_path / "floors.toml",
        measure=known,
    )

    printed = capsys.readouterr().out
    assert status == 0
    assert "1 posts, 2 guidance, 1 quotes" in printed
    assert "p13 missed sent: Never count spoons." in printed
    assert "0.00 synonym 'hot beverage' found nothing" in printed
    assert "tuning" not in printed


def test_the_held_part_is_listed_only_where_it_is_asked_for(
    folder: Path, tmp_path: Path, known: Measure, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main(
        ["--documents", str(folder), "--verbose"], floor_file=tmp_path / "floors.toml", measure=known
    )
    assert "p13 missed" not in capsys.readouterr().out


def test_a_figure_below_its_floor_makes_the_status_1(
    folder: Path, tmp_path: Path, known: Measure, capsys: pytest.CaptureFixture[str]
) -> None:
    floors.write(
        tmp_path / "floors.toml", {"merging-held": {"precision": 1.01}, "merging-tuning": {"recall": 1.01}}
    )

    status = evaluate.main(
        ["--documents", str(folder), "--part", "held"], floor_file=tmp_path / "floors.toml", measure=known
    )

    assert status == 1
    assert "Below its floor: merging-held, precision" in capsys.readouterr().out


def test_floors_are_raised_on_demand(
    folder: Path, tmp_path: Path, known: Measure, measured: list[Section], capsys: pytest.CaptureFixture[str]
) -> None:
    floor_file = tmp_path / "floors.toml"

    options = ["--documents", str(folder), "--raise-floors"]
    assert evaluate.main(options, floor_file=floor_file, measure=known) == 0

    assert floors.read(floor_file) == floors.raised(evaluate.figures(measured), {})
    assert "Every figure reaches its floor." in capsys.readouterr().out


def test_searches_are_measured_on_labelled_guidance_and_on_what_is_found(folder: Path) -> None:
    found = {one.name: one for one in evaluate.beside(folder, ("tuning",))}

    assert found["search-tuning"].figures == {"ndcg": 1, "hit": 1, "hard_hit": 1, "answered": 1}
    assert found["whole-tuning"].basis == "1 queries"
    assert found["whole-tuning"].details == ("1.00 synonym 'tea' found Offer tea to people who wait.",)


def test_queries_for_nothing_are_told_beside_the_figures(folder: Path) -> None:
    (folder / "queries.tsv").write_text("id\tquery\nq1\ttea\nq2\ttea\nq3\tferries\n", "utf-8")
    found = {one.name: one for one in evaluate.beside(folder, ("tuning",))}
    assert found["search-tuning"].basis == "1 queries, 1 of 1 more for nothing find nothing"


def test_a_folder_without_queries_is_measured_all_the_same(folder: Path) -> None:
    (folder / "queries.tsv").unlink()
    assert [one.name for one in evaluate.beside(folder, ("held",))] == ["extraction-held", "topics-held"]


def test_searches_by_meaning_are_measured_on_demand(
    folder: Path, tmp_path: Path, known: Measure, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--documents", str(folder), "--part", "held", "--verbose", "--semantic", str(model)]
    assert evaluate.main(options, floor_file=tmp_path / "floors.toml", measure=known) == 0

    printed = capsys.readouterr().out
    assert "1.00 synonym 'hot beverage' found Offer tea to people who wait." in printed
    assert "its floor" not in printed


def test_floors_are_not_raised_to_what_a_model_reaches(model: Path) -> None:
    with pytest.raises(SystemExit):
        evaluate.main(["--semantic", str(model), "--raise-floors"])


def test_a_folder_without_a_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        evaluate.main(["--semantic", str(tmp_path)])

    assert refused.value.code == 2
    assert "it holds none of model.onnx" in capsys.readouterr().err


def test_a_folder_without_labels_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        evaluate.main(["--documents", str(tmp_path)])

    assert refused.value.code == 2
    assert "has no labels.jsonl" in capsys.readouterr().err
