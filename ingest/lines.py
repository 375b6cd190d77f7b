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


def of_markup(runs: Iterable[Run]) -> list[Line]:
    """Return the blocks among *runs* that stand between two `<br>`, or start as an item or after a bold line."""
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
    dashes = sum(1 for line in lines if _DASH.match(_text(line))) > 1
    blocks: list[Line] = []
    fresh = True
    for runs in lines:
        line = _line(runs, dashes=dashes, alone=len(lines) == 1)
        if not _text(runs).strip():
            fresh = True
        elif fresh or line.kind or not (wrapped or _continues(blocks[-1], runs)):
            blocks.append(line)
            fresh = _is_lead(runs)
        else:
            blocks[-1].runs.extend([(" ", False), *runs])
            fresh = False
    return blocks


def _line(runs: list[Run], *, dashes: bool, alone: bool) -> Line:
    text = _text(runs)
    if found := _GLYPH.match(text) or (_DASH.match(text) if dashes else None):
        return Line(kind="item", runs=_without(runs, found.end()))
    if not alone and len(text) <= LONGEST_ITEM and _NUMBER.match(text):
        return Line(kind="item", runs=runs)
    return Line(runs=runs)


def _continues(block: Line, runs: list[Run]) -> bool:
    return block.kind == "item" and _text(runs)[:1].isspace()


def _is_lead(runs: list[Run]) -> bool:
    return len(_text(runs)) <= _LONGEST_LEAD and all(bold for text, bold in runs if text.strip())


def _text(runs: Iterable[Run]) -> str:
    return "".join(text for text, _ in runs)


def _without(runs: Sequence[Run], length: int) -> list[Run]:
    kept = []
    for text, bold in runs:
        kept.append((text[length:], bold))
        length = max(0, length - len(text))
    return kept
