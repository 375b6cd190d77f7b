"""How well guidance is found, filed, merged and searched, and poor sources recognised: `python -m bench.evaluate`.

Measured on the repository's own labelled cases, on `shared/eval` beside the repository where there is such a folder,
and on any other given with `--documents`. `bench/scores.py` and `bench/retrieval.py` state the rules; "search" asks all
labelled guidance, "whole" what the program finds by itself. A figure of the own cases below its floor in
`tests/eval/floors.toml` makes the exit status 1; `--raise-floors` moves floors up, and nothing moves them down; with
a model (`--semantic`) figures are printed without regard to floors. Posts and queries of the part "tuning" may be
looked at while rules are written, those of "held" may not.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import copies, floors, labelled, retrieval, scores
from bench.labelled import PARTS, Document, Pair, Part
from bench.retrieval import Guidance, Outcome
from bench.scores import Filed, Judged
from ingest import loose
from kb import merge, modelfiles, topics
from kb.errors import NoModel
from kb.model import Post

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "tests" / "eval"
PAIRS = ROOT / "tests" / "kb" / "cases" / "merge" / "pairs.tsv"
FLOORS = OWN / "floors.toml"
BESIDE = ROOT.parent / "shared" / "eval"
_SEARCHES: Mapping[Guidance, str] = {"labelled": "search", "found": "whole"}  # names of sections


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A labelled document and what the program made of it."""

    document: Document
    posts: tuple[Post, ...]
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures that belong together, what they rest on, and what was wrong one by one."""

    name: str
    basis: str
    figures: dict[str, float]
    details: tuple[str, ...]


def read(document: Document) -> Result:
    """Digest a document the way `guidepost digest` does, and judge its quotes."""
    digests = loose.digested(document.path.read_bytes(), document.path.name)
    quotes = [quote for digest in digests for quote in digest.quotes]
    return Result(
        document=document,
        posts=tuple(digest.post for digest in digests),
        judged=scores.judge(quotes, document.units),
    )


def own(parts: Sequence[Part] = PARTS, model: Path | None = None) -> list[Section]:
    """Measure the repository's own cases; searches by meaning too, where there is a model."""
    documents = labelled.own(OWN)
    results, originals = [read(document) for document in documents], copies.found(documents)
    pairs, outcomes = labelled.pairs(PAIRS), _asked(documents, OWN, parts, model)
    return [
        section
        for part in parts
        for section in (
            *_of_quotes(part, results),
            _flaws(part, results),
            _copies(part, documents, originals),
            _merging(part, pairs),
            *_searches(part, outcomes),
        )
    ]


def beside(folder: Path, parts: Sequence[Part] = PARTS, model: Path | None = None) -> list[Section]:
    """Measure the documents of a folder, whose labels say nothing of whole posts; searches, if it has queries."""
    documents = labelled.folder(folder)
    results, outcomes = [read(document) for document in documents], _asked(documents, folder, parts, model)
    return [section for part in parts for section in (*_of_quotes(part, results), *_searches(part, outcomes))]


def figures(sections: Sequence[Section]) -> floors.Figures:
    """Return what floors are held against."""
    return {section.name: section.figures for section in sections}


def main(
    arguments: Sequence[str] | None = None,
    floor_file: Path = FLOORS,
    measure: Callable[[Sequence[Part], Path | None], list[Section]] = own,
) -> int:
    """Print the figures; return the exit status."""
    given = _options().parse_args(arguments)
    parts = (given.part,) if given.part else PARTS
    listed = () if not given.verbose else parts if given.part else PARTS[:1]
    measured = measure(parts, given.semantic)
    _show("The repository's own cases", measured, listed)
    for folder in given.documents or [path for path in (BESIDE,) if path.is_dir()]:
        found = beside(folder, parts, given.semantic)
        _show(f"Documents in {folder.parent.name}/{folder.name}", found, listed)
    if given.semantic:  # floors are for everybody, whether they have a model or not
        return 0
    least = floors.read(floor_file)
    if given.raise_floors:
        least = floors.raised(figures(measured), least)
        floors.write(floor_file, least)
    fallen = floors.below(figures(measured), {name: least[name] for name in least if name.endswith(parts)})
    print("\n".join(f"Below its floor: {line}" for line in fallen) or "Every figure reaches its floor.")
    return 1 if fallen else 0


def _of_quotes(part: Part, results: Sequence[Result]) -> tuple[Section, Section]:
    within = [result for result in results if result.document.part == part]
    return _extraction(part, within), _topics(part, within)


def _extraction(part: Part, results: Sequence[Result]) -> Section:
    judged = [result.judged for result in results]
    quotes, wanted = sum(len(one.verdicts) for one in judged), sum(one.wanted for one in judged)
    return Section(
        name=f"extraction-{part}",
        basis=f"{len(results)} posts, {wanted} guidance, {quotes} quotes",
        figures=scores.extraction(judged),
        details=tuple(line for result in results for line in _misjudged(result)),
    )


def _misjudged(result: Result) -> Iterator[str]:
    name = result.document.name
    for verdict in result.judged.verdicts:
        if verdict.outcome != "right":
            yield f"{name} {verdict.outcome} {verdict.quote.confidence:.2f}: {_line(verdict.quote.text)}"
    for unit in result.judged.missed:
        yield f"{name} missed {unit.kind}: {_line(unit.text)}"


def _topics(part: Part, results: Sequence[Result]) -> Section:
    filed = [(result.document.name, one) for result in results for one in _filed(result)]
    return Section(
        name=f"topics-{part}",
        # No figure with a floor: to leave a quote unfiled may be better than to misfile it.
        basis=f"{len(filed)} guidance or nearly so, {sum(not names for _, (_, names) in filed)} of it unfiled",
        figures=scores.topics([one for _, one in filed]),
        details=tuple(
            f"{name} {' '.join(names) or 'unfiled'} instead of {' '.join(unit.topics)}: {_line(unit.text)}"
            for name, (unit, names) in filed
            if names[:1] != unit.topics[:1]
        ),
    )


def _filed(result: Result) -> Iterator[Filed]:
    """Yield each unit that has topics with those of its quote; where it has no quote, with those it would be given."""
    quoted = {verdict.unit: verdict.quote.topics for verdict in result.judged.verdicts}
    above, post = "", result.posts[0]
    for unit in result.document.units:
        if unit.topics and unit in quoted:
            yield unit, tuple(filing.topic for filing in quoted[unit])
        elif unit.topics:
            given = topics.file(unit.text, heading=above, title=post.title, tags=post.tags)
            yield unit, tuple(filing.topic for filing in given)
        if unit.kind in {"heading", "lead"}:
            above = unit.text


def _flaws(part: Part, results: Sequence[Result]) -> Section:
    within = [result for result in results if result.document.part == part]
    told = {result.document.name for result in within if any(post.flaw for post in result.posts)}
    wanted = {result.document.name for result in within if result.document.flaw}
    return _agreement(f"flaws-{part}", f"{len(within)} posts, {len(wanted)} spun or garbled", told, wanted)


def _copies(part: Part, documents: Sequence[Document], originals: Mapping[str, str]) -> Section:
    within = [document for document in documents if document.part == part]
    told = {" = ".join(pair) for pair in copies.pairs(originals, within)}
    wanted = {" = ".join(pair) for pair in copies.pairs(copies.labelled(documents), within)}
    return _agreement(f"copies-{part}", f"{len(within)} posts, {len(wanted)} pairs of copies", told, wanted)


def _merging(part: Part, pairs: Sequence[Pair]) -> Section:
    within = {f"{pair.one} | {pair.other}": pair for pair in pairs if pair.part == part}
    told = {name for name, pair in within.items() if _is_merged(pair)}
    wanted = {name for name, pair in within.items() if pair.is_same}
    return _agreement(f"merging-{part}", f"{len(within)} pairs, {len(wanted)} the same", told, wanted)


def _asked(
    documents: Sequence[Document], folder: Path, parts: Sequence[Part], model: Path | None
) -> dict[Guidance, list[Outcome]]:
    """Return what the queries of a folder find; nothing where it has none."""
    if not (folder / "queries.tsv").is_file():
        return {}
    cases = [case for case in retrieval.cases(folder) if case.part in parts]
    asked: dict[Guidance, list[Outcome]] = {}
    for guidance in _SEARCHES:
        with retrieval.collect(documents, guidance, model) as collection:
            asked[guidance] = retrieval.ask(collection, cases)
    return asked


def _searches(part: Part, outcomes: Mapping[Guidance, Sequence[Outcome]]) -> Iterator[Section]:
    for guidance, every in outcomes.items():
        within = [one for one in every if one.case.part == part]
        idle = [one for one in within if not one.case.grades]
        quiet = f", {sum(not one.grades for one in idle)} of {len(idle)} more for nothing find nothing"
        yield Section(
            name=f"{_SEARCHES[guidance]}-{part}",
            # No figure with a floor: words of a query may stand in guidance that is about something else.
            basis=f"{len(within) - len(idle)} queries{quiet if idle else ''}",
            figures=retrieval.figures(within),
            details=tuple(_told(one) for one in sorted(within, key=lambda one: one.ndcg)),
        )


def _told(outcome: Outcome) -> str:
    case = outcome.case
    return f"{outcome.ndcg:.2f} {case.kind} {case.text!r} found {_line(outcome.first) or 'nothing'}"


def _agreement(name: str, basis: str, told: set[str], wanted: set[str]) -> Section:
    faults = [f"wrong: {one}" for one in sorted(told - wanted)]
    faults += [f"missed: {one}" for one in sorted(wanted - told)]
    return Section(name=name, basis=basis, figures=scores.agreement(told, wanted), details=tuple(faults))


def _is_merged(pair: Pair) -> bool:
    return merge.similarity(merge.signature(pair.one), merge.signature(pair.other)) >= merge.SAME


def _line(text: str) -> str:
    return " ".join(text.split())


def _show(heading: str, sections: Sequence[Section], listed: Sequence[Part]) -> None:
    """Print figures, and of the parts *listed* what was wrong."""
    print(heading)
    for section in sections:
        told = "  ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in section.figures.items())
        print(f"  {section.name:18} {told}  ({section.basis})")
        for detail in section.details if section.name.endswith(tuple(listed)) else ():
            print(f"    {detail}")


def _folder(given: str) -> Path:
    if not (folder := Path(given)).joinpath("labels.jsonl").is_file():
        raise argparse.ArgumentTypeError(f"{given} has no labels.jsonl")
    return folder


def _model(given: str) -> Path:
    try:
        modelfiles.find(Path(given))
    except NoModel as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return Path(given)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m bench.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument(
        "--documents",
        type=_folder,
        action="append",
        metavar="FOLDER",
        help="posts with a labels.jsonl, instead of shared/eval",
    )
    options.add_argument("--part", choices=PARTS, help="measure one part alone")
    options.add_argument(
        "--verbose",
        action="store_true",
        help="list what is missed and what is wrong; of the held part only where it is asked for with --part",
    )
    which = options.add_mutually_exclusive_group()
    which.add_argument(
        "--semantic",
        type=_model,
        metavar="FOLDER",
        help="search by meaning too, with the model of this folder",
    )
    which.add_argument("--raise-floors", action="store_true", help="move the floors up to the figures")
    return options


if __name__ == "__main__":
    sys.exit(main())
