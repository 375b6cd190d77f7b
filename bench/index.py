"""What filing quotes and following with the index cost, in CPU: `python -m bench.index [posts]`.

Posts are made up from a seed, see `prose`, with five quotes each; twenty come from one feed. First as many as asked for
come in one run, then a twentieth as many in another one, whose shelf is empty.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy.engine import Engine

from bench.prose import GUIDANCE, STORY, TITLES, sentence
from kb import posts, schema, topics
from kb.index import Index
from kb.model import Digest, Origins, Post, Quote, Raw
from kb.posts import Found
from kb.shelf import Shelf

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SENTENCES, QUOTES, PER_FEED = 30, 5, 20
AT_ONCE = 100  # posts of a transaction
STEPS = 8  # figures that are shown of the first run


def digests(count: int, seed: int) -> Iterator[Found]:
    """Yield posts with their quotes, always the same ones of a seed."""
    luck = random.Random(seed)
    for number in range(count):
        site = f"site{number // PER_FEED}.example"
        key = f"{seed}-{number}"
        yield Found(
            raw=Raw(kind="entry", name=key, body=key.encode()),
            origins=Origins(source=f"https://{site}/feed", origin="feed"),
            digests=[digest(luck, key, site)],
        )


def digest(luck: random.Random, key: str, site: str) -> Digest:
    said = {luck.randrange(SENTENCES) for _ in range(QUOTES)}
    parts = [sentence(luck, GUIDANCE if at in said else STORY) for at in range(SENTENCES)]
    text, title = " ".join(parts), sentence(luck, TITLES)
    post = Post(key=key, source=site, publisher=site, title=title, text=text, published=NOW)
    return Digest(post=post, quotes=tuple(quote(text, parts, at) for at in sorted(said)))


def quote(text: str, parts: Sequence[str], at: int) -> Quote:
    start = len(" ".join(parts[:at])) + (at > 0)
    around = " ".join(parts[max(0, at - 1) : at + 2])
    filed = topics.file(parts[at])
    end = start + len(parts[at])
    return Quote(text=parts[at], start=start, end=end, context=around, confidence=0.9, topics=filed)


def spent(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that *work* takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def keep(engine: Engine, found: Sequence[Found], shelf: Shelf) -> None:
    for start in range(0, len(found), AT_ONCE):
        with schema.writing(engine) as db:
            posts.keep_all(db, found[start : start + AT_ONCE], NOW, shelf)


def run(engine: Engine, index: Index, count: int, steps: int, seed: int) -> None:
    """Keep posts and let the index catch up; print what each step costs."""
    shelf, coming = Shelf(), digests(count, seed)
    while some := list(islice(coming, max(1, count // steps))):
        seconds = spent(lambda some=some: keep(engine, some, shelf))  # type: ignore[misc]  # bound at once
        with engine.connect() as db:
            totals = posts.totals(db)
        print(
            f"{totals.posts:>9,} posts, {totals.quotes:>9,} quotes: {1000 * seconds / len(some):.2f} ms a post to keep"
        )
    seconds = spent(lambda: index.catch_up(engine))
    print(f"{'':>36}{1000 * seconds / count:.2f} ms a post to index, {seconds:.1f} s in all")


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        engine = schema.open_store(schema.at(Path(folder) / "kb.db"))
        index = Index(Path(folder) / "index")
        run(engine, index, count, STEPS, seed=7)
        run(engine, index, max(1, count // PER_FEED), 1, seed=8)
        index.close()
        engine.dispose()


if __name__ == "__main__":
    main()
