from hypothesis import given
from hypothesis import strategies as st

from kb import pieces
from kb.pieces import Piece


def read(typed: str) -> tuple[list[Piece], list[str]]:
    said: list[str] = []
    return pieces.read(typed, said.append), said


def test_a_query_falls_into_operands_and_operators() -> None:
    found, said = read('refund -(by:"ann lee" OR Q&A)')

    assert [
        (piece.kind, piece.name, piece.text) for piece in found if piece.kind not in {"open", "close"}
    ] == [
        ("words", "", "refund"),
        ("not", "", "-"),
        ("phrase", "by", "ann lee"),
        ("or", "", "OR"),
        ("words", "", "Q&A"),
    ]
    assert said == []


def test_an_operand_knows_whether_it_stands_beside_an_operator() -> None:
    found, _ = read("a b OR c d -e f")

    assert [piece.text for piece in found if piece.bound and piece.kind == "words"] == ["b", "c", "e"]


def test_an_operator_without_an_operand_becomes_a_word() -> None:
    found, said = read("refund OR")

    assert [(piece.kind, piece.text) for piece in found] == [("words", "refund"), ("words", "OR")]
    assert said == ["OR needs something on either side: here it is no operator."]


def test_what_is_cited_is_short_and_printable() -> None:
    assert pieces.cited("a\x1bb") == "“ab”"
    assert pieces.cited("x" * 41) == f"“{'x' * 40} …”"


@given(st.text('()"-| aOR', max_size=80))
def test_every_parenthesis_has_its_other_one(typed: str) -> None:
    depth = 0
    for piece in read(typed)[0]:
        depth += (piece.kind == "open") - (piece.kind == "close")
        assert 0 <= depth <= pieces.DEEPEST
    assert depth == 0


def test_what_has_no_end_is_read_once() -> None:
    for hostile in ("(", '"', '" ', "-", "- ", "a:", "OR ", "NOT ", "|", ")(", 'a:"', "((a"):
        read(hostile * 20_000)  # some 10 ms each; quadratic time would show
