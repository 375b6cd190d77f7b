"""The blocks of a text while it is being cleaned, and how they become one text with offsets."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.model import Block, BlockKind

Run = tuple[str, bool]  # a stretch of text, and whether it is bold
Span = tuple[int, int]

# Zero-width and direction marks, soft hyphens, control characters, lone surrogates: nobody sees or can search them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_SPACE = re.compile(r"\s{2,}|[^\S ]")  # all but the single spaces, which may stay
_JOIN = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block that has no place in a text yet; `strong` counts into its own text."""

    kind: BlockKind
    text: str
    level: int = 0
    strong: tuple[Span, ...] = ()


def fold(text: str) -> str:
    """Return *text* on one line: no invisible characters, single spaces, none at the ends."""
    return " ".join(INVISIBLE.sub("", text).split())


def piece(kind: BlockKind, runs: Iterable[Run], level: int = 0) -> Piece:
    """Return the block made of *runs*, its white space folded; code keeps its lines."""
    if kind == "code":
        return Piece(kind=kind, level=level, text=_lines("".join(text for text, _ in runs)).strip())
    parts: list[str] = []
    strong: list[Span] = []
    length = 0
    for raw, bold in runs:
        # Printable text holds no white space but spaces: 0.1 us where the two patterns take 3.
        text = raw if raw.isprintable() and "  " not in raw else _SPACE.sub(" ", INVISIBLE.sub("", raw))
        if not parts or parts[-1].endswith(" "):
            text = text.lstrip()
        if text:
            parts.append(text)
            length += len(text)
            if bold:
                strong.append((length - len(text), length))
    text = "".join(parts).rstrip()
    return Piece(kind=kind, level=level, text=text, strong=_merged(text, strong))


def part(whole: Piece, start: int, end: int) -> Piece:
    """Return *whole* cut down to `start:end`, without white space at its ends."""
    text = whole.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    strong = [(max(a, start) - start, min(b, start + len(text)) - start) for a, b in whole.strong]
    return Piece(kind=whole.kind, level=whole.level, text=text, strong=_merged(text, strong))


def compose(pieces: Sequence[Piece]) -> tuple[str, tuple[Block, ...]]:
    """Return the text of *pieces*, joined by blank lines, and where each of them stands; empty ones are left out."""
    blocks = []
    start = 0
    kept = [piece for piece in pieces if piece.text]
    for one in kept:
        end = start + len(one.text)
        strong = tuple((a + start, b + start) for a, b in one.strong)
        blocks.append(Block(kind=one.kind, start=start, end=end, level=one.level, strong=strong))
        start = end + len(_JOIN)
    return _JOIN.join(one.text for one in kept), tuple(blocks)


def decompose(text: str, blocks: Iterable[Block]) -> list[Piece]:
    """Return the pieces that `compose` made *text* and *blocks* of."""
    return [
        Piece(
            kind=block.kind,
            level=block.level,
            text=text[block.start : block.end],
            strong=tuple((a - block.start, b - block.start) for a, b in block.strong),
        )
        for block in blocks
    ]


def _lines(text: str) -> str:
    lines = (INVISIBLE.sub("", line).rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _merged(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for a, b in spans:
        stretch = text[a:b]
        start, end = a + len(stretch) - len(stretch.lstrip()), a + len(stretch.rstrip())
        if start >= end:
            continue
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)
