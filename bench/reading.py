"""What a process that searches measures: `python -m bench.reading TRIAL ENGINE FOLDER`.

It loads nothing but the engine, since its start and its memory are measured. The rest of what it is given stands as
JSON in a line of standard input, and so does on standard output what it finds.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.engine import Engine, Query, load
from bench.laps import Laps

Given = Mapping[str, Any]


def cold(engine: Engine, given: Given) -> Given:
    """Answer one query; *given* is when this process was asked for."""
    loaded = time.monotonic()
    engine.search(Query(kind="or", words=tuple(given["words"])))
    answered = time.monotonic()
    return {
        "start": loaded - given["began"],
        "answer": answered - loaded,
        "whole": answered - given["began"],
        "cpu": time.process_time(),
    }


def queries(engine: Engine, given: Given) -> Given:
    """Answer all queries of each kind, then again; return the times, and what memory it took."""
    before = _memory("VmRSS")
    engine.search(Query(kind="or", words=tuple(given["opening"])))
    found = {}
    for kind in engine.kinds:
        asked = [Query(kind=kind, words=tuple(words)) for words in given["queries"][kind]]
        first, hits = _answer(engine, asked, given["longest"])
        again, _ = _answer(engine, asked[: len(first.walls)], given["longest"])
        found[kind] = {"first": asdict(first), "again": asdict(again), "hits": hits}
    return {"kinds": found, "memory": _memory("VmHWM") - before}


def read(engine: Engine, given: Given) -> Given:
    """Answer queries of all kinds given for a while, from when it is told to."""
    asked = cycle(
        [Query(kind=kind, words=tuple(words)) for kind, words in given["queries"] if kind in engine.kinds]
    )
    engine.search(next(asked))
    wait()
    laps, errors, until = Laps(), Counter[str](), time.monotonic() + given["seconds"]
    while time.monotonic() < until:
        query = next(asked)
        try:
            laps.time(lambda query=query: engine.search(query))  # type: ignore[misc]  # called at once
        except Exception as error:
            errors[type(error).__name__] += 1
    return {"laps": asdict(laps), "errors": errors}


def wait() -> None:
    """Say that all is ready, and wait for the word to begin."""
    print("ready", flush=True)
    sys.stdin.readline()


def _answer(engine: Engine, asked: list[Query], seconds: float) -> tuple[Laps, int]:
    """Answer queries until the time is over; return how long each took, and how many were answered with a hit."""
    laps, hits, until = Laps(), 0, time.monotonic() + seconds
    for query in asked:
        if time.monotonic() > until:
            break
        found = laps.time(lambda query=query: engine.search(query))  # type: ignore[misc]  # called at once
        hits += bool(found.ids)
    return laps, hits


def _memory(name: str) -> float:
    """Return a figure of this process's memory in MiB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":"))


def run(trials: Mapping[str, Callable[[Engine, Given], Given]]) -> None:
    """Run the trial that the command line asks for."""
    trial, name, folder = sys.argv[1:]
    given = json.loads(sys.stdin.readline())
    engine = load(name)(Path(folder))
    found = trials[trial](engine, given)
    engine.close()
    print(json.dumps(found))


if __name__ == "__main__":
    run({"cold": cold, "queries": queries, "read": read})
