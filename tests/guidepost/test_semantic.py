"""The commands with a sentence encoder, and with one that cannot be used."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import tiny_model
from command import Done, Guidepost


@pytest.fixture
def note(tmp_path: Path) -> str:
    path = tmp_path / "note.txt"
    said = "Never argue with a customer who is angry. Apologize first and fix the problem afterwards."
    path.write_text(f"How to serve customers\n\n{said}\n")
    return str(path)


def with_model(guidepost: Guidepost, model: Path, *arguments: str) -> Done:
    return guidepost(*arguments, GUIDEPOST_SEMANTIC_MODEL=str(model))


def encoded(guidepost: Guidepost) -> bool:
    """Tell whether there are principles, and a vector of each."""
    with closing(sqlite3.connect(guidepost.home / "guidepost.db")) as db:
        said = db.execute("SELECT id, text FROM principles WHERE sources > 0 ORDER BY id").fetchall()
        made = db.execute("SELECT principle_id, text FROM vectors ORDER BY principle_id").fetchall()
    return bool(said) and said == made


def test_what_is_added_is_encoded_by_a_real_model(guidepost: Guidepost, model: Path, note: str) -> None:
    done = with_model(guidepost, model, "add", note)

    assert (done.status, done.err) == (0, "")
    assert encoded(guidepost)


@pytest.mark.parametrize("command", [["ingest"], ["redo"], ["starter", "load"]])
def test_a_run_encodes_what_there_is(fed: Guidepost, tmp_path: Path, command: list[str]) -> None:
    assert not encoded(fed)

    assert with_model(fed, tiny_model.lay(tmp_path / "tiny"), *command).status == 0

    assert encoded(fed)


def test_a_model_that_cannot_be_used_is_said_and_the_run_goes_on(
    guidepost: Guidepost, tmp_path: Path, note: str
) -> None:
    done = with_model(guidepost, tmp_path / "nowhere", "add", note)

    assert done.status == 0
    assert "nowhere cannot be used: there is no such folder" in done.err
    assert "Never argue" in guidepost("search", "angry").out
