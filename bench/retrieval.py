"""How good the answers to labelled queries are.

A query knows which units of labelled documents answer it (grade 2) or help (1). Two collections are asked: what the
program finds in the documents by itself, and all their labelled guidance, which tells of the search alone.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import cast

from sqlalchemy.engine import Engine

from bench.labelled import Document, Part, Unit
from ingest import loose
from kb import posts, schema, search, topics
from kb.index import Index
from kb.model import Digest, Hit, Origins, Query, Quote, Raw
from kb.posts import Found
from kb.shelf import Shelf
from kb.text import tokens

DEPTH = 10
_LIKE = 0.6  # of all words of a quote and a unit together that both have; then they are the same
_HEADINGS = ("heading", "lead")
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A query and its judgements: document and number of the unit -> grade."""

    id: str
    kind: str
    part: Part
    text: str
    grades: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A query and the grades of what was found, the best first; a unit counts once."""

    case: Case
    grades: tuple[int, ...]

    @property
    def ndcg(self) -> float:
        """Normalised discounted cumulative gain at 10 with gains 2 ** grade - 1 (Jarvelin and Kekalainen 2002)."""
        ideal = _gain(sorted(self.case.grades.values(), reverse=True)[:DEPTH])
        return _gain(self.grades[:DEPTH]) / ideal if ideal else 0.0

    def hit(self, within: int) -> bool:
        """Say whether something that answers stands among the first ones; anything that helps, where nothing does."""
        best = max(self.case.grades.values(), default=0)
        return any(grade >= best > 0 for grade in self.grades[:within])


def cases(folder: Path) -> list[Case]:
    """Return the queries of a folder; without parts of their own every second one is held back."""
    graded: dict[str, dict[tuple[str, int], int]] = {}
    for row in _rows(folder / "judgements.tsv"):
        graded.setdefault(row["query"], {})[row["post"], int(row["unit"])] = int(row["grade"])
    return [
        Case(
            id=row["id"],
            kind=row.get("kind", "synonym"),
            part=cast(Part, row.get("part") or ("tuning", "held")[number % 2]),
            text=row["query"],
            grades=graded.get(row["id"], {}),
        )
        for number, row in enumerate(_rows(folder / "queries.tsv"))
    ]


def collect(documents: Iterable[Document], folder: Path, *, labelled: bool) -> tuple[Engine, Index]:
    """Return store and index of the documents: of their labelled guidance, or of what the program finds in them."""
    engine = schema.open_store(schema.at(folder / "kb.db"))
    shelf = Shelf()
    with schema.writing(engine) as db:
        posts.keep_all(db, [_found(document, labelled) for document in documents], _NOW, shelf)
    index = Index(folder / "index")
    index.catch_up(engine)
    return engine, index


def ask(engine: Engine, index: Index, asked: Iterable[Case], documents: Iterable[Document]) -> list[Outcome]:
    """Return what the queries find."""
    units = {document.name: _units(document.units) for document in documents}
    with engine.connect() as db:
        return [
            Outcome(
                case=case, grades=tuple(_graded(case, search.principles(db, index, _query(case)).hits, units))
            )
            for case in asked
        ]


def _found(document: Document, labelled: bool) -> Found:
    body = document.path.read_bytes()
    digests = loose.digested(body, document.path.name)
    return Found(
        raw=Raw(kind="document", name=document.name, body=body),
        origins=Origins(source=document.name, origin="document"),
        digests=[_relabelled(one, document.units) for one in digests] if labelled else digests,
    )


def _relabelled(made: Digest, units: Sequence[Unit]) -> Digest:
    """Return a digest with the labelled guidance instead of what the program finds."""
    quotes, start, heading = [], 0, ""
    for number, unit in enumerate(units):
        at = made.post.text.find(unit.text, start)
        start = at if at >= 0 else start
        if unit.grade and at >= 0:
            around = [one.text for one in units[max(0, number - 1) : number + 2] if one is not unit]
            filed = topics.file(unit.text, heading=heading, title=made.post.title, tags=made.post.tags)
            context = "\n".join(dict.fromkeys(filter(None, [heading, *around])))
            end = at + len(unit.text)
            quotes.append(
                Quote(text=unit.text, start=at, end=end, context=context, confidence=0.9, topics=filed)
            )
        heading = unit.text if unit.kind in _HEADINGS else heading
    return Digest(post=made.post, quotes=tuple(quotes))


def _query(case: Case) -> Query:
    return Query(text=case.text, limit=DEPTH)


def _graded(case: Case, hits: Iterable[Hit], units: Mapping[str, Sequence[frozenset[str]]]) -> Iterator[int]:
    """Yield what each hit is worth: the best of the units that its quotes hold and no earlier one held."""
    left = dict(case.grades)
    for hit in hits:
        held = {
            key for quote in hit.principle.evidence for key in _same(quote.post.source, quote.text, units)
        }
        yield max((left.pop(key) for key in held & left.keys()), default=0)


def _same(source: str, text: str, units: Mapping[str, Sequence[frozenset[str]]]) -> Iterator[tuple[str, int]]:
    said = frozenset(tokens(text))
    for number, unit in enumerate(units.get(source, ())):
        together = len(said | unit)
        if unit and (unit <= said or len(said & unit) >= _LIKE * together):
            yield source, number


def _units(units: Iterable[Unit]) -> list[frozenset[str]]:
    return [frozenset(tokens(unit.text)) for unit in units]


def _gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
