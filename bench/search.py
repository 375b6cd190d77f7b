"""What searching costs, beside other engines: `python -m bench.search --sizes 10000 100000 --out bench/results`.

Guidepost, plain Whoosh, SQLite's FTS5 and tantivy hold the same made-up principles (`corpus`) and answer the same
queries (`queries`; `engine` says what each kind finds), one after the other, each trial in processes of its own:

- build: principles a second of processor time and by the clock, and the size of the index;
- cold start: the median of five processes that load the engine, open the index and answer an OR query (files cached);
- each kind of query: p50, p95 and p99 of those that the process has answered before, and p95 of the first time, when
  words may have to be read; of words, phrases and beginnings ours keeps who holds them, of answers nothing;
- memory: the most that this process held, less what it held when the engine was loaded. Files that are mapped into
  memory count as far as they were touched;
- commits of 50 new and 50 changed principles, and the same with the first search that finds them;
- three processes that search while a fourth one commits as much every 0.2 s.

What would take too long is left out, or done fewer times; the table says so. tantivy is measured where it is installed:
`pip install tantivy`.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import dots, queries, trials
from bench.engine import ENGINES, KINDS, Kind, load
from bench.trials import Subject, TrialFailed

SEED = 5
_CHARTED = {"p95 ms": "", "first time p95 ms": ", first time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    size: int  # in principles
    engine: str
    trial: str
    name: str
    value: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything, print tables, write figures and charts."""
    given = _options().parse_args(arguments)
    engines = dict(installed(given.engines))
    for size in given.sizes:
        drawn = queries.draw(size, given.queries, SEED)
        words = {kind: [query.words for query in some] for kind, some in drawn.items()}
        figures = [figure for name in engines for figure in measured(name, size, words, given)]
        print(table(figures))
        if given.out:
            write(given.out, size, figures, engines)


def installed(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the engines that are here, with their versions; say which are not."""
    for name in names:
        try:
            yield name, load(name).version()
        except ImportError:
            print(f"{name} is left out: it is not installed (pip install {name})", file=sys.stderr)


def measured(
    name: str, size: int, words: Mapping[Kind, Sequence[Sequence[str]]], given: argparse.Namespace
) -> Iterator[Figure]:
    """Yield all figures of an engine with so many principles, up to the first trial that fails."""
    with tempfile.TemporaryDirectory() as home:
        index = Path(home) / "index"
        subject = Subject(engine=name, size=size, index=index, words=words, longest=given.longest)
        try:
            for trial, figures in trials.run(subject, given.patience, given.seconds):
                print(f"{size:,} principles, {name}: {trial}", file=sys.stderr)
                for figure, value in figures.items():
                    yield Figure(size=size, engine=name, trial=trial, name=figure, value=value)
        except TrialFailed as error:  # hours of other figures should not be lost
            print(error, file=sys.stderr)
            yield Figure(size=size, engine=name, trial="failed", name=error.trial, value=1)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as text, a line each with a column for each engine."""
    engines = list(dict.fromkeys(figure.engine for figure in figures))
    lines = [f"{figures[0].size:>9,} principles{'':36}" + "".join(f"{name:>12}" for name in engines)]
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for figure in figures:
        rows.setdefault((figure.trial, figure.name), {})[figure.engine] = figure.value
    trial = ""
    for (part, name), row in sorted(rows.items(), key=lambda item: _order(item[0][0])):
        shown = "".join(f"{_shown(row[one]) if one in row else '-':>12}" for one in engines)
        lines.append(f"{'' if part == trial else part:28}{name:28}{shown}")
        trial = part
    return "\n".join(lines)


def write(folder: Path, size: int, figures: Sequence[Figure], engines: Mapping[str, str]) -> None:
    """Write the figures of one size as a table of tabs, as text and as a chart."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    used = ", ".join(f"{name} {version}" for name, version in engines.items())
    lines = [f"{one.size}\t{one.engine}\t{one.trial}\t{one.name}\t{one.value:.6g}" for one in figures]
    head = "principles\tengine\ttrial\tfigure\tvalue"
    (folder / f"search-{size}.tsv").write_text("\n".join([head, *lines, ""]), "utf-8")
    (folder / f"search-{size}.txt").write_text(f"{used}; {machine}\n\n{table(figures)}\n", "utf-8")
    (folder / f"search-{size}.svg").write_text(chart(figures), "utf-8")


def chart(figures: Sequence[Figure]) -> str:
    """Return a chart of the p95 of every kind of query, asked again and for the first time."""
    asked = [(kind, name, shown) for kind in KINDS for name, shown in _CHARTED.items()]
    rows = {
        kind + shown: {one.engine: one.value for one in figures if (one.trial, one.name) == (kind, name)}
        for kind, name, shown in asked
    }
    return dots.dots(f"p95 of a query among {figures[0].size:,} principles", rows, "ms")


def _order(trial: str) -> int:
    order = ("build", "cold start", *KINDS, "memory")
    return order.index(trial) if trial in order else len(order)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options.add_argument("--queries", type=int, default=200, help="of each kind")
    options.add_argument(
        "--longest", type=float, default=60, help="seconds for queries of a kind, or commits"
    )
    options.add_argument("--seconds", type=float, default=10, help="that searching beside a writer takes")
    options.add_argument(
        "--patience", type=float, default=600, help="CPU seconds that an index may take to build"
    )
    options.add_argument("--out", type=Path, help="folder for figures and charts, such as bench/results")
    return options


if __name__ == "__main__":
    main()
