import gc
import threading
from pathlib import Path

import pytest
from builders import FEED, NOW, digest, raw
from sqlalchemy.engine import Engine

from kb import changes, posts, schema
from kb.index import Answer, Index


def keep(engine: Engine, *sentences: str, name: str = "1") -> None:
    with schema.writing(engine) as db:
        posts.keep(db, raw(" ".join(sentences), name=name), FEED, [digest(*sentences)], NOW)


def found(index: Index, *words: str, kind: str = "principle") -> set[int]:
    answer = index.search(kind, words, {}, limit=100, offset=0)  # type: ignore[arg-type]
    return {match.id for match in answer.matches}


def test_the_index_follows_the_queue_and_empties_it(engine: Engine, index: Index) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")

    assert index.catch_up(engine) == 3

    assert found(index, "letter") == {1}
    with engine.connect() as db:
        assert changes.pending(db).newest == 0
    assert index.catch_up(engine) == 0


def test_changed_and_removed_things_are_followed(engine: Engine, index: Index) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    index.catch_up(engine)

    keep(engine, "Answer letters.", "Phone people back.")
    index.catch_up(engine)

    assert found(index, "smile") == set()
    assert len(found(index, "phone")) == 1
    assert found(index, "letter") == {1}


def test_an_open_index_sees_what_another_one_wrote(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    assert found(index, "smile") == set()
    other = Index(tmp_path / "index")

    keep(engine, "Smile warmly.", name="2")
    other.catch_up(engine)
    other.close()

    assert found(index, "smile") == {2}


def test_a_crash_before_the_queue_is_emptied_only_repeats_work(
    engine: Engine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "Answer letters.")

    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(changes, "done", crash)
        index.catch_up(engine)
    index.catch_up(engine)

    assert found(index, "letter") == {1}
    assert index.search("principle", ["letter"], {}, limit=1, offset=0).total == 1


def test_a_failed_write_leaves_the_index_unlocked(
    engine: Engine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "Answer letters.")

    def fail(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr("kb.index._principle_document", fail)
        index.catch_up(engine)

    assert index.catch_up(engine) == 2
    assert found(index, "letter") == {1}


def test_a_lost_index_is_built_anew(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    index.close()
    for path in (tmp_path / "index").iterdir():
        path.unlink()

    assert index.catch_up(engine) == 2

    assert found(index, "letter") == {1}


# Whoosh leaves the torn file to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_unreadable_index_is_built_anew(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    index.close()
    for path in (tmp_path / "index").glob("_*.toc"):
        path.write_bytes(b"torn")

    assert index.catch_up(engine) == 2
    gc.collect()

    assert found(index, "letter") == {1}


def test_rebuilding_gives_the_same_answers(engine: Engine, index: Index) -> None:
    for number in range(5):
        keep(engine, f"Answer letters of kind {number}.", name=str(number))
        index.catch_up(engine)
    before = index.search("principle", ["letter", "kind"], {}, limit=10, offset=0)

    index.rebuild(engine)

    after = index.search("principle", ["letter", "kind"], {}, limit=10, offset=0)
    assert {match.id for match in before.matches} == {match.id for match in after.matches}
    assert before.total == after.total


def test_an_empty_index_answers_with_nothing(index: Index) -> None:
    assert index.search("post", ["word"], {}, limit=1, offset=0) == Answer(
        total=0, matches=(), facets={"topic": {}, "feed": {}, "year": {}}
    )


def test_several_threads_may_search_while_one_writes(engine: Engine, index: Index) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    wrong: list[set[int]] = []

    def look() -> None:
        answers = [found(index, "letter") for _ in range(20)]
        wrong.extend(answer for answer in answers if 1 not in answer)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 6):
        keep(engine, f"Send parcels number {number}.", name=str(number))
        index.catch_up(engine)
    for thread in threads:
        thread.join()

    assert wrong == []
