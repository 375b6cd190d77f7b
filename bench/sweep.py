"""How much the constants of search matter: `python -m bench.sweep [--out bench/results]`.

One constant at a time is given other values around its present one; each time the queries of the part "tuning" are
asked of the repository's own posts, and of `shared/eval` where there is such a folder beside the repository: of all
labelled guidance, and of what the program finds by itself. Told are nDCG@10 and the share of queries that hit. The part
"held" is not looked at, so that `python -m bench.evaluate` can say what a choice is worth on queries nobody tuned for.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import labelled, retrieval
from bench.evaluate import BESIDE, OWN
from bench.labelled import Document
from bench.retrieval import Case, Collection, Guidance
from kb import asking, expansion, index, matching, ranking

_GUIDANCE: tuple[Guidance, ...] = ("labelled", "found")
_FIELD = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
SWEPT: Mapping[str, tuple[dict[str, Any], Mapping[str, Sequence[float]]]] = {
    "ranking": (
        vars(ranking),
        {
            "NEAR": (0, 0.2, 0.4, 0.6, 0.8, 1.5),
            "CLOSE": (1, 2, 3, 4, 6),
            "LOOKED_AT": (16, 32, 64, 128, 256),
            "LEANING": (0, 0.25, 0.5, 0.75, 1, 1.5),
            "MAIN": (1, 1.25, 1.5, 2),
            "SUPPORT": (0, 0.03, 0.06, 0.12, 0.25),
            "FLAWED": (0.5, 0.65, 0.75, 0.85, 1),
            "FRESH": (0, 0.025, 0.05, 0.1, 0.2),
        },
    ),
    "matching": (
        vars(matching),
        {
            "ENOUGH": (0, 0.15, 0.3, 0.45, 0.6),
            "RARITY": (0, 0.25, 0.5, 0.75, 1),
            "OTHER": (0.6, 0.7, 0.8, 0.9, 1),
            "BESIDE": (0, 0.1, 0.2, 0.4, 0.6, 0.8),
            "STANDING_IN": (0.5, 1, 1.5, 2, 3),
        },
    ),
    "asking": (vars(asking), {"LIGHT": (0.1, 0.2, 0.3, 0.5, 0.7, 1), "DENIAL": (0.1, 0.2, 0.3, 0.5, 1)}),
    "expansion": (
        vars(expansion),
        {
            "SAME": (0.5, 0.6, 0.7, 0.8, 0.9),
            "NEAR": (0, 0.2, 0.35, 0.5, 0.65),
            "INSIDE": (0, 0.25, 0.5, 0.75, 1),
        },
    ),
    "index.WEIGHTS": (index.WEIGHTS, dict.fromkeys(index.WEIGHTS, _FIELD)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A constant, where it stands, and the values to try; the present one is always among them."""

    name: str
    within: dict[str, Any]
    key: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a value of a constant is worth: for each collection nDCG and the share of queries that hit."""

    setting: str
    value: float
    is_chosen: bool
    figures: Mapping[str, tuple[float, float]]

    @property
    def ndcg(self) -> float:
        """The mean of all collections, each counting as much as the others."""
        return retrieval.mean(ndcg for ndcg, _ in self.figures.values())


Sets = Mapping[str, tuple[Path, Sequence[Document]]]  # folders of queries, and the documents that they ask
Asked = Mapping[str, tuple[Collection, Sequence[Case]]]


def main(arguments: Sequence[str] | None = None, sets: Sets | None = None) -> None:
    """Sweep, print a line for each value, and write the table."""
    given = _options().parse_args(arguments)
    wanted = [one for one in settings() if not given.only or one.name in given.only]
    with collections(everything() if sets is None else sets) as asked:
        rows = []
        for row in sweep(wanted, asked):
            rows.append(row)
            print(_line(row), flush=True)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "search-sweep.tsv").write_text(table(rows), "utf-8")


def settings() -> list[Setting]:
    """Return everything there is to sweep."""
    return [
        Setting(name=f"{module}.{key}", within=within, key=key, values=tuple(sorted({*values, within[key]})))
        for module, (within, swept) in SWEPT.items()
        for key, values in swept.items()
    ]


def everything() -> Sets:
    """Return the repository's own documents, and those beside it."""
    sets = {"own": (OWN, labelled.own(OWN))}
    return sets | ({"shared": (BESIDE, labelled.folder(BESIDE))} if BESIDE.is_dir() else {})


@contextmanager
def collections(sets: Sets) -> Iterator[Asked]:
    """Build all collections for a while, and give them with the queries that may be looked at."""
    with ExitStack() as stack:
        yield {
            f"{name} {guidance}": (
                stack.enter_context(retrieval.collect(documents, guidance)),
                [case for case in retrieval.cases(folder) if case.part == "tuning"],
            )
            for name, (folder, documents) in sets.items()
            for guidance in _GUIDANCE
        }


def sweep(wanted: Sequence[Setting], asked: Asked) -> Iterator[Row]:
    """Yield what each value of each constant is worth, and leave all constants as they were."""
    present = _worth(asked)
    for setting in wanted:
        chosen = setting.within[setting.key]
        for value in setting.values:
            yield Row(
                setting=setting.name,
                value=value,
                is_chosen=value == chosen,
                figures=present if value == chosen else _tried(setting, value, asked),
            )


def table(rows: Sequence[Row]) -> str:
    """Return rows as a table of tabs."""
    names = [f"{name} {figure}" for name in rows[0].figures for figure in ("ndcg", "hit")]
    lines = ["\t".join(["setting", "value", "chosen", "mean ndcg", *names])]
    for row in rows:
        told = [f"{figure:.3f}" for figures in row.figures.values() for figure in figures]
        chosen = "chosen" if row.is_chosen else ""
        lines.append("\t".join([row.setting, f"{row.value:g}", chosen, f"{row.ndcg:.3f}", *told]))
    return "\n".join([*lines, ""])


def _tried(setting: Setting, value: float, asked: Asked) -> Mapping[str, tuple[float, float]]:
    chosen = setting.within[setting.key]
    try:
        setting.within[setting.key] = value
        _forget(asked)
        return _worth(asked)
    finally:
        setting.within[setting.key] = chosen
        _forget(asked)


def _forget(asked: Asked) -> None:
    """Drop what was made with other values: an index that is closed reads and counts anew."""
    for collection, _ in asked.values():
        collection.index.close()
    for module in (asking, expansion):
        for made in vars(module).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


def _worth(asked: Asked) -> Mapping[str, tuple[float, float]]:
    found = {
        name: retrieval.figures(retrieval.ask(collection, cases))
        for name, (collection, cases) in asked.items()
    }
    return {name: (figures["ndcg"], figures["hit"]) for name, figures in found.items()}


def _line(row: Row) -> str:
    told = "  ".join(f"{name} {ndcg:.3f} {hit:.3f}" for name, (ndcg, hit) in row.figures.items())
    return f"{row.setting:22}{row.value:6g} {'*' if row.is_chosen else ' '} {row.ndcg:.4f}  {told}"


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m bench.sweep",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--out", type=Path, metavar="FOLDER", help="write search-sweep.tsv there")
    options.add_argument(
        "--only", nargs="+", metavar="NAME", help="sweep these constants alone, as ranking.NEAR"
    )
    return options


if __name__ == "__main__":
    main()
