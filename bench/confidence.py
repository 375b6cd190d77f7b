"""How far a score can be trusted: `python -m bench.confidence [folder with labels.jsonl]`.

Fits the steps of `ingest.confidence` to the repository's own labelled cases, both parts, and prints them, ready to be
copied; then prints how often quotes are right for each tenth of confidence, there and on the documents of the folder,
which were not fitted to. Right is guidance by `bench.scores`; what is borderline counts half.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench import labelled, scores
from bench.evaluate import OWN
from bench.labelled import Document
from ingest import confidence, extract, loose
from kb.model import Post, Quote

Point = tuple[float, float]  # a score, and the worth of what has it: 1 right, 0.5 borderline, 0 wrong
Step = tuple[float, float]  # a score, and the confidence in it
_WORTH = {"right": 1.0, "again": 0.5, "borderline": 0.5, "wrong": 0.0}
GROUP = 40  # quotes a step, so that one label moves it by no more than 0.025


def points(document: Document) -> list[Point]:
    """Return the score of all that is found in a document, however doubtful, and what it is worth."""
    digests = loose.digested(document.path.read_bytes(), document.path.name)
    found = [_quote(digest.post, find) for digest in digests for find in extract.finds(digest.post)]
    verdicts = scores.judge(found, document.units).verdicts
    return [(verdict.quote.confidence, _WORTH[verdict.outcome]) for verdict in verdicts]


def fit(given: Iterable[Point]) -> list[Step]:
    """Return steps that never fall: groups of like scores, joined wherever the next is worth less."""
    ranked = sorted(given)
    groups = [ranked[at : at + GROUP] for at in range(0, len(ranked), GROUP)]
    if len(groups) > 1 and len(groups[-1]) < GROUP // 2:
        groups[-2:] = [groups[-2] + groups[-1]]
    joined: list[list[Point]] = []
    for group in groups:
        joined.append(group)
        while len(joined) > 1 and _worth(joined[-2]) >= _worth(joined[-1]):
            joined[-2:] = [joined[-2] + joined[-1]]
    return [(round(_middle(group), 2), round(_worth(group), 2)) for group in joined]


def reliability(given: Iterable[Point]) -> list[tuple[float, int, float, float]]:
    """Return for each tenth of confidence where it begins, how many finds have it, their mean confidence and worth."""
    tenths: dict[int, list[tuple[float, float]]] = {}
    for score, worth in given:
        trust = confidence.of(score)
        tenths.setdefault(int(trust * 10), []).append((trust, worth))
    return [
        (tenth / 10, len(found), _mean(trust for trust, _ in found), _mean(worth for _, worth in found))
        for tenth, found in sorted(tenths.items())
    ]


def _quote(post: Post, find: extract.Find) -> Quote:
    end = find.unit.end
    return Quote(
        text=post.text[find.start : end], start=find.start, end=end, context="", confidence=find.score
    )


def _worth(group: Sequence[Point]) -> float:
    return _mean(worth for _, worth in group)


def _middle(group: Sequence[Point]) -> float:
    return _mean(score for score, _ in group)


def _mean(numbers: Iterable[float]) -> float:
    every = list(numbers)
    return sum(every) / len(every)


def _show(name: str, given: Sequence[Point]) -> None:
    print(f"{name}: {len(given)} finds")
    for begin, count, trust, worth in reliability(given):
        print(f"  {begin:.1f}  {count:4} finds  confidence {trust:.2f}  right {worth:.2f}")


def main(folder: Path | None) -> None:
    """Print the steps that fit, and how reliable those in use are."""
    known = [point for document in labelled.own(OWN) for point in points(document)]
    print("STEPS =", tuple(fit(known)))
    _show("own cases", known)
    if folder:
        _show(folder.name, [point for document in labelled.folder(folder) for point in points(document)])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
