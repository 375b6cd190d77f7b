"""Documents of which every title, heading, lead-in, item and sentence has a grade, and pairs of quotes with a verdict.

Grades: 2 guidance (can be acted on, stands alone, general), 1 borderline, 0 none. Two shapes are read:
the repository's own (`own`) and any folder of posts with a `labels.jsonl` (`folder`).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from kb import topics

Part = Literal["tuning", "held"]
PARTS: tuple[Part, ...] = ("tuning", "held")
# The posts of the folder that the rules of extraction were first written on; all others there are held back.
_TUNED = re.compile(r"seed_|p0\d|p1[0-2]")
_NOTHING = ("", "-", "clean")
_HALVES: dict[str, Part] = {"tune": "tuning", "held": "held"}
_LABEL = ("kind", "grade", "topics", "text")  # columns of a file of labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One title, heading, lead-in, item or sentence of a document."""

    kind: str
    grade: int
    topics: tuple[str, ...]  # main one first
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document and what a careful reader says of it."""

    name: str
    path: Path
    part: Part
    units: tuple[Unit, ...]
    flaw: str | None = None  # what is wrong with its text as a whole
    copy_of: str | None = None  # the name of the document that says the same, nearly word for word


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two quotes, and whether they say the same."""

    one: str
    other: str
    is_same: bool
    part: Part


def own(within: Path) -> list[Document]:
    """Return the documents in `posts/*.md`, with `labels/<name>.tsv` and their lines of `sources.tsv`."""
    sources = {row["post"]: row for row in _rows(within / "sources.tsv")}
    return [_own(path, sources[path.stem]) for path in sorted((within / "posts").glob("*.md"))]


def folder(within: Path) -> list[Document]:
    """Return the documents that `labels.jsonl` speaks of: in `posts`, and `seed_*` in the folder `seeds` beside."""
    units: dict[str, list[Unit]] = {}
    for line in (within / "labels.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        units.setdefault(said["post"], []).append(_unit(said))
    return [
        Document(name=name, path=_path(within, name), part=_part(name), units=tuple(found))
        for name, found in units.items()
    ]


def pairs(path: Path) -> list[Pair]:
    """Return the pairs of a table with the columns a, b, verdict and half."""
    return [
        Pair(
            one=row["a"],
            other=row["b"],
            is_same=_one_of(("same", "different"), row["verdict"]) == "same",
            part=_HALVES[row["half"]],
        )
        for row in _rows(path)
    ]


def _own(path: Path, source: Mapping[str, str]) -> Document:
    labels = path.parent.with_name("labels") / f"{path.stem}.tsv"
    return Document(
        name=path.stem,
        path=path,
        part=cast(Part, _one_of(PARTS, source["part"])),
        units=tuple(_unit(row) for row in _rows(labels, _LABEL)),
        flaw=_stated(source["flaw"]),
        copy_of=_stated(source["copy_of"]),
    )


def _unit(said: Mapping[str, str | int | Sequence[str]]) -> Unit:
    about = said["topics"]
    names = re.findall(r"[\w-]+", about) if isinstance(about, str) else about
    # Where bold marks stand in a text, its lead-in and the sentence behind it were not told apart; it begins with
    # the lead-in, which is what the grade is for.
    lead = str(said["text"]).split(" **")[0]
    return Unit(
        kind=str(said["kind"]),
        grade=int(_one_of(("0", "1", "2"), str(said["grade"]))),
        topics=tuple(topics.get(name).name for name in cast(Sequence[str], names) if name not in _NOTHING),
        text=lead or str(said["text"]),
    )


def _path(within: Path, name: str) -> Path:
    is_seed = name.startswith("seed_")
    among, start = (
        (within.with_name("seeds"), name.removeprefix("seed_")) if is_seed else (within / "posts", name)
    )
    for path in sorted(among.iterdir()):
        if path.stem == start or path.stem.startswith(f"{start}_"):
            return path
    raise FileNotFoundError(f"labels.jsonl speaks of {name}, which is not in {among}")


def _part(name: str) -> Part:
    return "tuning" if _TUNED.match(name) else "held"


def _stated(cell: str) -> str | None:
    return None if cell in _NOTHING else cell


def _one_of(allowed: Sequence[str], cell: str) -> str:
    if cell not in allowed:
        raise ValueError(f"{cell!r} is none of {', '.join(allowed)}")
    return cell


def _rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, str]]:
    """Yield the lines of a table whose first line names its columns unless they are given."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, columns, delimiter="\t", quoting=csv.QUOTE_NONE):
            if None in row or None in row.values():
                raise ValueError(f"{path.name}: a line without one cell a column: {list(row.values())}")
            yield row
