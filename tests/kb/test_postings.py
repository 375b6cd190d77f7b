import pytest

from kb import postings
from kb.postings import BLOCK, Inversion


@pytest.mark.parametrize(
    "often",
    [[1], [3], [1, 2, 3], [1] * (BLOCK + 1), [7] * BLOCK, [1, 70_000], list(range(1, 3 * BLOCK))],
)
def test_what_was_encoded_is_decoded(often: list[int]) -> None:
    documents = [5 + 300 * place for place in range(len(often))]

    assert postings.decode(postings.encode(documents, often, (1, 9))) == (documents, often)


def test_words_come_in_order_with_who_holds_them_and_how_often() -> None:
    inverted = Inversion(["quote", "title"])
    inverted.add(11, {"quote": ["own", "mistak", "own"], "title": []})
    inverted.add(12, {"quote": ["own", "ärger"], "title": ["own"]})

    assert list(inverted.of("quote")) == [
        (b"mistak", [0], [1]),
        (b"own", [0, 1], [2, 1]),
        ("ärger".encode(), [1], [1]),
    ]
    assert list(inverted.of("title")) == [(b"own", [1], [1])]
    assert (list(inverted.ids), list(inverted.lengths["quote"])) == ([11, 12], [3, 2])
    assert inverted.postings == 5


def test_documents_of_another_inversion_are_taken_in_but_those_that_are_gone() -> None:
    inverted = Inversion(["quote"])
    inverted.add(7, {"quote": ["own"]})

    numbers = inverted.take([20, 21, 22], {"quote": [1, 2, 3]}, gone={1})
    inverted.take_word("quote", "own", [0, 1, 2], [1, 2, 3], numbers)
    inverted.take_word("quote", "lost", [1], [2], numbers)

    assert numbers == [1, -1, 2]
    assert (list(inverted.ids), list(inverted.lengths["quote"])) == ([7, 20, 22], [1, 1, 3])
    assert list(inverted.of("quote")) == [(b"own", [0, 1, 2], [1, 1, 3])]
