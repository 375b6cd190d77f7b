"""What a run over many feeds costs, beside other feed readers: `python -m bench.ingest [--help]`.

All are whole processes that ask the same loopback feeds (`loadserver`), one program after the other, in five states
of the feeds. Beside Guidepost: lemon24's reader (the interpreter that has it is an option), sfeed and newsboat where
they are installed, and bare GETs by aiohttp. Guidepost's run includes finding the guidance and the search index; of
reader the update and its search index are given apart and together.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import chart, peers
from bench.measure import Cost
from bench.peers import Bare, Guidepost, Newsboat, Program, Reader, Sfeed

HOSTS = 100
# state of the feeds -> how the server is told to answer
STATES = {
    "first run": "validators=1",
    "unchanged, 304": "validators=1",
    "unchanged, 200": "validators=0",
    "unchanged but for its date, 200": "validators=0&moving=1",
    "one new entry in each feed": "validators=1&moving=0&revision=1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    state: str
    program: str
    cost: Cost
    entries: int | None  # kept at its end
    asked: int  # requests for feeds


def main() -> None:
    """Run everything, print a table, write figures and chart."""
    given = _options()
    with serving(given), tempfile.TemporaryDirectory() as folder:
        programs = list(_programs(given, Path(folder)))
        for program in programs:
            program.prepare()
        runs = [run for state in STATES for program in programs for run in once(state, program, given.port)]
    print(table(runs))
    if given.out:
        _write(given, runs)


def once(state: str, program: Program, port: int) -> Iterator[Run]:
    """Yield what one run of a program costs in this state, in its parts."""
    _tell(port, f"set?{STATES[state]}")
    _tell(port, "asked")
    costs = program.run()
    asked, entries = int(_tell(port, "asked")), program.entries()
    for name, cost in costs.items():
        print(f"{state}: {name}: {cost.wall:.2f} s", file=sys.stderr)
        yield Run(state=state, program=name, cost=cost, entries=entries, asked=asked)


@contextmanager
def serving(given: argparse.Namespace) -> Iterator[None]:
    """Have the feeds served by a process of their own."""
    options = ("feeds", "entries", "latency", "port")
    arguments = [part for name in options for part in (f"--{name}", str(getattr(given, name)))]
    command = [sys.executable, "-m", "bench.loadserver", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout
            if server.stdout.readline() != b"ready\n":
                raise RuntimeError("the load server does not start")
            yield
        finally:
            server.terminate()


def table(runs: Sequence[Run]) -> str:
    """Return the figures as text."""
    lines = [f"{'':32}{'':24}{'wall s':>9}{'CPU s':>9}{'MiB':>8}{'entries':>9}{'asked':>7}"]
    for run in runs:
        cost, entries = run.cost, "-" if run.entries is None else run.entries
        lines.append(
            f"{run.state:32}{run.program:24}{cost.wall:9.2f}{cost.cpu:9.2f}{cost.memory:8.0f}{entries:>9}{run.asked:>7}"
        )
    return "\n".join(lines)


def _programs(given: argparse.Namespace, folder: Path) -> Iterator[Program]:
    addresses = [f"http://127.0.0.{1 + feed % HOSTS}:{given.port}/feed/{feed}" for feed in range(given.feeds)]
    Reader.python = given.python or Reader.python
    here: dict[str, type[Program]] = {"guidepost": Guidepost, "aiohttp": Bare}
    if "reader" in peers.versions(Reader.python):
        here["reader"] = Reader
    here |= {name: kind for name, kind in (("sfeed", Sfeed), ("newsboat", Newsboat)) if shutil.which(name)}
    wanted = {"all": here.keys(), "none": {"guidepost"}}.get(
        given.peers, {"guidepost", *given.peers.split(",")}
    )
    for name, kind in here.items():
        if name in wanted:
            yield kind(folder / name, addresses, given.port)


def _tell(port: int, what: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=60) as answer:
        return bytes(answer.read())


def _write(given: argparse.Namespace, runs: Sequence[Run]) -> None:
    given.out.mkdir(parents=True, exist_ok=True)
    found = {
        "feeds": given.feeds,
        "entries": given.entries,
        "latency_ms": given.latency,
        "at_once": peers.AT_ONCE,
        "workers": peers.WORKERS,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "versions": peers.versions(Reader.python),
        "runs": [asdict(run) for run in runs],
    }
    (given.out / "ingest.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for measured, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MiB")):
        groups = {
            state: {run.program: getattr(run.cost, measured) for run in runs if run.state == state}
            for state in STATES
        }
        heading = f"{measured} for {given.feeds:,} feeds of {given.entries} entries"
        (given.out / f"ingest-{measured}.svg").write_text(chart.bars(heading, groups, unit), "utf-8")


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--entries", type=int, default=20)
    options.add_argument("--latency", type=int, default=20, help="milliseconds before each answer")
    options.add_argument("--port", type=int, default=8901)
    options.add_argument("--peers", default="all", help="all, none, or some of aiohttp,reader,sfeed,newsboat")
    options.add_argument("--python", help="an interpreter that has `reader`  [default: python3]")
    options.add_argument("--out", type=Path, help="folder for figures and charts, such as bench/results")
    return options.parse_args()


if __name__ == "__main__":
    main()
