"""What a quote says, and what another one that says the same must hold of it. Pure; worked out where there is time."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, floor

from kb import merge
from kb.merge import GRAIN, Signature

_UNIT = 1 / 16  # of a weight, for adding up; rounded so that nothing which says the same is left out
_SIZE = 1  # of a signature's total: senses of like size stand together under a term of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a quote says, and what another one that says the same must hold of it."""

    signature: Signature
    said: str  # the signature in writing
    hash: str  # of that
    terms: tuple[str, ...]  # under which others will find it
    units: Mapping[str, int]  # what each of its words adds ...
    before: Mapping[
        str, int
    ]  # ... to the sum that another one needs, by the size of that, if it says no more ...
    after: Mapping[str, int]  # ... and if it says no less


def of(text: str) -> Sought:
    """Return what *text* says and what to look for."""
    signature = merge.signature(text)
    return _of(signature, write(signature) or f"\n{text}")


def write(signature: Signature) -> str:
    """Return a signature in writing, the same for all quotes that have it; "" for one that says nothing."""
    weights = sorted(f"{concept}={int(weight / GRAIN)}" for concept, weight in signature.weights.items())
    return "\n".join([*weights, *signature.order, *sorted(f"@{concept}" for concept in signature.when)])


def read(said: str) -> Signature:
    """Return the signature that was written down."""
    lines = [line.partition("=") for line in said.splitlines()] if said[:1] != "\n" else []
    others = [name for name, mark, _ in lines if not mark]
    return merge.weighed(
        {concept: int(grains) * GRAIN for concept, mark, grains in lines if mark},
        (name for name in others if name[0] != "@"),
        (name[1:] for name in others if name[0] == "@"),
    )


def of_sense(said: str) -> Sought:
    """Return what to look for, of a sense as it is stored."""
    return _of(read(said), said)


def _of(signature: Signature, said: str) -> Sought:
    words, total = merge.terms(signature), signature.total
    light = total - sum(words.values())  # which may be in common as well
    least, own, most = (int(size / _SIZE) for size in (total * merge.SAME, total, total / merge.SAME))
    return Sought(
        signature=signature,
        said=said,
        hash=blake2b(said.encode(errors="replace"), digest_size=16).hexdigest(),
        terms=(*words, size(total)),
        units={word: ceil(weight / _UNIT) for word, weight in words.items()},
        before={f"={step}": _units(total, step * _SIZE, light) for step in range(least, own + 1)},
        after={f"={step}": _units(total, step * _SIZE, light) for step in range(own, most + 1)},
    )


def size(total: float) -> str:
    """Return the term under which senses of this total stand."""
    return f"={int(total / _SIZE)}"  # no word has such a mark in it


def _units(total: float, other: float, light: float) -> int:
    return max(1, floor((merge.least_common(total, other) - light) / _UNIT))
