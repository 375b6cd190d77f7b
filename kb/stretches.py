"""Which part of a quote is its core advice, and which its condition, its reason or what it sets aside. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Role = Literal["core", "second", "instead", "condition", "later", "reason"]

STOPS = frozenset(".!?;:()[]\u2013\u2014-")
CONDITION = frozenset(
    {
        "when",
        "whenever",
        "if",
        "after",
        "before",
        "until",
        "unless",
        "although",
        "though",
        "during",
        "regardless",
    }
)
_CONDITION_FIRST = frozenset({"once", "while", "as", "in"}) | CONDITION  # only where a sentence begins
_PAIRS = frozenset({"next time", "no matter", "even if", "even when", "every time", "any time"})
_REASON = frozenset({"because", "since", "so", "which"})
_AND = frozenset({"and", "but", "then", "&"})
_INSTEAD = frozenset({"instead of", "rather than"})
_BETTER = frozenset({"better", "rather", "instead"})
_SO_THAT = frozenset({"that", "they", "it", "you", "the", "your", "customers"})
BREAKS = STOPS | CONDITION  # no phrase goes on behind one
# Where a stretch may end or begin; what is not among them need not be looked at (`_turn`).
_TURNING = (
    STOPS
    | _CONDITION_FIRST
    | _REASON
    | _AND
    | {",", "than"}
    | {pair.split()[0] for pair in _PAIRS | _INSTEAD}
)


class Place(NamedTuple):
    """Where a piece stands."""

    role: Role
    ends: bool  # a denial ends there or, before what is set aside, begins
    opener: str  # the word that began its stretch, as far as that is a condition


def roles(pieces: Sequence[str]) -> list[Place]:
    """Return where each piece stands."""
    places: list[Place] = []
    base: Role = "core"
    role: Role = base
    began, fronted, opener = 0, False, ""
    place = Place(role, False, opener)  # of what turns nothing; made anew only where it changes
    for at, piece in enumerate(pieces):
        if piece not in _TURNING:
            places.append(place)
            continue
        turned = _turn(pieces, at, began, role)
        if piece in STOPS:
            base = "later" if at > began + 1 or base == "later" else base
            role, began, fronted = base, at + 1, False
        elif piece == ",":
            role, fronted = (base if fronted or base != "core" else "second"), False
        elif turned:
            fronted = at <= began + 1  # "And when ...", "The next time ..."
            role, opener = turned, piece
        places.append(Place(role, bool(turned) or piece in STOPS or piece == ",", opener))
        place = Place(role, False, opener)
    return places


def _turn(pieces: Sequence[str], at: int, began: int, role: Role) -> Role | None:
    piece, next_ = pieces[at], following(pieces, at)
    if piece in CONDITION or (at == began and piece in _CONDITION_FIRST):
        return "condition"
    if f"{piece} {next_}" in _PAIRS:
        return "condition"
    if piece in _REASON and (piece != "so" or next_ in _SO_THAT):
        return "reason"
    if _sets_aside(pieces, at, began) and role != "instead":
        return "instead"
    return "second" if piece in _AND and role == "core" else None


def _sets_aside(pieces: Sequence[str], at: int, began: int) -> bool:
    if pieces[at] == "than":
        return not _BETTER.isdisjoint(pieces[began:at])
    return f"{pieces[at]} {following(pieces, at)}" in _INSTEAD


def following(pieces: Sequence[str], at: int) -> str:
    """Return the piece behind that at *at*."""
    return pieces[at + 1] if at + 1 < len(pieces) else ""
