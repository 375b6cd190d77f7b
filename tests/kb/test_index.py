import gc
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import FEED, NOW, digest, raw
from filelock import FileLock
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from kb import changes, posts, principles, schema
from kb.errors import Busy
from kb.index import VERSION, Answer, Index
from kb.wanted import Loose, Span, Wanted, Word


def keep(engine: Engine, *sentences: str, name: str = "1") -> None:
    with schema.writing(engine) as db:
        posts.keep(db, raw(" ".join(sentences), name=name), FEED, [digest(*sentences)], NOW)


def wanted(*words: str) -> Wanted:
    spans = tuple(Span(words=(Word(stem=word, typed=word),)) for word in words)
    return Wanted(node=Loose(nodes=spans), limit=100)


def found(index: Index, *words: str, kind: str = "principle") -> set[int]:
    answer = index.search(kind, wanted(*words))  # type: ignore[arg-type]
    return {match.id for match in answer.matches}


def of_store(engine: Engine, kind: str = "principle") -> set[int]:
    with engine.connect() as db:
        return set(principles.ids(db) if kind == "principle" else posts.ids(db))


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Iterator[Index]:
    """An index that knows the store it follows, as the site and the commands have it."""
    opened = Index(tmp_path / "index", engine)
    yield opened
    opened.close()


# What may befall a file.
DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "garbled": lambda path: path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes())),
}
FILES = tuple(
    pattern.format(VERSION)
    for pattern in (
        "_principles-{}_*.toc",
        "_posts-{}_*.toc",
        "principles-{}_*.seg",
        "posts-{}_*.seg",
        "stamp-{}",
    )
)


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
    assert index.search("principle", wanted("letter")).total == 1


def test_a_failed_write_leaves_the_index_unlocked(
    engine: Engine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "Answer letters.")

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr("kb.documents._principle", fail)
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


def test_a_run_that_finds_nothing_new_loads_no_engine(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    program = f"""
import sys
from pathlib import Path
from kb import schema
from kb.index import Index
Index(Path({str(tmp_path / "index")!r})).catch_up(schema.connect({engine.url.render_as_string(hide_password=False)!r}))
print("whoosh" in sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


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
    before = index.search("principle", wanted("letter", "kind"))

    index.rebuild(engine)

    after = index.search("principle", wanted("letter", "kind"))
    assert {match.id for match in before.matches} == {match.id for match in after.matches}
    assert before.total == after.total


def test_an_empty_index_answers_with_nothing(index: Index) -> None:
    assert index.search("post", wanted("word")) == Answer(
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


# Whoosh leaves torn files to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_whatever_file_is_damaged_the_next_catching_up_has_it_all(
    engine: Engine, index: Index, tmp_path: Path, file: str, damage: str
) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    index.catch_up(engine)
    index.close()
    for path in (tmp_path / "index").glob(file):
        DAMAGES[damage](path)
    keep(engine, "Phone people back.", name="2")

    index.catch_up(engine)

    assert found(index) == of_store(engine)
    assert found(index, kind="post") == of_store(engine, "post")
    assert found(index, "letter") == {1}
    gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_whatever_file_is_damaged_a_search_finds_the_same(
    engine: Engine, index: Index, site: Index, tmp_path: Path, file: str, damage: str
) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    index.catch_up(engine)
    for path in (tmp_path / "index").glob(file):
        DAMAGES[damage](path)

    assert found(site, "letter") == {1}
    assert found(site, "letter", kind="post") == {1}
    gc.collect()


def test_what_fails_again_on_a_new_index_is_raised(
    engine: Engine, site: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "Answer letters.")

    def fail(*_: object) -> None:
        raise RuntimeError("our own mistake")

    monkeypatch.setattr("kb.index._answer", fail)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="our own"):
            found(site, "letter")


def test_trouble_of_the_store_is_no_damage_of_the_index(
    engine: Engine, index: Index, site: Index, caplog: pytest.LogCaptureFixture
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    found(site, "letter")
    keep(engine, "Smile warmly.", name="2")
    index.catch_up(engine)
    with schema.writing(engine) as db:
        db.exec_driver_sql("DROP TABLE facts")

    with pytest.raises(OperationalError):
        found(site, "smile")

    assert "damaged" not in caplog.text


def test_a_folder_that_goes_while_its_index_is_open_is_not_missed(
    engine: Engine, index: Index, site: Index, tmp_path: Path
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    found(site, "letter")
    shutil.rmtree(tmp_path / "index")

    assert found(site, "letter") == {1}

    index.catch_up(engine)
    keep(engine, "Smile warmly.", name="2")
    index.catch_up(engine)
    assert found(site, "smile") == {2}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_that_is_cut_short_while_its_index_is_open_is_made_again(
    engine: Engine, index: Index, site: Index, tmp_path: Path
) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    index.catch_up(engine)
    found(site, "letter")
    for path in (tmp_path / "index").glob("*.seg"):
        os.truncate(path, 8)

    assert found(site, "smile") == {2}
    gc.collect()


def test_an_index_made_anew_is_not_taken_for_the_one_that_is_open(
    engine: Engine, index: Index, tmp_path: Path
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    reader = Index(tmp_path / "index")
    found(reader, "letter")
    for path in (tmp_path / "index").glob("*.toc"):
        path.unlink()
    keep(engine, "Smile warmly.", name="2")

    index.catch_up(engine)

    assert found(reader, "smile") == {2}
    reader.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_damage_is_mended_as_often_as_there_is_any(engine: Engine, site: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    site.catch_up(engine)
    for _ in range(3):
        found(site)
        for path in (tmp_path / "index").glob("*.seg"):
            os.truncate(path, 8)

        assert found(site, "smile") == {2}
    gc.collect()


def test_damage_that_shows_while_segments_are_joined_is_mended(
    engine: Engine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    keep(engine, "Smile warmly.", name="2")

    def fail(*_: object) -> None:
        raise ValueError("damaged")

    monkeypatch.setattr("kb.segments.tidy", fail)
    index.catch_up(engine)

    assert found(index) == of_store(engine)
    assert found(index, "smile") == {2}


def test_a_stamp_that_is_no_text_is_no_stamp(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    with (tmp_path / "index" / f"stamp-{VERSION}").open("ab") as stamp:
        stamp.write(b"\xff")

    assert index.catch_up(engine) in {0, 2}

    assert found(index, "letter") == {1}


def test_a_file_that_goes_between_being_seen_and_opened_is_no_index(
    engine: Engine, index: Index, tmp_path: Path
) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / f"_posts-{VERSION}_3.toc").symlink_to("nowhere")
    keep(engine, "Answer letters.")

    index.catch_up(engine)

    assert found(index, "letter", kind="post") == {1}


def test_an_index_of_another_store_is_built_anew(engine: Engine, index: Index, tmp_path: Path) -> None:
    keep(engine, "Answer letters.", "Smile warmly.")
    index.catch_up(engine)
    other = schema.open_store(f"sqlite:///{tmp_path / 'other.db'}")
    keep(other, "Phone people back.")

    index.catch_up(other)

    assert found(index) == {1}
    assert found(index, "letter") == set()
    other.dispose()


def test_an_older_copy_of_the_store_is_not_taken_for_the_newer(
    engine: Engine, index: Index, tmp_path: Path
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    engine.dispose()
    shutil.copy(tmp_path / "kb.db", tmp_path / "copy.db")
    keep(engine, "Smile warmly.", name="2")
    index.catch_up(engine)
    copy = schema.open_store(f"sqlite:///{tmp_path / 'copy.db'}")

    index.catch_up(copy)

    assert found(index) == {1}
    copy.dispose()


def test_an_index_that_another_process_writes_is_busy(
    engine: Engine, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.index.LOCK_SECONDS", 0.01)
    keep(engine, "Answer letters.")

    with FileLock(tmp_path / "index.lock"), pytest.raises(Busy):
        index.catch_up(engine)


def test_searches_never_miss_what_is_there_while_the_index_is_built_again_and_again(
    engine: Engine, index: Index, site: Index
) -> None:
    keep(engine, "Answer letters.")
    index.catch_up(engine)
    done = threading.Event()

    def rebuild() -> None:
        for _ in range(10):
            index.rebuild(engine)
        done.set()

    thread = threading.Thread(target=rebuild)
    thread.start()
    wrong = []
    while not done.is_set():
        fresh = Index(site._folder, engine)
        wrong += [answer for answer in (found(site, "letter"), found(fresh, "letter")) if answer != {1}]
        fresh.close()
    thread.join()

    assert wrong == []


def test_an_index_built_anew_sweeps_away_what_earlier_versions_left(
    engine: Engine, index: Index, tmp_path: Path
) -> None:
    keep(engine, "Answer letters.")
    (tmp_path / "index").mkdir()
    for name in ("principles-2_abc.seg", "_posts-3_7.toc", "stamp-3"):
        (tmp_path / "index" / name).write_bytes(b"old")

    index.catch_up(engine)

    names = {path.name for path in (tmp_path / "index").iterdir()}
    assert all(f"-{VERSION}" in name for name in names)
    assert found(index, "letter") == {1}
