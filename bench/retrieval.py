"""How good the answers to labelled queries are.

A query knows which units of labelled documents answer it (grade 2) or help (1). Two collections are asked: all labelled
guidance of the documents, which tells of the search alone, and what the program finds in them by itself.
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Literal, cast

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from bench.labelled import PARTS, Document, Part, Unit
from ingest import loose
from kb import posts, schema, search, topics
from kb.index import Index
from kb.model import Digest, Hit, Origins, Post, Query, Quote, Raw
from kb.posts import Found
from kb.semantic import Semantic
from kb.shelf import Shelf
from kb.text import tokens

Guidance = Literal["labelled", "found"]
DEPTH = 10  # of the hits that count
TOP = 3  # what somebody sees in the middle of a call
HARD = ("synonym", "typo", "negation")  # kinds of queries
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
    """A query and what it found, the best first; a unit counts once."""

    case: Case
    grades: tuple[int, ...]
    first: str  # what stands on top; "" where nothing was found

    @property
    def ndcg(self) -> float:
        """Normalised discounted cumulative gain at 10 with gains 2 ** grade - 1 (Jarvelin and Kekalainen 2002)."""
        ideal = _gain(sorted(self.case.grades.values(), reverse=True)[:DEPTH])
        return _gain(self.grades) / ideal if ideal else 0.0

    @property
    def is_hit(self) -> bool:
        """Say whether something that answers stands at the top; something that helps will do where nothing answers."""
        best = max(self.case.grades.values(), default=0)
        return any(grade >= best > 0 for grade in self.grades[:TOP])


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Guidance of labelled documents in a store and an index."""

    engine: Engine
    index: Index
    semantic: Semantic
    units: Mapping[str, Sequence[frozenset[str]]]  # document -> the words of each of its units


def cases(folder: Path) -> list[Case]:
    """Return the queries of a folder; where they have no parts every second one is held back."""
    graded: dict[str, dict[tuple[str, int], int]] = {}
    for row in _rows(folder / "judgements.tsv"):
        graded.setdefault(row["query"], {})[row["post"], int(row["unit"])] = int(row["grade"])
    return [
        Case(
            id=row["id"],
            kind=row.get("kind", "synonym"),
            part=cast(Part, row.get("part") or PARTS[number % 2]),
            text=row["query"],
            grades=graded.get(row["id"], {}),
        )
        for number, row in enumerate(_rows(folder / "queries.tsv"))
    ]


@contextmanager
def collect(
    documents: Sequence[Document], guidance: Guidance = "labelled", model: Path | None = None
) -> Iterator[Collection]:
    """Keep and index the guidance of documents for a while, with vectors where there is a model."""
    with tempfile.TemporaryDirectory() as home:
        engine = schema.open_store(schema.at(Path(home) / "kb.db"))
        with schema.writing(engine) as db:
            posts.keep_all(db, [_kept(document, guidance) for document in documents], _NOW, Shelf())
        index, semantic = Index(Path(home) / "index"), Semantic(model)
        index.catch_up(engine)
        semantic.catch_up(engine)
        units = {one.name: [frozenset(tokens(unit.text)) for unit in one.units] for one in documents}
        try:
            yield Collection(engine=engine, index=index, semantic=semantic, units=units)
        finally:
            index.close()
            engine.dispose()


def ask(collection: Collection, asked: Iterable[Case]) -> list[Outcome]:
    """Return what queries find."""
    with collection.engine.connect() as db:
        return [_outcome(db, collection, case) for case in asked]


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return how good answers are, of all queries that guidance is there for, and how many get any."""
    wanted = [one for one in outcomes if one.case.grades]
    return {
        "ndcg": mean(one.ndcg for one in wanted),
        "hit": mean(one.is_hit for one in wanted),
        "hard_hit": mean(one.is_hit for one in wanted if one.case.kind in HARD),
        "answered": mean(bool(one.grades) for one in wanted),
    }


def mean(values: Iterable[float]) -> float:
    """Return the mean; that of nothing is 0."""
    every = list(values)
    return sum(every) / len(every) if every else 0.0


def _outcome(db: Connection, collection: Collection, case: Case) -> Outcome:
    query = Query(text=case.text, limit=DEPTH)
    hits = search.principles(db, collection.index, query, collection.semantic).hits
    return Outcome(
        case=case,
        grades=tuple(_graded(case, hits, collection.units)),
        first=hits[0].principle.text if hits else "",
    )


def _kept(document: Document, guidance: Guidance) -> Found:
    body = document.path.read_bytes()
    digests = loose.digested(body, document.path.name)
    return Found(
        raw=Raw(kind="document", name=document.name, body=body),
        origins=Origins(source=document.name, origin="document"),
        digests=[_relabelled(one, document.units) for one in digests] if guidance == "labelled" else digests,
    )


def _relabelled(made: Digest, units: Sequence[Unit]) -> Digest:
    """Return a digest with the labelled guidance instead of what the program finds."""
    quotes, searched, heading = [], 0, ""
    for number, unit in enumerate(units):
        start = made.post.text.find(unit.text, searched)
        searched = max(start, searched)
        if unit.grade and start >= 0:
            beside = (*units[max(0, number - 1) : number], *units[number + 1 : number + 2])
            quotes.append(_quote(made.post, unit.text, start, [heading, *(one.text for one in beside)]))
        heading = unit.text if unit.kind in _HEADINGS else heading
    return Digest(post=made.post, quotes=tuple(quotes))


def _quote(post: Post, text: str, start: int, around: Sequence[str]) -> Quote:
    return Quote(
        text=text,
        start=start,
        end=start + len(text),
        context="\n".join(dict.fromkeys(filter(None, around))),
        confidence=0.9,
        topics=topics.file(text, heading=around[0], title=post.title, tags=post.tags),
    )


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


def _gain(grades: Iterable[int]) -> float:
    return sum(((1 << grade) - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
