"""Segments as arrays, and what becomes of those that somebody has damaged."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb import filters, segments
from kb.parts import HEAD, SAID, SPELLING, VALUES, WORDS, Part, gone
from kb.segments import Document, Layout

NAME = "things"
LAYOUT = Layout(("quote",), ("topic",), ("support",))


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    made = FileStorage(str(tmp_path), supports_mmap=False)
    segments.create(made, NAME, LAYOUT)
    told = [
        (7, "answer the letters letters", ["trust"], 2),
        (9, "smile", [], 1),
        (4, "", ["price", "trust"], 3),
    ]
    documents = [
        Document(item, {"quote": quote.split(), "topic": topics}, {"support": support})
        for item, quote, topics, support in told
    ]
    segments.commit(made, NAME, LAYOUT, documents, None)
    return made


def opened(storage: FileStorage) -> Part:
    (segment,) = TOC.read(storage, NAME).segments
    return Part(storage, segment)


@pytest.fixture
def part(storage: FileStorage) -> Iterator[Part]:
    made = opened(storage)
    yield made
    made.close()


@pytest.fixture
def damage(storage: FileStorage, tmp_path: Path) -> Callable[[str, int, bytes], Part]:
    """Writes bytes into one of the segment's files, and opens the segment again."""
    made: list[Part] = []

    def write(ending: str, at: int, content: bytes) -> Part:
        part = opened(storage)
        place, _ = part._places[ending]
        part.close()
        (path,) = tmp_path.glob("*.seg")
        with path.open("r+b") as file:
            file.seek(place + at)
            file.write(content)
        made.append(opened(storage))
        return made[-1]

    yield write
    for one in made:
        one.close()


def test_a_segment_tells_its_documents_in_the_order_they_came(part: Part) -> None:
    assert part.ids.tolist() == [7, 9, 4]
    assert part.column("support").tolist() == [2, 1, 3]
    assert part.size == 3


def test_lengths_count_words_without_stop_words(part: Part) -> None:
    assert part.lengths("quote").tolist() == [3, 1, 0]
    assert part.lengths("topic").tolist() == [1, 0, 2]
    assert part.rough_lengths("quote").tolist() == [3, 1, 0]


def test_a_word_leads_to_who_holds_it_how_often_and_where(part: Part) -> None:
    term = part.term("quote", "letter")

    assert term is not None
    assert [found.tolist() for found in part.postings(term)] == [[0], [2]]
    assert part.spots(term).tolist() == [1, 2]


@pytest.mark.parametrize(("field", "word"), [("quote", "parcel"), ("topic", "letter"), ("lead", "letter")])
def test_a_word_that_nobody_holds_in_a_field_leads_nowhere(part: Part, field: str, word: str) -> None:
    assert part.term(field, word) is None


def test_half_a_character_is_no_word(part: Part) -> None:
    assert part.term("quote", "\ud800") is None


def test_all_words_come_in_order(part: Part) -> None:
    assert [(field, word) for field, word, _ in part.terms()] == [
        ("quote", "answer"),
        ("quote", "letter"),
        ("quote", "smile"),
        ("topic", "price"),
        ("topic", "trust"),
    ]


def test_words_are_told_as_written_with_their_stems(part: Part) -> None:
    words, stems, often = part.spelling()

    assert dict(zip(words, stems, strict=True)) == {"answer": "answer", "letters": "letter", "smile": "smile"}
    assert dict(zip(words, often.tolist(), strict=True)) == {"answer": 1, "letters": 2, "smile": 1}


def test_a_segment_is_open_until_its_last_user_closes_it(storage: FileStorage) -> None:
    part = opened(storage)
    again = part.shared()

    part.close()
    assert again.ids.tolist() == [7, 9, 4]

    again.close()
    with pytest.raises(ValueError, match="closed"):
        again.read(SPELLING)


def test_what_is_gone_is_told_by_its_place(storage: FileStorage) -> None:
    segments.commit(storage, NAME, LAYOUT, [], [9])
    (segment,) = TOC.read(storage, NAME).segments

    assert gone(segment).tolist() == [1]


def test_a_file_that_was_cut_short_ends_too_early(storage: FileStorage, part: Part) -> None:
    with pytest.raises(EOFError, match="too early"):
        part.read_at(SPELLING, 0, 10_000)


# Arrays are made as large as lengths say: 4 GB for one wrong bit would end the process.
@pytest.mark.parametrize("field", ["quote", "topic"])
def test_lengths_that_do_not_add_up_are_not_believed(
    damage: Callable[[str, int, bytes], Part], field: str
) -> None:
    part = damage(WORDS % field, 0, b"\xff\xff\xff\x7f")

    with pytest.raises(ValueError, match="damaged"):
        part.lengths(field)


def test_values_that_have_no_name_are_not_believed(damage: Callable[[str, int, bytes], Part]) -> None:
    part = damage(SAID % "topic", 4, b"\xff\xff\xff\x7f")

    with pytest.raises(ValueError, match="damaged"):
        filters.read(part, "topic")


def test_a_column_of_another_length_is_not_believed(part: Part) -> None:
    start, length = part._places[".support.col"]
    part._places[".support.col"] = (start, length - 4)

    with pytest.raises(ValueError, match="damaged"):
        part.column("support")


def test_holders_that_are_no_documents_are_not_believed(part: Part) -> None:
    term = part.term("quote", "letter")
    assert term is not None

    with pytest.raises(ValueError, match="damaged"):
        part.postings(term._replace(documents=2))
    part.size = 0
    with pytest.raises(ValueError, match="damaged"):
        part.postings(term)


def test_a_segment_whose_directory_is_damaged_is_left_closed(storage: FileStorage, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("*.seg")
    content = bytearray(path.read_bytes())
    start, _ = HEAD.unpack_from(content)
    content[start:] = b"\xff" * (len(content) - start)
    path.write_bytes(content)

    with pytest.raises(pickle.UnpicklingError):
        opened(storage)


def test_a_filter_that_nobody_has_a_value_of_is_empty(storage: FileStorage) -> None:
    nothing = Document(1, {"quote": ["word"], "topic": []}, {"support": 1})
    segments.commit(storage, NAME, LAYOUT, [nothing], None)
    part = opened(storage)

    assert part.read(VALUES % "topic") == b""
    names, said = part.values("topic")
    assert (names, said.tolist()) == ([], [])
    assert filters.read(part, "topic").counts(np.array([0])).tolist() == []
    part.close()
