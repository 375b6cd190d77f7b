from pathlib import Path

import pytest

from bench import kills
from kb import schema
from kb.index import Index


def test_nothing_is_lost_however_often_a_writer_is_killed(tmp_path: Path) -> None:
    found = list(kills.run(tmp_path, rounds=5, seed=3))

    assert [one["faults"] for one in found] == [[]] * 5
    assert all(one["commits"] for one in found)


def test_what_the_index_lacks_is_a_fault(tmp_path: Path) -> None:
    engine, index = kills._opened(tmp_path)
    kills._change(engine, kills.random.Random(1), 5)
    index.catch_up(engine)
    with schema.writing(engine) as db:
        db.exec_driver_sql("UPDATE posts SET text = 'Zebra.', title = 'Zebra'")
        db.exec_driver_sql("DELETE FROM changes")
    (tmp_path / "index" / "other").touch()

    found = kills.check(tmp_path, seed=1)

    assert any(fault.startswith("posts with") for fault in found["faults"])
    assert "other belongs to nothing" in found["faults"]
    index.close()
    engine.dispose()


def test_a_writer_that_ends_by_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "_process", lambda *_: kills.subprocess.Popen(["true"], stdout=-1, text=True))

    with pytest.raises(kills.WriterFailed):
        kills._kill(tmp_path, 1, 0)


def test_the_report_says_what_happened() -> None:
    sound = {"opened": True, "seconds": 0.02, "commits": 3, "faults": []}
    lost = {"opened": False, "seconds": 0.3, "commits": 2, "faults": ["posts are lost"]}

    assert list(kills.report([sound])) == [
        "1 went on with the index; until it was the store's again: p50 ms 20 worst ms 20",
        "0 built it anew; until it was the store's again: -",
        "3 commits before 1 kills",
        "nothing was lost, nothing twice, no file left over",
    ]
    assert list(kills.report([sound, lost]))[-1] == "round 2: posts are lost"


def test_an_index_of_the_store_has_no_faults(tmp_path: Path) -> None:
    engine, index = kills._opened(tmp_path)
    kills._change(engine, kills.random.Random(2), 20)
    index.catch_up(engine)

    assert kills.check(tmp_path, seed=1)["faults"] == []
    assert isinstance(index, Index)
    index.close()
    engine.dispose()
