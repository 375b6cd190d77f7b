"""What merging costs, and how that grows: `python -m bench.merge [QUOTES] [--out FOLDER]`.

Quotes are put together from verbs, objects, conditions and reasons, so that most are unlike and some say the same. They
are filed in a store on disk as a run does it, two hundred posts of four quotes at a time, each batch timed in CPU;
then fifty posts more as a run of its own, which has read nothing yet.
"""

import argparse
import gc
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from bench import chart
from kb import filing, merge, schema, sought
from kb import posts as kb_posts
from kb.merge import Signature
from kb.model import Digest, Filing, Origins, Post, Quote, Raw
from kb.shelf import Shelf

QUOTES = 4  # of a post
AT_ONCE = 200 * QUOTES  # filed in one transaction
AFTER = 50 * QUOTES
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FRONTS = [
    "",
    "",
    "",
    "When a customer is angry, ",
    "If the parcel is late, ",
    "After every call, ",
    "Before you reply, ",
]
VERBS = [
    "listen to",
    "measure",
    "never ignore",
    "don't hide",
    "thank",
    "train",
    "explain",
    "write down",
    "review",
    "trust",
]
OBJECTS = [
    "your customers", "your staff", "the response time", "every complaint", "the refund policy", "the return address",
    "the waiting list", "new agents", "loyal guests", "the opening hours", "the delivery date", "the spare parts",
]  # fmt: skip
TAILS = [
    "",
    "",
    "",
    " because it saves time",
    " and say so in writing",
    " rather than guess",
    " within two days",
]


def quotes(count: int) -> Iterator[str]:
    """Yield *count* quotes, always the same ones."""
    draw = random.Random(7)
    for number in range(count):
        what = f"{draw.choice(OBJECTS)} of shop {number % 997}"
        yield f"{draw.choice(FRONTS)}{draw.choice(VERBS)} {what}{draw.choice(TAILS)}.".capitalize()


def read(written: Sequence[str]) -> tuple[list[Signature], float]:
    """Return the signatures of *written* and how many were made in a second of CPU."""
    start = time.process_time()
    signatures = [merge.signature(text) for text in written]
    return signatures, len(written) / (time.process_time() - start)


def compare(signatures: Sequence[Signature], pairs: int) -> tuple[int, float]:
    """Return how many of *pairs* random pairs are the same, and how many were compared in a second of CPU."""
    draw = random.Random(11)
    drawn = [(draw.choice(signatures), draw.choice(signatures)) for _ in range(pairs)]
    start = time.process_time()
    same = sum(merge.similarity(one, other) >= merge.SAME for one, other in drawn)
    return same, pairs / (time.process_time() - start)


def filed(count: int, folder: Path) -> Iterator[tuple[int, float]]:
    """File *count* quotes, then fifty posts more; yield how many were there and what a thousand took, in s of CPU."""
    said = list(quotes(count + AFTER))
    engine = schema.open_store(schema.at(folder / "bench.db"))
    sought.of(said[0])  # loads the thesaurus
    with schema.writing(engine) as db:
        ids = posts(db, len(said) // QUOTES)
    shelf = Shelf()
    for start in range(0, count, AT_ONCE):
        yield start, file(engine, ids, said[start : start + AT_ONCE], start, shelf) * 1_000 / AT_ONCE
    merge.signature.cache_clear()
    yield count, file(engine, ids, said[count:], count, Shelf()) * 1_000 / AFTER
    engine.dispose()


def file(engine: Engine, ids: Sequence[int], said: Sequence[str], start: int, shelf: Shelf) -> float:
    """File quotes, four to a post; return what that took."""
    began = time.process_time()
    shelf.expect({text: sought.of(text) for text in said})
    with schema.writing(engine) as db:
        found = {
            ids[(start + at) // QUOTES]: [quote(text) for text in said[at : at + QUOTES]]
            for at in range(0, len(said), QUOTES)
        }
        filing.file(db, found, NOW, shelf)
    return time.process_time() - began


def posts(db: Connection, count: int) -> Sequence[int]:
    """Keep so many posts without quotes; return their ids."""
    for number in range(count):
        raw = Raw(kind="entry", name=str(number), body=b"")
        post = Post(
            key="1", source="bench", publisher=f"blog{number % 997}.example", title=f"Post {number}", text=""
        )
        origins = Origins(source="bench", origin="feed")
        kb_posts.keep(db, raw, origins, [Digest(post=post, quotes=())], NOW)
    return kb_posts.ids(db)


def quote(text: str) -> Quote:
    filings = (Filing(topic="listening", words=("listen",)),)
    return Quote(text=text, start=0, end=len(text), context="", confidence=0.8, topics=filings)


def main() -> None:
    """Print the figures; draw them, where a folder is given."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("quotes", nargs="?", type=int, default=100_000)
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    merge.signature("warm up")
    gc.set_threshold(50_000)  # as in a run, see guidepost/runs.py
    signatures, made = read(list(quotes(20_000)))
    same, compared = compare(signatures, 500_000)
    print(f"20,000 quotes: {made:,.0f} signatures/s")
    print(f"500,000 pairs, {same:,} the same: {compared:,.0f} comparisons/s")
    with tempfile.TemporaryDirectory() as folder:
        *costs, (_, after) = filed(given.quotes, Path(folder))
        with sqlite3.connect(Path(folder) / "bench.db") as db:
            principles = db.execute("SELECT count(*) FROM principles").fetchone()[0]
    everything = sum(cost for _, cost in costs) * AT_ONCE / 1_000
    print(f"{given.quotes:,} quotes: {everything:.1f} s CPU, {principles:,} principles")
    for there, cost in costs[:: max(1, len(costs) // 10)]:
        print(f"  {there:>9,} quotes there: {cost:.2f} s CPU for 1,000 more")
    print(
        f"then {AFTER // QUOTES} posts with {AFTER} quotes as a run of its own: {after * AFTER / 1_000:.2f} s CPU"
    )
    if given.out:
        points = {
            f"{there:,} quotes": {"CPU for 1,000 more": cost}
            for there, cost in costs[:: max(1, len(costs) // 20)]
        }
        (given.out / "merge.svg").write_text(
            chart.bars("What filing 1,000 quotes costs", points, "s", shared=True), "utf-8"
        )


if __name__ == "__main__":
    main()
