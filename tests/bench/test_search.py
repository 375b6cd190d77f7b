import argparse
from pathlib import Path

import pytest

from bench import search, trials
from bench.search import Figure
from bench.trials import Subject, TrialFailed


def figure(engine: str, trial: str, name: str, value: float) -> Figure:
    return Figure(size=300, engine=engine, trial=trial, name=name, value=value)


def test_a_run_measures_everything_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--sizes",
        "300",
        "--engines",
        "guidepost",
        "--queries",
        "3",
        "--seconds",
        "0.5",
        "--longest",
        "0.5",
    ]

    search.main([*options, "--out", str(tmp_path)])

    printed = capsys.readouterr().out
    lines = (tmp_path / "search-300.tsv").read_text("utf-8").splitlines()
    told = {tuple(line.split("\t")[2:4]): float(line.split("\t")[4]) for line in lines[1:]}
    assert told["or", "answered"] == 1
    assert told["commits", "not found"] == 0
    assert told["readers beside a writer", "errors of readers"] == 0
    assert {"build", "cold start", "memory", "prefix"} <= {trial for trial, _ in told}
    assert printed.strip() in (tmp_path / "search-300.txt").read_text("utf-8")
    assert (tmp_path / "search-300.svg").read_text("utf-8").startswith("<svg")


def test_an_index_that_would_take_too_long_is_left_out(tmp_path: Path) -> None:
    subject = Subject(engine="fts5", size=trials.SAMPLE + 1, index=tmp_path / "index", words={}, longest=1)

    ((trial, figures),) = trials.run(subject, patience=0, seconds=1)

    assert (trial, list(figures)) == ("build", ["left out: CPU s it would take"])


def test_a_trial_that_fails_is_named(tmp_path: Path) -> None:
    subject = Subject(engine="nobody", size=10, index=tmp_path / "index", words={}, longest=1)

    with pytest.raises(TrialFailed, match="nobody: build failed"):
        list(trials.run(subject, patience=60, seconds=1))


def test_a_trial_that_fails_does_not_end_the_run() -> None:
    given = argparse.Namespace(longest=1, patience=60, seconds=1)

    (failed,) = search.measured("nobody", 10, {}, given)

    assert (failed.trial, failed.name) == ("failed", "build")


def test_an_engine_that_is_not_installed_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(search.installed(["fts5", "nobody"]))

    assert [name for name, _ in found] == ["fts5"]
    assert "nobody is left out" in capsys.readouterr().err


def test_a_table_has_a_column_for_each_engine() -> None:
    text = search.table([figure("ours", "or", "p95 ms", 0.12345), figure("theirs", "or", "p99 ms", 1234.5)])

    head, p95, p99 = (line.split() for line in text.splitlines())
    assert head[-2:] == ["ours", "theirs"]
    assert p95[-2:] == ["0.123", "-"]
    assert p99[-2:] == ["-", "1,234"]
