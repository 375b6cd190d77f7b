"""Whether the index outlives whatever ends its writer: `python -m bench.kills --rounds 100`.

A process keeps adding, changing and removing posts in a store and lets the index catch up each time; it is killed at
some moment. Then another one opens the index, and must find in it exactly what the store holds: every principle and
post once, under their words, and after one more commit no file that belongs to nothing.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.engine import Engine
from whoosh.index import TOC

from bench import prose
from bench.laps import milliseconds
from kb import changes, documents, posts, principles, schema
from kb.index import KINDS, VERSION, WEIGHTS, Index, Kind
from kb.model import Block, Digest, Post, Quote, Raw
from kb.posts import Origins
from kb.text import stem
from kb.wanted import Loose, Span, Wanted, Word

LATEST = 0.4  # seconds after its first commit, at the latest, a writer is killed
POSTS = 60  # different ones of the store; they come, change and go
AT_ONCE = 5  # posts that change between two commits
SAMPLE = 20  # words that are looked for after each kill
_ALL = 1_000_000
_NOW = datetime(2026, 1, 5, tzinfo=UTC)
_ORIGINS = Origins(source="https://a.example/feed", origin="feed")
_ROOT = Path(__file__).resolve().parent.parent

Found = Mapping[str, Any]


class WriterFailed(Exception):
    """A writer ended before it was killed; what it printed says why."""


def write(folder: Path, seed: int) -> None:
    """Change the store and let the index catch up, for ever; a line of standard output for each commit."""
    luck = random.Random(seed)
    engine, index = _opened(folder)
    for _ in count():
        _change(engine, luck, AT_ONCE)
        index.catch_up(engine)
        print(flush=True)


def check(folder: Path, seed: int) -> Found:
    """Return what became of the index, what it took to catch up, and what is wrong with it afterwards."""
    engine, index = _opened(folder)
    try:
        return _checked(folder, engine, index, random.Random(seed))
    finally:
        index.close()
        engine.dispose()


def _checked(folder: Path, engine: Engine, index: Index, luck: random.Random) -> Found:
    opened = index._is_whole(engine)
    begin = time.perf_counter()
    index.catch_up(engine)
    seconds = time.perf_counter() - begin
    faults = [fault for kind in KINDS for fault in _faults(engine, index, kind, luck)]
    with engine.connect() as db:
        faults += ["changes are left waiting"] * bool(changes.pending(db).newest)
    _change(engine, luck, 1)
    index.catch_up(engine)
    faults += [f"{name} belongs to nothing" for name in _strays(folder / "index")]
    return {"opened": opened, "seconds": seconds, "faults": faults}


def _opened(folder: Path) -> tuple[Engine, Index]:
    engine = schema.open_store(schema.at(folder / "kb.db"))
    return engine, Index(folder / "index", engine)


def _change(engine: Engine, luck: random.Random, often: int) -> None:
    """Add, change or remove some posts."""
    with schema.writing(engine) as db:
        for _ in range(often):
            name = str(luck.randrange(POSTS))
            made = [_digest(name, luck)] if luck.random() < 0.8 else []
            posts.keep(db, Raw(kind="entry", name=name, body=luck.randbytes(8)), _ORIGINS, made, _NOW)


def _digest(name: str, luck: random.Random) -> Digest:
    said = [prose.sentence(luck, prose.GUIDANCE) for _ in range(luck.randint(1, 4))]
    text = " ".join(said)
    quotes = [
        Quote(
            text=one,
            start=text.index(one),
            end=text.index(one) + len(one),
            context=one,
            confidence=0.9,
            topics=(),
        )
        for one in said
    ]
    post = Post(
        key=name,
        source=_ORIGINS.source,
        publisher="a.example",
        title=prose.sentence(luck, prose.TITLES),
        text=text,
        blocks=(Block(kind="paragraph", start=0, end=len(text)),),
        published=_NOW,
    )
    return Digest(post=post, quotes=tuple(quotes))


def _faults(engine: Engine, index: Index, kind: Kind, luck: random.Random) -> Iterator[str]:
    """Yield what tells the index from the store."""
    held = _held(engine, kind)
    found = _ids(index, kind, Wanted(node=Loose(nodes=()), limit=_ALL))
    if found != sorted(held):
        yield f"{kind}s are {_differing(found, held)}"
    known = sorted({one for stems in held.values() for one in stems})
    for word in luck.sample(known, min(SAMPLE, len(known))):
        node = Loose(nodes=(Span(words=(Word(stem=word, typed=word),)),))
        expected = {item for item, stems in held.items() if word in stems}
        found = _ids(index, kind, Wanted(node=node, limit=_ALL, is_plain=True))
        if found != sorted(expected):
            yield f"{kind}s with {word!r} are {_differing(found, expected)}"


def _held(engine: Engine, kind: Kind) -> dict[int, set[str]]:
    """Return the ids of what the index should have, and the stems of their words."""
    with engine.connect() as db:
        if kind == "principle":
            made = documents.of_principles(db, principles.ids(db))
        else:
            made = documents.of_posts(db, posts.ids(db))
        return {one.id: {stem(word) for field in WEIGHTS for word in one.words[field]} - {""} for one in made}


def _ids(index: Index, kind: Kind, wanted: Wanted) -> list[int]:
    return sorted(match.id for match in index.search(kind, wanted).matches)


def _differing(found: Sequence[int], expected: Any) -> str:
    wrong = Counter(found)
    wrong.subtract(Counter(list(expected)))
    return (
        f"more or less often there than in the store: { {one: many for one, many in wrong.items() if many} }"
    )


def _strays(folder: Path) -> list[str]:
    """Return the files that belong to no commit."""
    from kb.index import _name  # noqa: PLC0415

    index = Index(folder)
    known = {f"stamp-{VERSION}"}
    for kind in KINDS:
        toc = TOC.read(index._storage, _name(kind))
        known |= {TOC._filename(_name(kind), toc.generation)}
        known |= {one.make_filename(one.COMPOUND_EXT) for one in toc.segments}
    return sorted({path.name for path in folder.iterdir()} ^ known)


def run(folder: Path, rounds: int, seed: int) -> Iterator[Found]:
    """Yield what was found after each kill."""
    luck = random.Random(seed)
    for _ in range(rounds):
        after = luck.uniform(0, LATEST)
        commits = _kill(folder, luck.getrandbits(32), after)
        found = _process("check", folder, luck.getrandbits(32)).communicate()[0]
        yield {"after": after, "commits": commits, **json.loads(found)}


def _kill(folder: Path, seed: int, after: float) -> int:
    """Kill a writer so many seconds after its first commit; return how many it made."""
    with _process("write", folder, seed) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(after)
        process.kill()
        commits = 1 + len(process.stdout.read())
    if process.returncode != -signal.SIGKILL:
        raise WriterFailed(f"the writer ended by itself: {process.returncode}")
    return commits


def _process(part: str, folder: Path, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.kills", f"--{part}", str(folder), "--seed", str(seed)]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)


def report(found: Sequence[Found]) -> Iterator[str]:
    """Yield lines that say what happened."""
    for is_opened, said in ((True, "went on with the index"), (False, "built it anew")):
        times = [one["seconds"] for one in found if one["opened"] == is_opened]
        worst = " ".join(
            f"{name} {value:.0f}" for name, value in milliseconds("", times, "p50", "worst").items()
        )
        yield f"{len(times)} {said}; until it was the store's again: {worst or '-'}"
    yield f"{sum(one['commits'] for one in found)} commits before {len(found)} kills"
    faults = [f"round {number}: {fault}" for number, one in enumerate(found, 1) for fault in one["faults"]]
    yield from faults or ["nothing was lost, nothing twice, no file left over"]


def main() -> int:
    """Run the rounds; 1 where anything was wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=100)
    asked.add_argument("--seed", type=int, default=11)
    asked.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--check", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.write:
        write(given.write, given.seed)
    if given.check:
        print(json.dumps(check(given.check, given.seed)))
        return 0
    with TemporaryDirectory() as folder:
        found = list(run(Path(folder), given.rounds, given.seed))
    print("\n".join(report(found)))
    return int(any(one["faults"] for one in found))


if __name__ == "__main__":
    sys.exit(main())
