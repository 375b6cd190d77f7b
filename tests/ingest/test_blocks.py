from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.blocks import Piece, compose, decompose, fold, part, piece

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

RUNS = st.lists(st.tuples(st.text(alphabet="ab \n\u200b\xad"), st.booleans()))


def test_a_line_is_folded() -> None:
    assert fold(" a\u200b \n\t b\x00 ") == "a b"


def test_code_keeps_its_lines_but_no_blank_ones() -> None:
    assert piece("code", [("if x:\n\n    y  \n", False)]).text == "if x:\n    y"


def test_a_part_keeps_its_bold_stretches() -> None:
    whole = piece("paragraph", [("Be ", False), ("very kind", True), (" today", False)])

    cut = part(whole, 8, len(whole.text))

    assert (cut.text, cut.strong) == ("kind today", ((0, 4),))


def test_white_space_is_not_bold() -> None:
    assert piece("paragraph", [("a", False), (" ", True), ("b", False)]).strong == ()


@UNTIMED
@given(RUNS)
def test_folding_keeps_every_visible_character(runs: list[tuple[str, bool]]) -> None:
    found = piece("paragraph", runs)

    assert found.text == fold("".join(text for text, _ in runs))
    assert all(found.text[a:b].strip() == found.text[a:b] != "" for a, b in found.strong)


@UNTIMED
@given(st.lists(RUNS))
def test_pieces_come_back_from_their_text(many: list[list[tuple[str, bool]]]) -> None:
    pieces = [found for runs in many if (found := piece("item", runs, 2)).text]

    assert decompose(*compose(pieces)) == pieces


def test_an_empty_piece_leaves_no_gap() -> None:
    text, blocks = compose([Piece(kind="paragraph", text=word) for word in ("a", "", "b")])

    assert (text, len(blocks)) == ("a\n\nb", 2)
