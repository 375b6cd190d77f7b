"""Which of some labelled documents the store takes for copies of each other, and which are."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from bench.labelled import Document
from ingest import loose
from kb import posts, schema
from kb.model import Origins, Raw

Pairs = frozenset[tuple[str, str]]  # names of documents, in the order of the alphabet
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def found(documents: Iterable[Document]) -> dict[str, str]:
    """Keep documents in a store of their own; return of each what it is a copy of there, which may be itself."""
    with tempfile.TemporaryDirectory() as folder:
        engine = schema.open_store(schema.at(Path(folder) / "kb.db"))
        for document in documents:
            raw = Raw(kind="document", name=document.name, body=document.path.read_bytes())
            loose.add(engine, raw, Origins(source=document.name, origin="document"), _NOW)
        with engine.connect() as db:
            refs = posts.refs(db, posts.ids(db))
        engine.dispose()
    return {ref.source: refs[ref.copy_of or ref.id].source for ref in refs.values()}


def labelled(documents: Iterable[Document]) -> dict[str, str]:
    """Return of each document what it is a copy of, which may be itself."""
    return {document.name: document.copy_of or document.name for document in documents}


def pairs(originals: Mapping[str, str], among: Sequence[Document]) -> Pairs:
    """Return all pairs of documents with one and the same original."""
    names = sorted(document.name for document in among if document.name in originals)
    return frozenset(pair for pair in combinations(names, 2) if len({originals[name] for name in pair}) == 1)
