"""What somebody typed, in pieces: words, phrases, fields, and operators that have what they work on. Pure.

The first half of `kb.query`, which makes a tree of the pieces. What is broken is mended here and said: afterwards every
parenthesis has its other one, and an operator without an operand has become a word.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kb.text import tokens

DEEPEST = 8  # parentheses within parentheses

Kind = Literal["words", "phrase", "not", "and", "or", "open", "close"]
Say = Callable[[str], None]  # takes a sentence for the person who typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One operator or operand, as typed."""

    kind: Kind
    text: str = ""
    name: str = ""  # of a phrase behind a colon: name:"two words"
    bound: bool = False  # stands beside an operator, so that it is one operand: -follow-up


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PIECE = re.compile(
    r"(?P<minus>(?<![^\s(|])-(?![\s-]))"  # within a word, or before a space, it is a hyphen or a dash
    r"|(?P<open>\()|(?P<close>\))|(?P<bar>\|+)"
    r'|(?P<name>[^\W\d_]+):"(?P<value>[^"]*)"'
    r'|"(?P<phrase>[^"]*)"|(?P<quote>")'
    r'|(?P<words>[^\s"()|]+)'
)
# "Q&A" is words: only an ampersand on its own is an operator.
_OPERATORS: Mapping[str, Kind] = {"NOT": "not", "AND": "and", "&": "and", "&&": "and", "OR": "or"}
_KINDS: Mapping[str, Kind] = {"minus": "not", "bar": "or", "open": "open", "close": "close"}
_CITED = 40  # characters of what was typed, in a note


def read(text: str, say: Say) -> list[Piece]:
    """Return the pieces of *text*, mended."""
    typed = text.translate(_QUOTES)
    pieces = _paired(_pieces(typed, say), say)
    return _bound(_operable(pieces, typed.isupper(), say))


def cited(typed: str) -> str:
    """Return *typed* as a note may show it: in quotation marks, short, without control characters."""
    shown = "".join(letter for letter in typed if letter.isprintable())
    return f"“{shown}”" if len(shown) <= _CITED else f"“{shown[:_CITED]} …”"


def _pieces(text: str, say: Say) -> Iterator[Piece]:
    for found in _PIECE.finditer(text):
        if found["words"]:
            yield from _words(found["words"], say)
        elif found["name"]:
            yield Piece(kind="phrase", text=found["value"], name=found["name"])
        elif found["phrase"] is not None:
            yield from _phrase(found["phrase"], say)
        elif found["quote"]:
            say("The last quotation mark is never closed: the words after it are looked for one by one.")
        else:
            yield Piece(kind=_KINDS[found.lastgroup or ""], text=found[0])


def _words(run: str, say: Say) -> Iterator[Piece]:
    if run in _OPERATORS:
        yield Piece(kind=_OPERATORS[run], text=run)
    elif tokens(run):
        yield Piece(kind="words", text=run)
    elif "*" in run:
        say("A star stands for the end of a word: on its own it is left out.")
    elif any(letter.isalnum() for letter in run):
        say(f"{cited(run)} is too long for a word and left out.")


def _phrase(text: str, say: Say) -> Iterator[Piece]:
    if tokens(text):
        yield Piece(kind="phrase", text=text)
    else:
        say("There is nothing to look for between two quotation marks.")


def _paired(pieces: Iterable[Piece], say: Say) -> list[Piece]:
    """Return *pieces* with every parenthesis opened and closed, none empty, none too deep."""
    kept: list[Piece] = []
    counts: list[bool] = []  # of each that is open
    for piece in pieces:
        if piece.kind == "close":
            if not counts:
                say("A parenthesis is closed that was never opened: it is left out.")
            elif counts.pop():
                _close(kept, say)
        elif piece.kind == "open" and len(counts) >= DEEPEST:
            counts.append(False)
            say(f"Parentheses more than {DEEPEST} deep are left out, not the words in them.")
        else:
            kept.append(piece)
            counts += [True] * (piece.kind == "open")
    if counts:
        say("A parenthesis is never closed: it is taken to reach to the end.")
    for _ in filter(None, counts):
        _close(kept, say)
    return kept


def _close(kept: list[Piece], say: Say) -> None:
    if kept[-1].kind == "open":
        say("There is nothing to look for between two parentheses.")
        kept.pop()
    else:
        kept.append(Piece(kind="close"))


def _operable(pieces: Sequence[Piece], shouted: bool, say: Say) -> list[Piece]:
    """Return *pieces* with operators that lack what they work on taken as words."""
    kept: list[Piece] = []
    for piece, after in zip(pieces, [*(piece.kind for piece in pieces[1:]), "close"], strict=False):
        before = kept[-1].kind if kept else "open"
        fault = _fault(piece, before, after, shouted)
        if not fault:
            kept.append(piece)
            continue
        say(fault)
        if tokens(piece.text) and not _repeats(piece.kind, after):
            kept.append(Piece(kind="words", text=piece.text))
    return kept


def _fault(piece: Piece, before: str, after: str, shouted: bool) -> str:
    """Say what is wrong with an operator between its neighbours, if anything."""
    if piece.kind == "not":
        if shouted and piece.text == "NOT" and before not in {"and", "or"}:
            return "All is in capitals, so NOT is taken as a word: a minus sign before a word excludes it."
        follows = after in {"words", "phrase", "open"}
        return (
            "" if follows else f"{piece.text} needs something behind it to exclude: here it is no operator."
        )
    if piece.kind not in {"and", "or"}:
        return ""
    fits = before in {"words", "phrase", "close"} and after in {"words", "phrase", "open", "not"}
    return "" if fits else f"{piece.text} needs something on either side: here it is no operator."


def _repeats(kind: str, after: str) -> bool:
    return kind == after or {kind, after} == {"and", "or"}


def _bound(pieces: Sequence[Piece]) -> list[Piece]:
    kinds = ["", *(piece.kind for piece in pieces), ""]
    return [
        replace(piece, bound=kinds[at] in {"not", "and", "or"} or kinds[at + 2] in {"and", "or"})
        for at, piece in enumerate(pieces)
    ]
