"""The figures of the repository's own labelled cases, and the command that prints them."""

import json
import sys
from pathlib import Path

import pytest

# The wheel holds no `bench`; whatever is installed still comes first.
sys.path.append(str(Path(__file__).parent.parent))

from bench import evaluate, floors, labelled, scores
from bench.evaluate import Section


@pytest.fixture(scope="module")
def measured() -> list[Section]:
    return evaluate.own()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one document, with one label of each grade."""
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
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = evaluate.main(
        ["--documents", str(folder), "--part", "held", "--verbose"], floor_file=tmp_path / "floors.toml"
    )

    printed = capsys.readouterr().out
    assert status == 0
    assert "1 posts, 2 guidance, 1 quotes" in printed
    assert "p13 missed sent: Never count spoons." in printed
    assert "tuning" not in printed


def test_the_held_part_is_listed_only_where_it_is_asked_for(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main(["--documents", str(folder), "--verbose"], floor_file=tmp_path / "floors.toml")
    assert "p13 missed" not in capsys.readouterr().out


def test_a_figure_below_its_floor_makes_the_status_1(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floors.write(
        tmp_path / "floors.toml", {"merging-held": {"precision": 1.01}, "merging-tuning": {"recall": 1.01}}
    )

    status = evaluate.main(
        ["--documents", str(folder), "--part", "held"], floor_file=tmp_path / "floors.toml"
    )

    assert status == 1
    assert "Below its floor: merging-held, precision" in capsys.readouterr().out


def test_floors_are_raised_on_demand(
    folder: Path, tmp_path: Path, measured: list[Section], capsys: pytest.CaptureFixture[str]
) -> None:
    floor_file = tmp_path / "floors.toml"

    assert evaluate.main(["--documents", str(folder), "--raise-floors"], floor_file=floor_file) == 0

    assert floors.read(floor_file) == floors.raised(evaluate.figures(measured), {})
    assert "Every figure reaches its floor." in capsys.readouterr().out


def test_a_folder_without_labels_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        evaluate.main(["--documents", str(tmp_path)])

    assert refused.value.code == 2
    assert "has no labels.jsonl" in capsys.readouterr().err
