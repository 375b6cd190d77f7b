from pathlib import Path

import pytest

from bench import sweep
from bench.labelled import Document, Unit
from bench.sweep import Row, Sets, Setting
from kb import matching

FIGURES = {"own labelled": (0.5, 1.0), "own found": (0.25, 0.5)}


def row(value: float, *, is_chosen: bool) -> Row:
    return Row(setting="ranking.NEAR", value=value, is_chosen=is_chosen, figures=FIGURES)


@pytest.fixture
def sets(tmp_path: Path) -> Sets:
    """A folder of one post, and two queries of which the second is held back."""
    (tmp_path / "queries.tsv").write_text("id\tquery\nq1\toffer tea\nq2\tspoons\n", "utf-8")
    (tmp_path / "judgements.tsv").write_text("query\tpost\tunit\tgrade\nq1\ttea\t0\t2\n", "utf-8")
    (tmp_path / "tea.md").write_text("# Waiting\n\nOffer tea.\n", "utf-8")
    unit = Unit(kind="sentence", grade=2, topics=(), text="Offer tea.")
    return {"own": (tmp_path, [Document(name="tea", path=tmp_path / "tea.md", part="held", units=(unit,))])}


def test_every_constant_is_swept_around_its_present_value() -> None:
    for setting in sweep.settings():
        assert setting.within[setting.key] in setting.values
        assert len(setting.values) >= 4
        assert list(setting.values) == sorted(setting.values)


def test_our_own_documents_are_asked() -> None:
    folder, documents = sweep.everything()["own"]
    assert (folder / "queries.tsv").is_file()
    assert len(documents) >= 40


def test_only_queries_that_may_be_looked_at_are_asked(sets: Sets) -> None:
    with sweep.collections(sets) as asked:
        assert {name: [case.id for case in cases] for name, (_, cases) in asked.items()} == {
            "own labelled": ["q1"],
            "own found": ["q1"],
        }


def test_a_sweep_tries_values_and_leaves_everything_as_it_was(sets: Sets) -> None:
    weights = {"NEAR": 1.0}
    one = Setting(name="it.NEAR", within=weights, key="NEAR", values=(0, 1.0, 2))

    with sweep.collections(sets) as asked:
        rows = list(sweep.sweep([one], asked))

    assert weights == {"NEAR": 1.0}
    assert [(row.value, row.is_chosen) for row in rows] == [(0, False), (1, True), (2, False)]
    assert all(row.figures["own labelled"] == (1, 1) for row in rows)


def test_other_values_have_an_effect(sets: Sets) -> None:
    one = Setting(name="matching.ENOUGH", within=vars(matching), key="ENOUGH", values=(2,))
    with sweep.collections(sets) as asked:
        (row,) = sweep.sweep([one], asked)
    assert row.ndcg == 0  # nothing has twice the words of the best


def test_the_command_writes_what_it_prints(
    sets: Sets, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep.main(["--only", "ranking.CLOSE", "--out", str(tmp_path / "results")], sets)

    written = (tmp_path / "results" / "search-sweep.tsv").read_text("utf-8").splitlines()
    printed = capsys.readouterr().out.splitlines()
    assert len(written) - 1 == len(printed) >= 4
    assert all(line.startswith("ranking.CLOSE") for line in printed)


def test_the_command_writes_nothing_unasked(sets: Sets, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    sweep.main(["--only", "ranking.CLOSE"], sets)
    assert set(tmp_path.rglob("*")) == before


def test_a_table_has_a_line_for_each_value() -> None:
    assert sweep.table([row(0, is_chosen=False), row(1.5, is_chosen=True)]).splitlines() == [
        "setting\tvalue\tchosen\tmean ndcg\town labelled ndcg\town labelled hit\town found ndcg\town found hit",
        "ranking.NEAR\t0\t\t0.375\t0.500\t1.000\t0.250\t0.500",
        "ranking.NEAR\t1.5\tchosen\t0.375\t0.500\t1.000\t0.250\t0.500",
    ]
