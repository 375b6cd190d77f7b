"""Which principles pull against each other: one asks for what the other forbids, or for the contrary of it. Pure.

What forbids pulls only against what it covers: "Never use humour with an angry customer" leaves "Use humour" standing.
Of any two quotes hardly ever two are in tension, so whatever is unclear counts for nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import combinations

from kb import thesaurus
from kb.stance import CARRIER, STRONG, Stance, rules

# Swept from 0.3 to 0.8 on the tuning half of tests/kb/cases/tension/pairs.tsv; its test holds the floors.
PULLS = 0.4
_COVERED = 0.7  # of what is forbidden, and of what limits that, the other one has to speak of
_MOSTLY = 0.4  # of all that the forbidding one says
_ALL = 0.55  # of what the asking one says: where that is all the other forbids, any word is subject enough
_WHOM = frozenset({"custom", "employee"})  # nearly everything is about them
# Of all that is asked for: with less in common, two texts hardly reach PULLS.
_ALONE, _PAIRED = 0.3, 0.2
_MOST_NAMES = 40  # that are looked up in pairs; a quote has about eight


def pull(one: Stance, other: Stance) -> float:
    """Return from 0 to 1 how surely *one* and *other* pull against each other; they do from PULLS on."""
    if one.first and other.first:
        return float(one.first != other.first)
    if one.persons and other.persons and one.persons.isdisjoint(other.persons):
        return 0.0
    if one.better & other.worse and one.worse & other.better:
        return 1.0
    return max(_ban(one, other), _ban(other, one), _contrast(one, other))


def marks(one: Stance) -> frozenset[str]:
    """Return keys of what *one* is against: whatever pulls against it has one of them among its `wishes`.

    They are pairs of concepts where one alone would not be enough to pull, so that few others have them.
    """
    forbidden = _named(one.forbids)
    most = _COVERED * sum(one.forbids[name] for name in forbidden)
    alone = {name for name in forbidden if one.forbids[name] >= most}
    pairs = {f"{a} {b}" for a, b in _pairs(one.forbids)}
    contrary = _each(_contrary(one), _named(one.said))
    first = {f"first {one.first}"} if one.first else set()
    return frozenset(alone | pairs | contrary | _each(one.worse, one.better) | first)


def wishes(one: Stance) -> frozenset[str]:
    """Return keys of what *one* is for: see `marks`."""
    total = sum(one.asks.values())
    alone = {name for name in _named(one.asks) if one.asks[name] >= _ALONE * total}
    pairs = {f"{a} {b}" for a, b in _pairs(one.asks) if one.asks[a] + one.asks[b] >= _PAIRED * total}
    wanted = {name for name, asked in one.qualities.items() if asked}
    qualities = _each(wanted, _named(one.said))
    others = {f"first {name}" for name in rules().ranked - {one.first} if one.first}
    return frozenset(alone | pairs | qualities | _each(one.better, one.worse) | others)


def denied(one: Stance) -> frozenset[str]:
    """Return the concepts by which texts that ask for what *one* is against are looked for."""
    contrary = _contrary(one)
    return frozenset(_named(one.forbids) | (contrary and contrary | _named(one.said)))


def _contrary(one: Stance) -> set[str]:
    return {name for name, asked in one.qualities.items() if not asked}


def is_subject(name: str) -> bool:
    """Tell whether two texts that have but this in common are about the same."""
    return name in rules().subjects


def _named(weights: Mapping[str, float]) -> set[str]:
    return {name for name, weight in weights.items() if weight >= CARRIER}


def _pairs(weights: Mapping[str, float]) -> Iterable[tuple[str, str]]:
    return combinations(sorted(_named(weights))[:_MOST_NAMES], 2)


def _each(ours: Collection[str], theirs: Collection[str]) -> set[str]:
    return {f"{one} > {other}" for one in ours for other in theirs}


def _ban(no: Stance, yes: Stance) -> float:
    """Return how surely *no* forbids what *yes* asks for."""
    if no.is_partial or yes.is_sour or (no.forbids_always and not yes.holds_always):
        return 0.0
    if no.is_causing != yes.is_causing or _agree(no, yes):
        return 0.0
    known = yes.said.keys() | yes.extent
    covered = _share(no.forbids, known)
    if covered < _COVERED or _share(no.said, known) < _MOSTLY or not _meet(no.limits, yes):
        return 0.0
    if not (_is_subject(_opposed(no, yes), no, yes) or _is_all(no, yes)):
        return 0.0
    return covered * _share(yes.asks, no.said)


def _opposed(no: Stance, yes: Stance) -> set[str]:
    """Return what *no* forbids and *yes* asks for, and the limits that both name."""
    weights = {name: min(weight, yes.asks.get(name, 0.0)) for name, weight in no.forbids.items()}
    strong = {name for name, weight in weights.items() if weight >= STRONG} - _antonyms()
    return strong | (no.limits & yes.extent if strong else set())


def _is_subject(names: Collection[str], no: Stance, yes: Stance) -> bool:
    """Tell whether two texts that have these in common are about the same."""
    telling = set(names) - _WHOM
    is_clear = not (no.is_vague or yes.is_vague)
    if is_clear and not rules().subjects.isdisjoint(telling):
        return True
    return len(telling) > 1 and _share(yes.asks, telling) >= _ALL


def _is_all(no: Stance, yes: Stance) -> bool:
    """Tell whether the one forbids all that the other speaks of, more or less."""
    names = _named(no.said)
    is_clear = not (no.is_vague or yes.is_vague)
    return is_clear and bool(names) and names <= _named(yes.said) and _share(yes.said, names) >= _ALL


def _agree(one: Stance, other: Stance) -> bool:
    """Tell whether both ask for the same quality: "Never reply slowly" is "Reply quickly"."""
    shared = one.said.keys() & other.said.keys() & _antonyms()
    return any((name in one.asks) == (name in other.asks) for name in shared)


def _contrast(one: Stance, other: Stance) -> float:
    """Return how surely the one asks for a quality and the other for its contrary, of the same thing."""
    opposed = {name for name, asked in one.qualities.items() if other.qualities.get(name, asked) != asked}
    shared = (_named(one.said) & _named(other.said)) - opposed
    if not opposed or not shared or _is_unclear(one) or _is_unclear(other):
        return 0.0
    if not (_meet(one.limits, other) and _meet(other.limits, one)):
        return 0.0
    return min(_share(one.said, other.said), _share(other.said, one.said))


def _is_unclear(one: Stance) -> bool:
    return one.is_partial or one.is_vague


def _meet(limits: frozenset[str], other: Stance) -> bool:
    """Tell whether the other one speaks of these cases as well."""
    spoken = other.extent | other.asks.keys() | {"!" + name for name in other.forbids}
    return len(limits & spoken) >= _COVERED * len(limits)


def _share(weights: Mapping[str, float], names: Iterable[str]) -> float:
    held = set(names)
    everything = sum(weights.values())
    return sum(weight for name, weight in weights.items() if name in held) / everything if everything else 0.0


@lru_cache(maxsize=1)
def _antonyms() -> frozenset[str]:
    return frozenset(thesaurus.load().opposites.values()) | rules().qualities
