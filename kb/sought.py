"""What a quote says, and what another one that says the same must hold of it. Pure; worked out where there is time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from kb import merge
from kb.merge import Signature

# Similarities: quotes that can reach the first are compared before others, which need not be where one has reached it.
TIERS = (0.9, 0.75, merge.SAME)
_UNIT = 1 / 16  # of a weight, for adding up; rounded so that nothing which says the same is left out
_SIZE = 1  # of a signature's total: quotes of like size stand together under a term of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a new quote says, and what another one that says the same must hold of it."""

    signature: Signature
    terms: tuple[str, ...]  # under which others will find it
    units: Mapping[str, int]  # what each of its words adds ...
    # ... to the sum that a quote needs, by the size of that; one for each tier.
    least: Mapping[str, Sequence[int]]


def of(text: str) -> Sought:
    """Return what *text* says and what to look for."""
    signature = merge.signature(text)
    words, total = merge.terms(signature), signature.total
    light = total - sum(words.values())  # which may be in common as well
    like = range(int(total * merge.SAME / _SIZE), int(total / merge.SAME / _SIZE) + 1)
    return Sought(
        signature=signature,
        terms=(*words, size(total)),
        units={word: ceil(weight / _UNIT) for word, weight in words.items()},
        least={f"={step}": [_units(total, step * _SIZE, light, target) for target in TIERS] for step in like},
    )


def size(total: float) -> str:
    """Return the term under which quotes of this total stand."""
    return f"={int(total / _SIZE)}"  # no word has such a mark in it


def _units(total: float, other: float, light: float, target: float) -> int:
    return max(1, floor((merge.least_common(total, other, target) - light) / _UNIT))
