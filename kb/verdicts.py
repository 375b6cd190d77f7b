"""Decisions as grouping needs them: by what the quotes say that they name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb import sought
from kb.decisions import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What curators want of senses, which are told by their hashes."""

    joins: tuple[tuple[str, str], ...] = ()  # stand under one principle
    apart: frozenset[frozenset[str]] = frozenset()  # pairs that never say the same
    wordings: Mapping[str, str]  # sense -> wording of its principle


def of(decided: Iterable[Decision]) -> Verdicts:
    """Return what all these decisions come to; of two wordings the later one holds."""
    joins, apart, wordings = [], set(), {}
    for one in decided:
        here = sought.of(one.one).hash
        if one.kind == "wording":
            wordings[here] = one.other
            continue
        pair = (here, sought.of(one.other).hash)
        if one.kind == "merge":
            joins.append(pair)
        else:
            apart.add(frozenset(pair))
    return Verdicts(joins=tuple(joins), apart=frozenset(apart), wordings=wordings)
