"""How what was found compares with what a careful reader says. Pure.

Extraction. A quote covers a unit if the unit's words stand in it in a row, or if it stands in the unit and has at
least half of its words; a unit of one word must open the quote. Numbers in front, case and punctuation do not count.
- A quote is right if it covers a unit of grade 2; one that is a unit word for word is judged by that unit alone.
- Of several quotes on one unit one is right and each further one is wrong ("again").
- A quote on a unit of grade 1 is borderline: wrong in the strict figures, left out in the lenient ones.
- Every unit of grade 2 that no quote covers is a miss. A heading is covered by a quoted sentence that repeats it.
Topics. Every unit of grade 2 or 1 counts once, whether it was quoted or not, so that finding more of the hard ones
does not look like filing worse. "main": the first topic is the unit's main one; "three": the unit's main one is among
the topics, of which there are at most three. What is unfiled is right in neither.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, TypeVar

from bench.labelled import Unit
from kb.model import Quote
from kb.text import fold

Outcome = Literal["right", "again", "borderline", "wrong"]
Filed = tuple[Unit, tuple[str, ...]]  # a unit and the topics that it was given, main one first
Named = TypeVar("Named")
_NUMBER = re.compile(r"\s*\(?(?:\d{1,2}|[ivx]{1,5})[.):]\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LEAST = 0.5  # of a unit's words, for a quote that stands within it
_EXACT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a quote is, and the unit by which that was judged."""

    quote: Quote
    outcome: Outcome
    unit: Unit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A document's quotes, and its guidance that no quote covers."""

    verdicts: tuple[Verdict, ...]
    missed: tuple[Unit, ...]
    wanted: int  # units of grade 2


def judge(quotes: Sequence[Quote], units: Sequence[Unit]) -> Judged:
    """Compare the quotes found in a document with its labelled units."""
    covers = _covers(quotes, units)
    claims = _claims(covers, units)
    found = {unit for cover in covers for unit in cover}
    wanted = [at for at, unit in enumerate(units) if unit.grade == 2]
    return Judged(
        verdicts=tuple(_verdict(quote, covers[at], units, claims.get(at)) for at, quote in enumerate(quotes)),
        missed=tuple(units[at] for at in wanted if at not in found),
        wanted=len(wanted),
    )


def extraction(judged: Iterable[Judged]) -> dict[str, float]:
    """Return precision and F1, strict and lenient, and recall, of all quotes together."""
    every = tuple(judged)
    outcomes = Counter(verdict.outcome for one in every for verdict in one.verdicts)
    wanted, missed = sum(one.wanted for one in every), sum(len(one.missed) for one in every)
    recall = ratio(wanted - missed, wanted)
    strict = ratio(outcomes["right"], outcomes.total())
    lenient = ratio(outcomes["right"], outcomes.total() - outcomes["borderline"])
    return {
        "strict_precision": strict,
        "strict_f1": f1(strict, recall),
        "lenient_precision": lenient,
        "lenient_f1": f1(lenient, recall),
        "recall": recall,
    }


def topics(filed: Sequence[Filed]) -> dict[str, float]:
    """Return the shares of units whose main topic is right, and whose topics hold the right one."""
    return {
        "main": ratio(sum(names[:1] == unit.topics[:1] for unit, names in filed), len(filed)),
        "three": ratio(sum(unit.topics[0] in names for unit, names in filed), len(filed)),
    }


def agreement(found: AbstractSet[Named], wanted: AbstractSet[Named]) -> dict[str, float]:
    """Return the precision and recall of a set that should be another."""
    right = len(found & wanted)
    return {"precision": ratio(right, len(found)), "recall": ratio(right, len(wanted))}


def ratio(part: int, whole: int) -> float:
    """Return a share; none of nothing is 0, so that what finds nothing is never called precise."""
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def overlap(quote: Sequence[str], unit: Sequence[str]) -> float:
    """Return which part of the longer the shorter is, where the words of *quote* cover those of *unit*; else 0."""
    shorter, longer = sorted((quote, unit), key=len)
    if not shorter or not _holds(longer, shorter):
        return 0.0
    share = len(shorter) / len(longer)
    is_wide_enough = len(quote) >= len(unit) or share >= _LEAST
    return share if is_wide_enough and (len(shorter) > 1 or longer[0] == shorter[0]) else 0.0


def words(written: str) -> list[str]:
    """Return the folded words of *written* without a number in front."""
    return _WORD.findall(_NUMBER.sub("", fold(written), count=1) if _NUMBER.match(written) else fold(written))


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    return f" {' '.join(shorter)} " in f" {' '.join(longer)} "


def _covers(quotes: Sequence[Quote], units: Sequence[Unit]) -> list[dict[int, float]]:
    """Return for each quote the units that it covers, and how nearly it is each of them."""
    told = [words(unit.text) for unit in units]
    return [
        {at: share for at, unit in enumerate(told) if (share := overlap(quoted, unit))}
        for quoted in (words(quote.text) for quote in quotes)
    ]


def _claims(covers: Sequence[Mapping[int, float]], units: Sequence[Unit]) -> dict[int, int]:
    """Give each unit of grade 2 to the quote that is most nearly it, one to one."""
    pairs = [
        (-share, quote, unit)
        for quote, cover in enumerate(covers)
        for unit, share in _judging(cover).items()
        if units[unit].grade == 2
    ]
    claims: dict[int, int] = {}
    for _, quote, unit in sorted(pairs):
        if quote not in claims and unit not in claims.values():
            claims[quote] = unit
    return claims


def _judging(cover: Mapping[int, float]) -> dict[int, float]:
    exact = {unit: share for unit, share in cover.items() if share == _EXACT}
    return exact or dict(cover)


def _verdict(quote: Quote, cover: Mapping[int, float], units: Sequence[Unit], claim: int | None) -> Verdict:
    if claim is not None:
        return Verdict(quote=quote, outcome="right", unit=units[claim])
    if not cover:
        return Verdict(quote=quote, outcome="wrong", unit=None)
    nearest = units[max(cover, key=lambda unit: (cover[unit], units[unit].grade))]
    outcomes: tuple[Outcome, ...] = ("wrong", "borderline", "again")
    return Verdict(quote=quote, outcome=outcomes[nearest.grade], unit=nearest)
