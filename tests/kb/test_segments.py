import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, scoring
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb import segments
from kb.parts import ID
from kb.segments import Document, Layout

NAME = "things"
LAYOUT = Layout(("quote", "title"), ("topic",), ("support",))


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    made = FileStorage(str(tmp_path), supports_mmap=False)
    segments.create(made, NAME, LAYOUT)
    return made


def document(item: int) -> Document:
    draw = random.Random(item)
    words = [f"word{draw.randint(1, 30)}" for _ in range(draw.randint(1, 60))]
    said = {"quote": words, "title": words[:2], "topic": [f"t{item % 3}"] if item % 4 else []}
    return Document(item, said, {"support": item % 5})


def commit(storage: FileStorage, ids: Iterable[int], instead_of: Iterable[int] = ()) -> None:
    segments.commit(storage, NAME, LAYOUT, map(document, ids), frozenset((*ids, *instead_of)))
    segments.tidy(storage, NAME, LAYOUT)


def held(storage: FileStorage) -> dict[int, Any]:
    """Return all that Whoosh finds, by id: the words of every field with weight and score."""
    searcher = storage.open_index(NAME).searcher(weighting=scoring.BM25F())
    ids = searcher.reader().column_reader(ID) if searcher.doc_count_all() else []
    found: dict[int, Any] = {}
    for field in ("quote", "title", "topic"):
        for word in searcher.reader().lexicon(field):
            matcher = searcher.postings(field, word)
            while matcher.is_active():
                one = (field, word, matcher.weight(), round(matcher.score(), 6))
                found.setdefault(ids[matcher.id()], set()).add(one)
                matcher.next()
    searcher.close()
    return found


def parts(storage: FileStorage) -> list[int]:
    return [segment.doc_count_all() for segment in TOC.read(storage, NAME).segments]


def test_whoosh_finds_what_its_own_writer_would_have_let_it_find(
    storage: FileStorage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    words = {"quote": fields.KEYWORD(scorable=True), "title": fields.KEYWORD(scorable=True)}
    schema = fields.Schema(**words, topic=fields.KEYWORD(), id=LAYOUT.schema[ID])
    own = FileStorage(str(tmp_path_factory.mktemp("own")), supports_mmap=False)
    writer = own.create_index(schema, NAME).writer()
    for item, said, _ in map(document, range(1, 700)):
        writer.add_document(id=item, **said)
    writer.commit()

    commit(storage, range(1, 700))

    assert held(storage) == held(own)


def test_many_small_commits_are_as_one(
    storage: FileStorage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for start in range(1, 200, 7):
        commit(storage, range(start, start + 7))
    at_once = FileStorage(str(tmp_path_factory.mktemp("once")), supports_mmap=False)
    segments.create(at_once, NAME, LAYOUT)
    commit(at_once, range(1, 204))

    assert held(storage).keys() == held(at_once).keys()
    assert len(parts(storage)) <= 2 * segments.ALIKE


def test_what_is_gone_is_not_found_and_does_not_stay_for_ever(storage: FileStorage) -> None:
    commit(storage, range(1, 101))

    commit(storage, [], instead_of=range(1, 21))
    assert held(storage).keys() == {*range(21, 101)}
    assert parts(storage) == [100]

    commit(storage, [], instead_of=range(21, 61))
    assert held(storage).keys() == {*range(61, 101)}
    assert parts(storage) == [40]


def test_what_comes_again_takes_the_place_of_what_was_there(storage: FileStorage) -> None:
    commit(storage, range(1, 101))

    anew = Document(5, {"quote": ["anew"], "title": [], "topic": []}, {"support": 0})
    segments.commit(storage, NAME, LAYOUT, [anew], [5])

    assert {word for _, word, *_ in held(storage)[5]} == {b"anew"}
    assert len(held(storage)) == 100


def test_a_full_segment_is_closed_and_left_alone(
    storage: FileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FULL", 300)

    commit(storage, range(1, 101))
    assert len(parts(storage)) > 5
    commit(storage, range(101, 160))

    assert held(storage).keys() == {*range(1, 160)}


def test_everything_can_be_replaced(storage: FileStorage) -> None:
    commit(storage, range(1, 101))

    segments.commit(storage, NAME, LAYOUT, map(document, [7, 8]), None)

    assert held(storage).keys() == {7, 8}


def test_an_index_may_be_emptied_and_filled_again(storage: FileStorage) -> None:
    commit(storage, [1])
    commit(storage, [], instead_of=[1])
    assert held(storage) == {}

    commit(storage, [2])

    assert held(storage).keys() == {2}


def test_files_that_no_table_of_contents_names_are_removed(storage: FileStorage, tmp_path: Path) -> None:
    commit(storage, [1])
    (tmp_path / f"{NAME}_0123456789abcdef.seg").write_bytes(b"of a killed process")
    (tmp_path / f"_{NAME}_7.toc.1234.5").write_bytes(b"of a killed process too")

    commit(storage, [2])

    assert len([path for path in tmp_path.iterdir() if path.suffix == ".seg"]) == len(parts(storage))
    assert len(list(tmp_path.iterdir())) == len(parts(storage)) + 1


def test_a_commit_is_there_before_segments_are_joined(storage: FileStorage) -> None:
    for item in range(1, segments.ALIKE + 1):
        segments.commit(storage, NAME, LAYOUT, [document(item)], [item])
    assert parts(storage) == [1] * segments.ALIKE
    before = held(storage).keys()

    segments.tidy(storage, NAME, LAYOUT)

    assert parts(storage) == [segments.ALIKE]
    assert held(storage).keys() == before
