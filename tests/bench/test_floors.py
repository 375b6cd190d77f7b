from pathlib import Path

from bench import floors


def test_a_figure_below_its_floor_is_named() -> None:
    found = floors.below({"merging-held": {"precision": 0.89}}, {"merging-held": {"precision": 0.9}})

    assert found == ["merging-held, precision: is 0.890, below its floor of 0.90"]


def test_a_figure_at_its_floor_is_not() -> None:
    assert floors.below({"flaws-held": {"recall": 0.9}}, {"flaws-held": {"recall": 0.9}}) == []


def test_a_floor_without_its_figure_is_named() -> None:
    assert floors.below({}, {"flaws-held": {"recall": 0.0}}) == [
        "flaws-held, recall: is no longer measured, below its floor of 0.00"
    ]


def test_floors_go_up_to_whole_hundredths() -> None:
    raised = floors.raised({"flaws-held": {"recall": 0.876}}, {"flaws-held": {"recall": 0.5}})
    assert raised == {"flaws-held": {"recall": 0.87}}


def test_a_hundredth_is_not_lost_to_arithmetic() -> None:
    assert floors.raised({"flaws-held": {"recall": 0.29}}, {}) == {"flaws-held": {"recall": 0.29}}


def test_no_floor_goes_down() -> None:
    least = {"flaws-held": {"recall": 0.5}, "copies-held": {"recall": 1.0}}
    assert floors.raised({"flaws-held": {"recall": 0.4}}, least) == least


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    least = {"flaws-held": {"recall": 0.5, "precision": 1.0}, "copies-held": {"recall": 0.07}}

    floors.write(tmp_path / "floors.toml", least)

    assert floors.read(tmp_path / "floors.toml") == least


def test_there_are_no_floors_before_the_first(tmp_path: Path) -> None:
    assert floors.read(tmp_path / "floors.toml") == {}
