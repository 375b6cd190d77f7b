"""What a process that builds or changes an index measures: `python -m bench.writing TRIAL ENGINE FOLDER`.

As with `reading`, the rest comes on standard input. To make up the principles is not part of any figure.
"""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice

from bench import corpus
from bench.engine import Document, Engine, Query
from bench.laps import Laps
from bench.reading import Given, run, wait

AT_ONCE = 50  # new principles of a commit, and as many changed ones
_LETTERS = "abcdefghij"


class MadeUp:
    """Principles made up as they are asked for, and the seconds of this thread that it took."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.seconds = 0.0
        self._documents = iter(documents)

    def __iter__(self) -> Iterator[Document]:
        while some := self._next():
            yield from some

    def _next(self) -> list[Document]:
        # Of this thread: while it makes them up, an engine may index the ones before in another.
        start = time.thread_time()
        some = list(islice(self._documents, corpus.BATCH))
        self.seconds += time.thread_time() - start
        return some


def build(engine: Engine, given: Given) -> Given:
    """Build an index of so many principles."""
    corpus.vocabulary()
    documents, laps = MadeUp(corpus.principles(0, given["size"])), Laps()
    laps.time(lambda: engine.build(documents))
    return {
        "wall": laps.walls[0] - documents.seconds,
        "cpu": laps.cpus[0] - documents.seconds,
    }


def commits(engine: Engine, given: Given) -> Given:
    """Commit some principles and look for two of them, again and again."""
    laps, seen, missed = Laps(), Laps(), 0
    until = time.monotonic() + given["longest"]
    for number in range(given["count"]):
        new, changed = changes(given["size"], number)
        laps.time(lambda new=new, changed=changed: engine.commit(new, changed))  # type: ignore[misc]  # called at once
        query = Query(kind="or", words=(mark(number),))
        found = seen.time(lambda query=query: engine.search(query))  # type: ignore[misc]
        missed += set(found.ids) != {new[0][0], changed[0][0]}
        if time.monotonic() > until:
            break
    return {"commits": asdict(laps), "seen": asdict(seen), "missed": missed}


def write(engine: Engine, given: Given) -> Given:
    """Commit some principles every so often, from when it is told to."""
    count = int(given["seconds"] / given["every"])
    coming = [changes(given["size"], given["first"] + turn) for turn in range(count)]
    wait()
    laps, errors = Laps(), Counter[str]()
    begin = time.monotonic()
    for turn, (new, changed) in enumerate(coming):
        time.sleep(max(0.0, begin + turn * given["every"] - time.monotonic()))
        if time.monotonic() > begin + given["seconds"]:
            break
        try:
            laps.time(lambda new=new, changed=changed: engine.commit(new, changed))  # type: ignore[misc]  # called at once
        except Exception as error:
            errors[type(error).__name__] += 1
    return {"laps": asdict(laps), "errors": errors}


def changes(size: int, number: int) -> tuple[list[Document], list[Document]]:
    """Return the new and the changed principles of a commit; the first of each has its mark in the quote."""
    first = size + number * AT_ONCE
    new = list(corpus.principles(first, first + AT_ONCE))
    said = corpus.principles(first, first + AT_ONCE, edition=1)
    ids = random.Random(number).sample(range(size), AT_ONCE)
    changed = [(item, words) for item, (_, words) in zip(ids, said, strict=True)]
    return _marked(new, number), _marked(changed, number)


def mark(number: int) -> str:
    """Return a word that is in no principle but those of this commit."""
    return "zq" + "".join(_LETTERS[int(digit)] for digit in str(number)) + "q"


def _marked(documents: list[Document], number: int) -> list[Document]:
    item, words = documents[0]
    return [(item, {**words, "quote": [*words["quote"], mark(number)]}), *documents[1:]]


if __name__ == "__main__":
    run({"build": build, "commits": commits, "write": write})
