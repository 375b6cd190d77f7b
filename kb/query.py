"""The search language: what somebody typed -> a tree that knows nothing of any engine. Pure.

Nothing typed is an error: a broken operator is taken as words, and a note says so to the person who typed it.
docs/search.md tells the language by example. Tightest first: -x and NOT x, AND, OR, side by side; so in
`angry customer OR client` the OR joins its two neighbours, as in the search boxes of the web.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Literal, get_args

from kb import pieces
from kb.pieces import Piece, Say, cited
from kb.text import fold, tokens

FieldName = Literal["topic", "source", "author", "title", "year", "before", "after", "state"]
STATES = ("full", "excerpt", "fetched", "failed", "flawed", "starter", "changed")
LONGEST_QUERY = 300  # characters; what follows is not looked at. Every link of a page of results repeats them
MOST_WORDS = 32  # different ones, of a query
SHORTEST_PREFIX = 2  # characters before the star


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One folded token, stop words and negations too."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Folded tokens that follow each other; of a single word: this word exactly."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """The folded beginning of a word."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A wish about the whole post.

    `value` is of a year "2012" or "2010..2014", of before and after a day in ISO form, of a state one of STATES, of
    the others what was typed, folded, with single spaces: "follow-up", "a.example", "ann lee".
    """

    name: FieldName
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Alternatives. Like Both and Loose it is never directly within its own kind."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """All of them are asked for."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """What stands side by side: the best match holds most of it."""

    nodes: tuple["Node", ...]


Node = Word | Phrase | Prefix | Field | Not | Either | Both | Loose


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """How a query was understood, and what had to be mended, in plain words."""

    node: Loose
    notes: tuple[str, ...] = ()


_NOTHING = Loose(nodes=())
_BETWEEN = {Either: " OR ", Both: " AND ", Loose: " "}
_ENCLOSED = {
    Not: (Not, Either, Both, Loose),
    Both: (Either, Both, Loose),
    Either: (Either, Loose),
    Loose: (Loose,),
}
_BARE = re.compile(r'[^\s"()|]+')

SYNONYMS: Mapping[str, FieldName] = {
    "tag": "topic",
    "feed": "source",
    "blog": "source",
    "site": "source",
    "by": "author",
    "since": "after",
    "until": "before",
}
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
_NAMES: Mapping[str, FieldName] = {**{name: name for name in FIELDS}, **SYNONYMS}
_NAMED = re.compile(r"([^\W\d_]+):(.*)", re.DOTALL)
_ENDS = " .,;:!?"  # of a sentence around a field or a star, not of its value
_YEARS = re.compile(r"([0-9]{4})(?:(?:\.\.|-)([0-9]{4}))?\.?")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


def parse(text: str) -> Parsed:
    """Return how a query is understood; whatever was typed is."""
    notes: list[str] = []
    typed = pieces.read(_beginning(text, notes.append), notes.append)
    node = _limited(_loose(deque(typed), notes.append), notes.append)
    return Parsed(node=node, notes=tuple(dict.fromkeys(notes)))


def words(node: Node) -> Iterator[str]:
    """Yield the words that are wanted, in the order typed: of words and phrases that are not excluded."""
    match node:
        case Word():
            yield node.text
        case Phrase():
            yield from node.words
        case Either() | Both() | Loose():
            for inner in node.nodes:
                yield from words(inner)


def show(node: Node) -> str:
    """Return the canonical text of a tree; `parse` makes the same tree of it."""
    match node:
        case Word():
            return node.text
        case Phrase():
            return f'"{" ".join(node.words)}"'
        case Prefix():
            return f"{node.text}*"
        case Field():
            value = node.value if _BARE.fullmatch(node.value) else f'"{node.value}"'
            return f"{node.name}:{value}"
        case Not():
            return f"-{_enclosed(node.node, node)}"
        case _:
            return _BETWEEN[type(node)].join(_enclosed(inner, node) for inner in node.nodes)


def _enclosed(node: Node, within: Not | Either | Both | Loose) -> str:
    return f"({show(node)})" if isinstance(node, _ENCLOSED[type(within)]) else show(node)


def _beginning(text: str, say: Say) -> str:
    whole = text.strip()
    head = whole[:LONGEST_QUERY]
    if len(whole) > LONGEST_QUERY:
        say(f"Only the first {LONGEST_QUERY} characters are looked at.")
        if not whole[LONGEST_QUERY].isspace():  # half a word would be another one
            head = head.rsplit(maxsplit=1)[0]
    return head.encode("utf-8", "replace").decode()  # a command line may hold bytes that are no UTF-8


def _loose(typed: deque[Piece], say: Say) -> Loose:
    nodes: list[Node] = []
    while typed and typed[0].kind != "close":
        node = _either(typed, say)
        nodes += node.nodes if isinstance(node, Loose) else [node]
    return Loose(nodes=tuple(nodes))


def _either(typed: deque[Piece], say: Say) -> Node:
    operands = [_both(typed, say)]
    while _take(typed, "or"):
        operands.append(_both(typed, say))
    return _joined(Either, operands)


def _both(typed: deque[Piece], say: Say) -> Node:
    operands = [_maybe_not(typed, say)]
    while _take(typed, "and"):
        operands.append(_maybe_not(typed, say))
    return _joined(Both, operands)


def _maybe_not(typed: deque[Piece], say: Say) -> Node:
    if not _take(typed, "not"):
        return _operand(typed, say)
    node = _operand(typed, say)
    return node if node == _NOTHING else Not(node=node)


def _operand(typed: deque[Piece], say: Say) -> Node:
    if _take(typed, "open"):
        held = _loose(typed, say)
        _take(typed, "close")
        return _joined(Loose, held.nodes)
    if not typed or typed[0].kind not in {"words", "phrase"}:
        return _NOTHING  # where an operator without letters was left out: "(|) OR refund"
    piece = typed.popleft()
    nodes = _phrase(piece, say) if piece.kind == "phrase" else _words(piece.text, say)
    return _one(nodes) if piece.bound else _joined(Loose, nodes)


def _take(typed: deque[Piece], kind: str) -> bool:
    taken = bool(typed) and typed[0].kind == kind
    if taken:
        typed.popleft()
    return taken


def _joined(kind: type[Either] | type[Both] | type[Loose], nodes: Iterable[Node]) -> Node:
    held: list[Node] = []
    for node in nodes:
        held += node.nodes if isinstance(node, kind) else [] if node == _NOTHING else [node]
    return held[0] if len(held) == 1 else kind(nodes=tuple(held)) if held else _NOTHING


def _one(nodes: tuple[Node, ...]) -> Node:
    """Return what an operator takes of "follow-up": a phrase, for side by side would mean either word."""
    run = tuple(node.text for node in nodes if isinstance(node, Word))
    return Phrase(words=run) if 1 < len(run) == len(nodes) else _joined(Both, nodes)


def _phrase(piece: Piece, say: Say) -> tuple[Node, ...]:
    if piece.name and (field := _field(piece.name, piece.text, say)):
        return (field,)
    if "*" in piece.text:
        _refuse_star(piece.text, say)
    held = tuple(tokens(piece.text))
    return (*_words(piece.name, say), *([Phrase(words=held)] if held else []))


def _words(run: str, say: Say) -> tuple[Node, ...]:
    if (named := _NAMED.fullmatch(run)) and (field := _field(named[1], named[2], say)):
        return (field,)
    found = tokens(run)
    nodes = tuple(Word(text=word) for word in found)
    if "*" not in run:
        return nodes
    ends = run.count("*") == 1 and fold(run).rstrip(_ENDS).endswith(f"{found[-1]}*")
    if ends and len(found[-1]) >= SHORTEST_PREFIX:
        return (*nodes[:-1], Prefix(text=found[-1]))
    _refuse_star(run, say)
    return nodes


def _refuse_star(typed: str, say: Say) -> None:
    say(
        f"A star stands for the end of a plain word, after two letters or more: it is left out of {cited(typed)}."
    )


def _field(name: str, typed: str, say: Say) -> Field | None:
    known = _NAMES.get(fold(name))
    if known is None:
        # A single letter is a drive or "Q:", a slash begins the rest of an address, and "Note: ..." ends there.
        if len(name) > 1 and typed and typed[0] not in "/\\":
            say(f"There is no field {cited(name)}, so its words are looked for. Fields: {', '.join(FIELDS)}.")
        return None
    read, hint = _READERS.get(known, (_as_typed, "nothing to look for follows the colon"))
    if not (value := read(fold(typed))):
        say(f"{cited(f'{name}:{typed}')} is taken as words: {hint}.")
        return None
    if "*" in typed:
        _refuse_star(typed, say)
    return Field(name=known, value=value)


def _as_typed(value: str) -> str:
    read = " ".join(value.replace('"', " ").replace("*", " ").split()).strip(_ENDS)
    return read if tokens(read) else ""


def _years(value: str) -> str:
    found = _YEARS.fullmatch(value.strip(" ,;:!?"))
    years = sorted(year for year in found.groups() if year) if found else []
    return "" if "0000" in years else "..".join(years)


def _day(value: str) -> str:
    if not (found := _DAY.fullmatch(value.strip(_ENDS))):
        return ""
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).isoformat()
    except ValueError:
        return ""


def _state(value: str) -> str:
    return value if (value := value.strip(_ENDS)) in STATES else ""


_A_DAY = (_day, "a day is written 2015-03-01, a month 2015-03, a year 2015")
# How a value is read where not as typed, and what to say where it cannot be.
_READERS: Mapping[FieldName, tuple[Callable[[str], str], str]] = {
    "year": (_years, "a year is written 2012, several are 2010..2014, all since then after:2012"),
    "before": _A_DAY,
    "after": _A_DAY,
    "state": (_state, f"the states are {', '.join(STATES)}"),
}


def _limited(node: Loose, say: Say) -> Loose:
    """Return *node* with no more than MOST_WORDS different words."""
    seen: set[str] = set()
    kept = [_within(inner, seen) for inner in node.nodes]
    if tuple(kept) == node.nodes:
        return node
    say(f"Only the first {MOST_WORDS} different words are looked for.")
    flat = _joined(Loose, kept)
    return flat if isinstance(flat, Loose) else Loose(nodes=(flat,))


def _within(node: Node, seen: set[str]) -> Node:
    match node:
        case Word():
            return node if _fits(node.text, seen) else _NOTHING
        case Prefix():
            return node if _fits(f"{node.text}*", seen) else _NOTHING
        case Phrase():
            held = tuple(takewhile(lambda word: _fits(word, seen), node.words))
            return Phrase(words=held) if held else _NOTHING
        case Field():
            return node
        case Not():
            kept = _within(node.node, seen)
            return kept if kept == _NOTHING else Not(node=kept)
        case _:
            return _joined(type(node), [_within(inner, seen) for inner in node.nodes])


def _fits(word: str, seen: set[str]) -> bool:
    if len(seen) < MOST_WORDS:
        seen.add(word)
    return word in seen
