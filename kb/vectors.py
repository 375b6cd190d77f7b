"""Vectors of principles: made after a run, kept in the store as whole numbers of one byte, held in memory for search.

They are a cache, as the index is: those that are missing, or were made of other words or by another model, are made.
What is encoded is a principle's wording alone. On 30 labelled queries (nDCG@10 alone / fused with BM25) that came to
0.603 / 0.635, with its heading 0.604 / 0.643, with its post's title 0.463 / 0.602.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, or_, select
from sqlalchemy.engine import Engine

from kb import facts, schema
from kb.encoder import LONGEST, Encoder, Floats
from kb.quotes import batches
from kb.schema import principles, vectors

KEPT_AT_ONCE = 500  # principles; encoding them takes some 4 seconds, keeping them 10 ms
# Vectors widened to floats at a time: they stay in a core's own cache. 100,000 took 8 ms by 1,024 or less, 17 by more.
BLOCK = 1_024
_MOST = 127  # of a byte with a sign
_STAMP = "vectors stamp"  # name of the fact: the model's fingerprint, and a word that vectors change

_TEXT = func.substr(principles.c.text, 1, LONGEST)
_WANTED = (
    select(principles.c.id)
    .outerjoin(vectors, vectors.c.principle_id == principles.c.id)
    .where(principles.c.sources > 0, or_(vectors.c.principle_id.is_(None), vectors.c.text != _TEXT))
)
_GONE = (
    select(vectors.c.principle_id)
    .outerjoin(principles, principles.c.id == vectors.c.principle_id)
    .where(or_(principles.c.id.is_(None), principles.c.sources == 0))
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """How alike principles are to something."""

    ids: NDArray[np.int64]  # of the principles, ascending; at least one
    cosines: Floats

    def shares(self, ids: NDArray[np.integer[Any]]) -> Floats:
        """Return the likeness of these principles, from 0, the least of all, to 1, the most; 0 where it is unknown."""
        least, most = np.min(self.cosines), np.max(self.cosines)
        shares = (self.cosines - least) / max(most - least, np.finfo(np.float32).eps)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        found: Floats = np.where(self.ids[places] == ids, shares[places], np.float32(0))
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vectors:
    """The vectors of all principles, as they are held in memory."""

    ids: NDArray[np.int64]  # of the principles, ascending
    rows: NDArray[np.int8]
    scales: Floats  # what makes unit vectors of the rows

    def like(self, vector: Floats) -> Likeness:
        """Return the cosine of each of them with a unit vector."""
        found = np.empty(len(self.rows), dtype=np.float32)
        wide = np.empty((BLOCK, len(vector)), dtype=np.float32)
        for start in range(0, len(found), BLOCK):
            some = self.rows[start : start + BLOCK]
            wide[: len(some)] = some
            np.matmul(wide[: len(some)], vector, out=found[start : start + len(some)])
        found *= self.scales
        return Likeness(ids=self.ids, cosines=found)


def rounded(exact: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return vectors as whole numbers of one byte, and what makes unit vectors of these."""
    peaks = np.max(np.abs(exact), axis=1, keepdims=True, initial=1e-9)  # none is smaller but that of nothing
    rows = np.rint(exact * (_MOST / peaks)).astype(np.int8)
    lengths = np.linalg.norm(rows.astype(np.float32), axis=1)
    return rows, np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def catch_up(engine: Engine, encoder: Encoder) -> int:
    """Make the vectors that are missing or outdated, and remove those of principles that are gone.

    Some are kept at a time, in a transaction of their own: a crash repeats no more. Return how many were made.
    """
    _begin(engine, encoder)
    with engine.connect() as db:
        wanted, gone = db.execute(_WANTED).scalars().all(), db.execute(_GONE).scalars().all()
    for some in batches(gone, KEPT_AT_ONCE):
        _keep(engine, encoder, some, {})
    for some in batches(wanted, KEPT_AT_ONCE):
        with engine.connect() as db:
            said = select(principles.c.id, _TEXT).where(principles.c.id.in_(some))
            texts = {row[0]: row[1] for row in db.execute(said)}
        _keep(engine, encoder, some, texts)
    return len(wanted)


def _begin(engine: Engine, encoder: Encoder) -> None:
    """Forget the vectors of another model."""
    with engine.connect() as db:
        if _model(db) == encoder.fingerprint:
            return
    with schema.writing(engine) as db:
        db.execute(delete(vectors))
        _stamp(db, encoder)


def _keep(engine: Engine, encoder: Encoder, instead_of: Sequence[int], texts: dict[int, str]) -> None:
    rows, scales = rounded(encoder.encode(list(texts.values())))
    made = [
        {"principle_id": one, "text": text, "scale": float(scale), "vector": row.tobytes()}
        for (one, text), row, scale in zip(texts.items(), rows, scales, strict=True)
    ]
    with schema.writing(engine) as db:
        if _model(db) != encoder.fingerprint:  # another process has begun with another model
            return
        db.execute(delete(vectors).where(vectors.c.principle_id.in_(instead_of)))
        if made:
            db.execute(insert(vectors), made)
        _stamp(db, encoder)


def _stamp(db: Connection, encoder: Encoder) -> None:
    facts.put(db, _STAMP, f"{encoder.fingerprint} {secrets.token_hex(8)}")


def stamp(db: Connection) -> str:
    """Return what changes whenever vectors do."""
    return facts.get(db, _STAMP) or ""


def _model(db: Connection) -> str:
    return stamp(db).partition(" ")[0]


def load(db: Connection, encoder: Encoder) -> Vectors:
    """Return the vectors that this model made of the store's principles."""
    ids, scales, bodies = [], [], bytearray()
    if _model(db) == encoder.fingerprint:
        rows = db.execute(
            select(vectors.c.principle_id, vectors.c.scale, vectors.c.vector).order_by(vectors.c.principle_id)
        )
        for one, scale, body in rows:
            ids.append(one)
            scales.append(scale)
            bodies += body
    return Vectors(
        ids=np.array(ids, dtype=np.int64),
        rows=np.frombuffer(bodies, dtype=np.int8).reshape(len(ids), encoder.size),
        scales=np.array(scales, dtype=np.float32),
    )
