"""What search by meaning costs, in CPU of one core: `python -m bench.semantic MODEL_FOLDER [principles]`.

Principles are made up from a seed, see `prose`. Some are encoded by the model; as many as asked for (100,000) get
vectors of mere chance, which cost the store, memory and search just the same.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from sqlalchemy import insert, update
from sqlalchemy.engine import Engine

from bench.prose import GUIDANCE, sentence
from kb import schema, vectors
from kb.encoder import Encoder, Floats
from kb.schema import principles
from kb.vectors import Vectors

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ENCODED = 500  # principles, by the model
CHANGED = 50  # principles, of a later run
ROUNDS = 9  # of a search; the median counts

T = TypeVar("T")


class Chance(Encoder):
    """Stands in for a model that would take a quarter of an hour."""

    def encode(self, texts: Sequence[str]) -> Floats:
        luck = np.random.default_rng(len(texts))
        made = luck.standard_normal((len(texts), self.size), dtype=np.float32)
        unit: Floats = made / np.linalg.norm(made, axis=1, keepdims=True)
        return unit


def main(folder: Path, count: int) -> None:
    luck = random.Random(1)
    with tempfile.TemporaryDirectory() as home:
        engine = schema.open_store(schema.at(Path(home) / "kb.db"))
        rows = [{"text": sentence(luck, GUIDANCE), "sources": 1, "added_at": NOW} for _ in range(count)]
        with schema.writing(engine) as db:
            db.execute(insert(principles), rows)
        measure(engine, folder, [str(row["text"]) for row in rows[:ENCODED]])
        engine.dispose()


def measure(engine: Engine, folder: Path, texts: Sequence[str]) -> None:
    print(f"memory before:           {memory():8.0f} MB")
    encoder, seconds = spent(lambda: Encoder(folder))
    print(f"open the model:          {1_000 * seconds:8.0f} ms, {memory():.0f} MB in all")
    seconds = spent(lambda: encoder.encode(texts))[1]
    print(f"encode a principle:      {1_000 * seconds / len(texts):8.2f} ms, {memory():.0f} MB in all")
    seconds = median(lambda: encoder.encode(["angry customer shouting at me"]))
    print(f"encode a query:          {1_000 * seconds:8.2f} ms")
    chance, before = Chance(folder), stored(engine)
    count, seconds = spent(lambda: vectors.catch_up(engine, chance))
    print(
        f"keep {count:,} vectors:    {1_000 * seconds:8.0f} ms, {stored(engine) - before:.0f} MB in the store"
    )
    print(f"find nothing to do:      {1_000 * median(lambda: vectors.catch_up(engine, chance)):8.0f} ms")
    with schema.writing(engine) as db:
        db.execute(update(principles).where(principles.c.id <= CHANGED).values(text="new words"))
    print(
        f"keep {CHANGED} changed ones:    {1_000 * spent(lambda: vectors.catch_up(engine, chance))[1]:8.0f} ms"
    )
    held, seconds = spent(lambda: load(engine, chance))
    print(
        f"load them:               {1_000 * seconds:8.0f} ms, {(held.rows.nbytes + 12 * count) / 1e6:.0f} MB"
    )
    asked = chance.encode(["a query"])[0]
    alike = held.like(asked)
    print(f"cosines of all:          {1_000 * median(lambda: held.like(asked)):8.2f} ms")
    print(f"their shares:            {1_000 * median(lambda: alike.shares(held.ids)):8.2f} ms")


def load(engine: Engine, encoder: Encoder) -> Vectors:
    with engine.connect() as db:
        return vectors.load(db, encoder)


def spent(work: Callable[[], T]) -> tuple[T, float]:
    before = time.process_time()
    done = work()
    return done, time.process_time() - before


def median(work: Callable[[], object]) -> float:
    return sorted(spent(work)[1] for _ in range(ROUNDS))[ROUNDS // 2]


def memory() -> float:
    """Return what this process holds, in MB; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 / 1e6


def stored(engine: Engine) -> float:
    """Return the size of a SQLite store, in MB."""
    with engine.connect() as db:
        pages = db.exec_driver_sql("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return float(pages.scalar() or 0) / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > len(("bench", "model")) else 100_000)
