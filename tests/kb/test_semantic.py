import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import tiny_model
from builders import NOW, digest, raw
from sqlalchemy import event
from sqlalchemy.engine import Engine

from kb import posts, schema, vectors
from kb.model import Origins
from kb.semantic import Semantic

SAID = ("calm", "sorry", "thanks")


def keep(engine: Engine, *sentences: str, site: str = "a.example") -> None:
    """Keep a post of these quotes in place of the site's earlier one."""
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    with schema.writing(engine) as db:
        made = digest(*sentences, publisher=site, source=origins.source)
        posts.keep(db, raw(" ".join(sentences)), origins, [made], NOW)


def alike(engine: Engine, semantic: Semantic, asked: str) -> dict[int, float] | None:
    with engine.connect() as db:
        found = semantic.like(db, asked)
    return (
        None if found is None else dict(zip(found.ids.tolist(), found.cosines.round(2).tolist(), strict=True))
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_model.lay(tmp_path / "tiny")


@pytest.fixture
def semantic(folder: Path) -> Semantic:
    return Semantic(folder)


def test_every_principle_has_its_likeness_to_what_is_asked(engine: Engine, semantic: Semantic) -> None:
    keep(engine, *SAID)

    assert semantic.catch_up(engine) == 3

    assert alike(engine, semantic, "sorry") == {1: 0.0, 2: 1.0, 3: 0.0}


def test_a_real_model_finds_what_is_meant(engine: Engine, model: Path) -> None:
    keep(engine, "Stay calm when a customer is angry.", "Measure the time to the first reply.")
    semantic = Semantic(model)
    semantic.catch_up(engine)

    found = alike(engine, semantic, "furious caller shouting at me")

    assert found is not None
    assert found[1] > found[2] + 0.2


def test_what_changes_is_seen_by_those_who_have_it_open(
    engine: Engine, semantic: Semantic, folder: Path
) -> None:
    keep(engine, "calm")
    semantic.catch_up(engine)
    reader = Semantic(folder)
    assert alike(engine, reader, "thanks") == {1: 0.0}

    keep(engine, "thanks", site="b.example")
    semantic.catch_up(engine)

    assert alike(engine, reader, "thanks") == {1: 0.0, 2: 1.0}


def test_vectors_are_loaded_again_only_when_they_have_changed(engine: Engine, semantic: Semantic) -> None:
    keep(engine, "calm")
    semantic.catch_up(engine)
    with engine.connect() as db:
        first, second = semantic.like(db, "calm"), semantic.like(db, "calm")

    assert first is not None
    assert second is not None
    assert first.ids is second.ids


def test_a_run_that_changed_nothing_looks_up_two_facts(engine: Engine, folder: Path) -> None:
    keep(engine, *SAID)
    Semantic(folder).catch_up(engine)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    assert Semantic(folder).catch_up(engine) == 0

    assert ["FROM facts" in one for one in asked if one != "BEGIN"] == [True, True]


def test_a_model_in_the_place_of_another_is_noticed(engine: Engine, folder: Path, semantic: Semantic) -> None:
    keep(engine, *SAID)
    semantic.catch_up(engine)
    tiny_model.lay(folder, table=[row[::-1] for row in tiny_model.TABLE])
    os.utime(folder / "model.onnx", (0, 0))
    assert semantic.catch_up(engine) == 0  # that has opened the earlier one
    other = Semantic(folder)
    assert alike(engine, other, "calm") is None  # what there is says nothing to this one

    assert other.catch_up(engine) == 3

    assert alike(engine, other, "calm") == {1: 1.0, 2: 0.0, 3: 0.0}


def test_what_nobody_says_any_more_goes(engine: Engine, semantic: Semantic) -> None:
    keep(engine, "calm")
    keep(engine, "sorry", site="b.example")
    semantic.catch_up(engine)
    with schema.writing(engine) as db:
        posts.remove_origin(db, "feed")

    assert semantic.catch_up(engine) == 0

    assert alike(engine, semantic, "calm") is None


def test_several_threads_may_ask_at_once(engine: Engine, semantic: Semantic) -> None:
    keep(engine, *SAID)
    semantic.catch_up(engine)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: alike(engine, semantic, SAID[n % 3]), range(48)))

    assert [max(one, key=one.__getitem__) for one in found if one] == [n % 3 + 1 for n in range(48)]


@pytest.mark.parametrize("asked", ["", " \n", "\u3000"])
def test_nothing_asked_is_like_nothing(engine: Engine, semantic: Semantic, asked: str) -> None:
    keep(engine, *SAID)
    semantic.catch_up(engine)

    assert alike(engine, semantic, asked) is None


@pytest.mark.parametrize("asked", ["\ud83d", "\0", "🙂" * 5_000, "x" * 1_000_000])
def test_whatever_is_asked_has_an_answer(engine: Engine, semantic: Semantic, asked: str) -> None:
    keep(engine, *SAID)
    semantic.catch_up(engine)

    assert alike(engine, semantic, asked) is not None


def test_a_folder_of_no_use_is_said_once_and_all_goes_on(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(engine, *SAID)
    broken = Semantic(tmp_path / "nowhere")

    assert [broken.catch_up(engine), broken.catch_up(engine), alike(engine, broken, "calm")] == [0, 0, None]

    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "no such folder" in told[0]


def test_a_model_that_fails_while_it_is_asked_is_said(
    engine: Engine, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(engine, "calm")
    tiny_model.lay(folder, table=tiny_model.TABLE[:2])
    semantic = Semantic(folder)
    semantic.catch_up(engine)

    assert alike(engine, semantic, "thanks") is None
    assert alike(engine, semantic, "calm") is None
    assert len(caplog.records) == 1


def loaded(code: str, *arguments: object) -> str:
    """Run *code* in a Python of its own; return what it printed, and which of the large packages it loaded."""
    whole = f"""
import sys
from pathlib import Path
from kb import schema
from kb.semantic import Semantic
{code}
print(sorted({{"numpy", "onnxruntime", "tokenizers"}} & sys.modules.keys()))
"""
    command = [sys.executable, "-c", whole, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_without_a_model_nothing_is_loaded_for_one() -> None:
    code = """
engine = schema.open_store("sqlite://")
with engine.connect() as db:
    print(Semantic(None).catch_up(engine), Semantic(None).like(db, "calm"))
"""
    assert loaded(code) == "0 None\n[]\n"


def test_a_run_that_changed_nothing_loads_nothing(engine: Engine, folder: Path) -> None:
    keep(engine, *SAID)
    Semantic(folder).catch_up(engine)
    code = "print(Semantic(Path(sys.argv[2])).catch_up(schema.open_store(sys.argv[1])))"

    assert loaded(code, engine.url, folder) == "0\n[]\n"


def test_nobody_waits_for_another_one_who_loads(
    engine: Engine, semantic: Semantic, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "calm")
    semantic.catch_up(engine)
    assert alike(engine, semantic, "calm") == {1: 1.0}
    keep(engine, "sorry", site="b.example")
    semantic.catch_up(engine)
    at_it, go_on, load = Event(), Event(), vectors.load

    def slow(*given: Any) -> Any:
        at_it.set()
        go_on.wait(30)
        return load(*given)

    monkeypatch.setattr(vectors, "load", slow)
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(alike, engine, semantic, "calm")
        at_it.wait(30)
        meanwhile = alike(engine, semantic, "calm")
        go_on.set()
        assert (meanwhile, other.result()) == ({1: 1.0}, {1: 1.0, 2: 0.0})
