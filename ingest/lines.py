"""Lines broken by hand, in markup (`<br>`) or plain text: which belong together, and which are items of a list."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.blocks import Run
from kb.model import BlockKind

BREAK: Run = ("\v", False)  # stands for one <br> among runs; white space, should it ever be left
LONGEST_ITEM = 200  # a numbered line that is longer is a paragraph of its own
_LONGEST_LEAD = 120  # a bold line that is longer is no lead-in
_WRAPPED = range(40, 111)  # how long lines are that an editor has wrapped

_GLYPH = re.compile(r"\s*[•▪◦●○■□►▶➢➤✓✔‣⁃]\s*")
_DASH = re.compile(r"\s*[-*–—·+>]\s+")
_NUMBER = re.compile(
    r"\s*(?:\(?\d{1,2}[.):]|\(?[ivxIVX]{1,5}[.)]|\(?[a-zA-Z][.)]|#\d{1,2}[.):]?|step \d{1,2}[.):])\s+\S",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stretch of runs that makes one block; `kind` where its own first characters tell it."""

    runs: list[Run]
    kind: BlockKind | None = None


def of_markup(runs: list[Run]) -> list[Line]:
    """Return the blocks among *runs* that stand between two `<br>`, or start as an item or after a bold line."""
    if BREAK not in runs:
        return [_line(runs, _text(runs), dashes=False, alone=True)]
    lines: list[list[Run]] = [[]]
    for run in runs:
        if run is BREAK:
            lines.append([])
        else:
            lines[-1].append(run)
    return _joined(lines, wrapped=True)


def of_text(lines: Sequence[str]) -> list[Line]:
    """Return the blocks of a plain paragraph: one if its lines were wrapped by an editor, else one for each line."""
    wrapped = all(len(line.strip()) in _WRAPPED for line in lines[:-1])
    return _joined([[(line, False)] for line in lines], wrapped=wrapped)


def _joined(lines: Sequence[list[Run]], *, wrapped: bool) -> list[Line]:
    texts = [_text(line) for line in lines]
    dashes = sum(1 for text in texts if _DASH.match(text)) > 1
    blocks: list[Line] = []
    fresh = True
    for runs, text in zip(lines, texts, strict=True):
        line = _line(runs, text, dashes=dashes, alone=len(lines) == 1)
        if not text.strip():
            fresh = True
        elif fresh or line.kind or not (wrapped or _continues(blocks[-1], text)):
            blocks.append(line)
            fresh = _is_lead(runs, text)
        else:
            blocks[-1].runs.extend([(" ", False), *runs])
            fresh = False
    return blocks


def _line(runs: list[Run], text: str, *, dashes: bool, alone: bool) -> Line:
    if found := _GLYPH.match(text) or (_DASH.match(text) if dashes else None):
        return Line(kind="item", runs=_without(runs, found.end()))
    if not alone and len(text) <= LONGEST_ITEM and _NUMBER.match(text):
        return Line(kind="item", runs=runs)
    return Line(runs=runs)


def _continues(block: Line, text: str) -> bool:
    return block.kind == "item" and text[:1].isspace()


def _is_lead(runs: list[Run], text: str) -> bool:
    return len(text) <= _LONGEST_LEAD and all(bold for run, bold in runs if run.strip())


def _text(runs: Iterable[Run]) -> str:
    return "".join(text for text, _ in runs)


def _without(runs: Sequence[Run], length: int) -> list[Run]:
    kept = []
    for text, bold in runs:
        kept.append((text[length:], bold))
        length = max(0, length - len(text))
    return kept
