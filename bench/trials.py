"""What is measured of one search engine: each trial runs in processes of its own and gives its figures by name."""

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from bench.engine import Kind
from bench.laps import milliseconds

SAMPLE = 10_000  # principles that tell how long an index takes; of fewer, every word is met the first time
STARTS = 5
COMMITS = 100
READERS = 3
EVERY = 0.2  # seconds between two commits beside readers
MIXED: tuple[Kind, ...] = ("and", "or", "phrase", "facets")  # kinds that the readers ask for in turns
_ROOT = Path(__file__).resolve().parent.parent

Figures = Mapping[str, float]


class TrialFailed(Exception):
    """A process ended without its figures; what it printed says why."""

    def __init__(self, trial: str, engine: str) -> None:
        super().__init__(f"{engine}: {trial} failed")
        self.trial = trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An engine with its index of so many principles."""

    engine: str
    size: int
    index: Path
    words: Mapping[Kind, Sequence[Sequence[str]]]  # of the queries of each kind
    longest: float  # seconds for all queries of a kind, twice, and for all commits


def run(subject: Subject, patience: float, seconds: float) -> Iterator[tuple[str, Figures]]:
    """Yield the name and the figures of each trial; none but one where the index would take too long to build."""
    expected = _expected(subject)
    if expected > patience:
        yield "build", {"left out: CPU s it would take": expected}
        return
    yield "build", _build(subject)
    yield "cold start", _cold(subject)
    found = _ask(subject, "reading", "queries", queries=subject.words, opening=subject.words["or"][0])
    for kind, told in found["kinds"].items():
        yield kind, _latencies(told)
    yield "memory", {"MiB": found["memory"]}
    # What follows changes the index, so that a copy of it keeps the trials above repeatable.
    copy = replace(subject, index=subject.index.with_name("copy"))
    shutil.copytree(subject.index, copy.index)
    yield "commits", _commits(copy)
    yield "readers beside a writer", _readers(copy, seconds)


def _expected(subject: Subject) -> float:
    """Return how many seconds of CPU an index takes, by one of few principles."""
    if subject.size <= SAMPLE:
        return 0
    sample = replace(subject, size=SAMPLE, index=subject.index.with_name("sample"))
    sample.index.mkdir(parents=True)
    found = _ask(sample, "writing", "build", size=SAMPLE)
    return float(found["cpu"]) * subject.size / SAMPLE


def _build(subject: Subject) -> Figures:
    subject.index.mkdir(parents=True)
    found = _ask(subject, "writing", "build", size=subject.size)
    return {
        "principles a CPU second": subject.size / found["cpu"],
        "principles a second": subject.size / found["wall"],
        "index MiB": sum(path.stat().st_size for path in subject.index.rglob("*")) / 2**20,
    }


def _cold(subject: Subject) -> Figures:
    words = subject.words["or"][:STARTS]
    found = [_ask(subject, "reading", "cold", words=some, began=time.monotonic()) for some in words]
    names = {
        "start": "interpreter and imports ms",
        "answer": "open and answer ms",
        "whole": "both ms",
        "cpu": "both, CPU ms",
    }
    return {said: 1000 * statistics.median(one[name] for one in found) for name, said in names.items()}


def _latencies(told: Mapping[str, Any]) -> Figures:
    first, again = told["first"], told["again"]
    return {
        **milliseconds("", again["walls"], "p50", "p95", "p99"),
        **milliseconds("CPU ", again["cpus"], "p95"),
        **milliseconds("first time ", first["walls"], "p95"),
        "queries": len(first["walls"]),
        "answered": told["hits"] / len(first["walls"]),
    }


def _commits(subject: Subject) -> Figures:
    found = _ask(subject, "writing", "commits", size=subject.size, count=COMMITS)
    commits, seen = found["commits"], found["seen"]
    both = [one + other for one, other in zip(commits["walls"], seen["walls"], strict=True)]
    return {
        "commits": len(both),
        **milliseconds("", commits["walls"], "p50", "p95", "worst"),
        **milliseconds("CPU ", commits["cpus"], "p50", "p95", "worst"),
        **milliseconds("until found ", both, "p50", "p95", "worst"),
        "not found": found["missed"],
    }


def _readers(subject: Subject, seconds: float) -> Figures:
    *read, wrote = _together(subject, seconds)
    walls = [wall for one in read for wall in one["laps"]["walls"]]
    return {
        "queries a second": len(walls) / seconds,
        **milliseconds("", walls, "p50", "p95", "p99"),
        "errors of readers": sum(sum(one["errors"].values()) for one in read),
        "commits": len(wrote["laps"]["walls"]),
        **milliseconds("commit ", wrote["laps"]["walls"], "p50", "p95", "worst"),
        "errors of the writer": sum(wrote["errors"].values()),
    }


def _together(subject: Subject, seconds: float) -> Sequence[Any]:
    """Let processes search for so long while one more commits; return what each found, the one that writes last."""
    mixed = list(chain.from_iterable(zip(*map(partial(_asked, subject), MIXED), strict=True)))
    known = {"seconds": seconds, "size": subject.size, "first": COMMITS, "every": EVERY}
    with ExitStack() as running:
        parts = [("reading", "read", mixed[turn:] + mixed[:turn]) for turn in range(READERS)]
        processes = [
            running.enter_context(_process(subject, module, trial, queries=asked, **known))
            for module, trial, asked in [*parts, ("writing", "write", [])]
        ]
        for process in processes:
            _line(process)  # it is ready
        for process in processes:
            _tell(process, "go")
        return [json.loads(_line(process)) for process in processes]


def _asked(subject: Subject, kind: Kind) -> Sequence[tuple[Kind, Sequence[str]]]:
    return [(kind, words) for words in subject.words[kind]]


def _ask(subject: Subject, module: str, trial: str, **given: Any) -> Any:
    """Run a trial in a process of its own and return what it found."""
    with _process(subject, module, trial, **given) as process:
        return json.loads(_line(process))


def _process(subject: Subject, module: str, trial: str, **given: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"bench.{module}", trial, subject.engine, str(subject.index)]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _tell(process, json.dumps({"longest": subject.longest, **given}))
    return process


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        command: Any = process.args
        raise TrialFailed(*command[3:5])
    return line
