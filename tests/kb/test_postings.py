import numpy as np
import pytest

from kb import postings
from kb.postings import BLOCK, Inversion


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.uint32)


@pytest.mark.parametrize(
    "often",
    [[1], [3], [1, 2, 3], [1] * (BLOCK + 1), [7] * BLOCK, [1, 70_000], list(range(1, 3 * BLOCK))],
)
def test_what_was_encoded_is_decoded(often: list[int]) -> None:
    documents = numbers(*(5 + 300 * place for place in range(len(often))))

    found = postings.decode(postings.encode(documents, numbers(*often), (1, 9)))

    assert [array.tolist() for array in found] == [documents.tolist(), often]


def inverted() -> Inversion:
    made = Inversion(["quote", "title"], ["topic"], ["support"])
    made.add(11, {"quote": ["own", "your", "mistakes", "own"], "title": [], "topic": ["b"]}, {"support": 3})
    made.add(12, {"quote": ["owning", "\xe4rger"], "title": ["own"], "topic": ["b", "a"]}, {"support": 1})
    return made


def told(made: Inversion, field: str) -> list[tuple[str, list[int], list[int], list[int]]]:
    found = list(made.of(field))
    assert all((one.said, one.most) == (one.often.sum(), one.often.max()) for one in found)
    return [
        (one.word.decode(), one.documents.tolist(), one.often.tolist(), one.spots.tolist()) for one in found
    ]


def test_words_come_in_order_with_who_holds_them_how_often_and_where() -> None:
    made = inverted()

    # One place is left free between two documents: the second one begins at place 4.
    assert told(made, "quote") == [
        ("mistak", [0], [1], [1]),
        ("own", [0, 1], [2, 1], [0, 2, 4]),
        ("\xe4rger", [1], [1], [5]),
    ]
    assert told(made, "title") == [("own", [1], [1], [1])]
    assert (list(made.ids), list(made.lengths["quote"]), list(made.columns["support"])) == (
        [11, 12],
        [3, 2],
        [3, 1],
    )
    assert made.size == 9


def test_filters_keep_their_values_as_they_are() -> None:
    made = inverted()

    assert told(made, "topic") == [("a", [1], [1], []), ("b", [0, 1], [1, 1], [])]
    names, said = made.values("topic")
    assert (names, said.tolist()) == (["a", "b"], [1, 1, 0])


def test_words_are_known_as_they_were_written() -> None:
    spelled = {word: (stem, often) for word, stem, often in inverted().spelled()}

    assert spelled == {
        "own": ("own", 4),
        "owning": ("own", 4),
        "mistakes": ("mistak", 1),
        "\xe4rger": ("\xe4rger", 1),
    }


def test_documents_of_a_segment_are_taken_in_but_those_that_are_gone() -> None:
    made = inverted()
    stays = np.array([True, False, True])

    made.take(numbers(20, 21, 22), {"support": numbers(7, 8, 9)}, stays)
    made.take_spelling({"lost": "lost", "the": ""})
    made.take_field("quote", numbers(1, 2, 1), ["lost", "own"], numbers(1, 0, 0, 0), stays)
    made.take_field("title", numbers(0, 0, 0), [], numbers(), stays)

    assert (list(made.ids), list(made.columns["support"])) == ([11, 12, 20, 22], [3, 1, 7, 9])
    assert list(made.lengths["quote"]) == [3, 2, 1, 1]
    assert told(made, "quote")[0] == ("lost", [3], [1], [9])
    assert told(made, "quote")[2] == ("own", [0, 1, 2], [2, 1, 1], [0, 2, 4, 7])
    assert ("lost", "lost", 1) in list(made.spelled())


def test_spots_tell_their_documents() -> None:
    assert postings.documents(numbers(0, 2, 4, 5), numbers(3, 2)).tolist() == [0, 0, 1, 1]


def test_numbers_are_looked_up_among_none_and_beyond_the_last() -> None:
    nothing = np.zeros(0, np.intp)

    assert postings.among(np.array([1, 2]), nothing).tolist() == [False, False]
    assert postings.among(np.array([1, 5, 9]), np.array([1, 4, 5])).tolist() == [True, True, False]
