"""Which quotes say the same thing. Pure.

A quote is read as stretches: its core advice, the condition in front of it ("When a customer is angry, ..."), and what
only explains it. Each word or phrase becomes a concept whose weight follows from its stretch and from how much it says;
under a negation it is denied and written "!concept". Quotes say the same if their weighted concepts agree, and never if
one affirms what the other denies.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from kb import text, thesaurus

# Swept from 0.50 to 0.80 on the tuning half of tests/kb/cases/merge/pairs.tsv; tests/kb/test_merge.py holds the floors.
SAME = 0.62

_Role = Literal["core", "second", "instead", "condition", "later", "reason"]
# What a concept weighs in its stretch, and what all of a stretch weighs at most.
_WEIGHTS: Mapping[_Role, tuple[float, float]] = {
    "core": (1.0, math.inf),
    "second": (0.7, math.inf),
    "instead": (0.5, math.inf),
    "later": (0.3, 0.6),
    "reason": (0.2, 0.3),
    "condition": (0.15, 0.3),
}
# Where the core says next to nothing ("If you don't know, say so"), the rest has to.
_WITHOUT_CORE: Mapping[_Role, tuple[float, float]] = {
    **_WEIGHTS,
    "condition": (0.8, math.inf),
    "later": (0.8, math.inf),
    "reason": (0.5, math.inf),
}
_LITTLE = 0.5
_STRONG = 0.3  # of this weight a concept can contradict
_LONGEST = 2_000  # characters that are read; a quote has fewer than 500
# Weights are multiples of this, so that their sums are the same in any order.
GRAIN = 2.0**-20

_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?;:,()\[\]\u2013\u2014]|(?<=\s)-(?=\s)")
_STOPS = frozenset(".!?;:()[]\u2013\u2014-")
CONDITION = frozenset(
    {
        "when",
        "whenever",
        "if",
        "after",
        "before",
        "until",
        "unless",
        "although",
        "though",
        "during",
        "regardless",
    }
)
_CONDITION_FIRST = frozenset({"once", "while", "as", "in"}) | CONDITION  # only where a sentence begins
_CONDITION_PAIRS = frozenset({"next time", "no matter", "even if", "even when", "every time", "any time"})
_REASON = frozenset({"because", "since", "so", "which"})
_AND = frozenset({"and", "but", "then", "&"})
_INSTEAD = frozenset({"instead of", "rather than"})
_BETTER = frozenset({"better", "rather", "instead"})
_AVOID = frozenset({"avoid", "avoiding", "refrain", "stop", "quit", "resist", "beware", "nothing"})
_NOT_DENYING = frozenset({"only", "just", "merely", "simply", "matter", "necessarily"})
# Denied, these ask for what follows: "never forget to listen".
_UNDO = frozenset(
    {"forget", "hesitate", "afraid", "fail", "underestimate", "neglect", "shy", "miss", "reluctant"}
)
_MODAL = frozenset({"should", "must", "ought", "shall", "need", "needs", "can", "cannot", "may", "will"})
_SO_THAT = frozenset({"that", "they", "it", "you", "the", "your", "customers"})
_BREAKS = _STOPS | CONDITION  # no phrase goes on behind one
# Where a stretch may end or begin; what is not among them need not be looked at (`_turn`).
_TURNING = (
    _STOPS
    | _CONDITION_FIRST
    | _REASON
    | _AND
    | {",", "than"}
    | {pair.split()[0] for pair in _CONDITION_PAIRS | _INSTEAD}
)
# "The key to good service is to listen" advises listening: what stands before is read like a condition.
_FRAME = re.compile(
    r"(?:^|(?<=[.!?] ))((?:[^\W_]{1,20} ){0,3}(?:key|secret|trick|goal|way|step|rule|lesson|art)\b[^.!?;:,]{0,80}?)"
    r" (?:is|are)(?: to)? "
)

_LIGHT_WEIGHT, _IMPLIED_WEIGHT, _MANNER_WEIGHT, _PERSON_WEIGHT, _NUMBER_WEIGHT = 0.08, 0.15, 0.35, 0.7, 1.5
_PERSONS = frozenset({"custom", "employee", "colleague", "boss", "leader", "supplier"})
_OTHER_PERSON = 0.5
_OTHER_CONDITION = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a quote says, for comparing."""

    weights: Mapping[str, float]  # concept -> weight; "!" in front: denied
    total: float  # of the weights
    contrary: tuple[str, ...]  # what would contradict it
    persons: frozenset[str]  # whom the advice is about
    order: tuple[str, ...] = ()  # in which they are named
    when: frozenset[str] = frozenset()  # what the condition is about, if there is one

    @property
    def concepts(self) -> frozenset[str]:
        return frozenset(self.weights)

    @property
    def polarity(self) -> Literal["negative", "positive"]:
        """Whether the quote forbids or asks."""
        heaviest = max(self.weights, key=lambda concept: self.weights[concept], default="")
        return "negative" if heaviest.startswith("!") else "positive"


@dataclass(frozen=True, slots=True)
class _Said:
    concept: str
    role: _Role
    denied: bool
    subject: bool = False  # "agents" in "agents must listen"


@lru_cache(maxsize=16_384)
def signature(written: str) -> Signature:
    """Return what *written* says."""
    said = _said(_pieces(written))
    weights = _weigh(said, _WEIGHTS)
    if sum(weight for weight in weights.values() if weight > _LIGHT_WEIGHT) < _LITTLE:
        weights = _weigh(said, _WITHOUT_CORE)
    core = dict.fromkeys(one.concept for one in said if one.role == "core" and not one.subject)
    order = [concept for concept in core if concept in _PERSONS]
    return weighed(weights, order, _conditions(said))


def weighed(weights: Mapping[str, float], order: Iterable[str], when: Iterable[str]) -> Signature:
    """Return the signature that has these weights, names these persons in this order, and has this condition."""
    persons = tuple(order)
    return Signature(
        weights=weights,
        total=sum(weights.values()),
        contrary=tuple(_contrary(concept) for concept, weight in weights.items() if weight >= _STRONG),
        persons=frozenset(persons),
        order=persons,
        when=frozenset(when),
    )


def _conditions(said: Sequence[_Said]) -> Iterator[str]:
    for one in said:
        if one.role == "condition" and _telling(one, frozenset()) >= _STRONG:
            yield _contrary(one.concept) if one.denied else one.concept


def terms(signature: Signature) -> dict[str, float]:
    """Return the words to look up quotes that may say the same, with what each weighs.

    Light words are among them only where there is nothing else.
    """
    light = thesaurus.load().light
    found: dict[str, float] = {}
    for concept, weight in signature.weights.items():
        name = concept.removeprefix("!")
        if name not in light:
            found[name] = found.get(name, 0.0) + weight
    return found or {concept.removeprefix("!"): weight for concept, weight in signature.weights.items()}


def least_common(total: float, other: float) -> float:
    """Return what quotes of these totals have in common at least if they say the same."""
    return SAME / (1 + SAME) * (total + other)


def similarity(a: Signature, b: Signature) -> float:
    """Return from 0 to 1 how far *a* and *b* say the same."""
    ours, theirs = a.weights, b.weights
    shared = ours.keys() & theirs.keys()
    if not shared or _contradict(a, theirs):
        return 0.0
    common = sum([min(ours[concept], theirs[concept]) for concept in shared])
    agreed = common / (a.total + b.total - common)
    if common < _LITTLE and ours != theirs:
        return agreed * common / _LITTLE
    return agreed * _doubt(a, b)


def _doubt(a: Signature, b: Signature) -> float:
    """Return what is left of the similarity where something else than the advice differs."""
    if a.persons and b.persons and a.persons.isdisjoint(b.persons):
        return _OTHER_PERSON
    if (
        a.order != b.order and a.persons == b.persons
    ):  # "treat your team as your customers", and the other way round
        return _OTHER_PERSON
    if a.when and b.when and a.when.isdisjoint(b.when):
        return _OTHER_CONDITION
    return 1.0


def _contradict(a: Signature, theirs: Mapping[str, float]) -> bool:
    if theirs.keys().isdisjoint(a.contrary):  # most often
        return False
    return any(theirs.get(concept, 0.0) >= _STRONG for concept in a.contrary)


@lru_cache(maxsize=16_384)
def _contrary(concept: str) -> str:
    return concept[1:] if concept.startswith("!") else "!" + concept


def _pieces(written: str) -> list[str]:
    folded = text.fold(written[:_LONGEST])
    if " is " in folded or " are " in folded:  # most have no frame, and looking for one takes 5 us
        folded = _FRAME.sub(r"when \1, ", folded)
    return _PIECE.findall(folded)


def _weigh(said: Sequence[_Said], weights: Mapping[_Role, tuple[float, float]]) -> dict[str, float]:
    implied = _implied([one.concept for one in said])
    told = [_telling(one, implied) for one in said]
    shares = _shares(said, told, weights)
    weighed: dict[str, float] = {}
    for one, telling in zip(said, told, strict=True):
        concept = _contrary(one.concept) if one.denied else one.concept
        weight = _grained(shares[one.role] * telling)
        weighed[concept] = max(weight, weighed.get(concept, 0.0))
    return weighed


@lru_cache(maxsize=1024)
def _grained(weight: float) -> float:
    return round(weight / GRAIN) * GRAIN


def _shares(
    said: Sequence[_Said], told: Sequence[float], weights: Mapping[_Role, tuple[float, float]]
) -> Mapping[_Role, float]:
    everything: dict[_Role, float] = {}
    for one, telling in zip(said, told, strict=True):
        everything[one.role] = everything.get(one.role, 0.0) + telling
    return {role: min(weights[role][0], weights[role][1] / sum_) for role, sum_ in everything.items()}


def _implied(concepts: Sequence[str]) -> frozenset[str]:
    going_without_saying = thesaurus.load().implied
    said = [
        going_without_saying[concept] - {concept} for concept in concepts if concept in going_without_saying
    ]
    return frozenset().union(*said)


def _telling(one: _Said, implied: frozenset[str]) -> float:
    if one.subject or one.concept in thesaurus.load().light:
        return _LIGHT_WEIGHT
    return _IMPLIED_WEIGHT if one.concept in implied else _worth(one.concept)


@lru_cache(maxsize=16_384)
def _worth(concept: str) -> float:
    if concept in thesaurus.load().manner:
        return _MANNER_WEIGHT
    if concept.isdigit():
        return _NUMBER_WEIGHT
    return _PERSON_WEIGHT if concept in _PERSONS else 1.0


def _said(pieces: Sequence[str]) -> list[_Said]:
    found = _concepts(pieces)
    opposites = thesaurus.load().opposites
    said: list[_Said] = []
    denied, sentence, read = False, 0, -1
    for at, (piece, (role, ends)) in enumerate(zip(pieces, _roles(pieces), strict=True)):
        if ends:
            denied = role == "instead"
            if piece in _STOPS:
                sentence = len(said)
        if piece in _MODAL:
            said[sentence:] = [replace(one, subject=one.concept in _PERSONS) for one in said[sentence:]]
        if at <= read or at not in found:
            continue
        concept, read = found[at]
        if concept == "not" or piece in _AVOID:
            denied ^= _next(pieces, at) not in _NOT_DENYING
        elif denied and piece in _UNDO:
            denied = False
        else:
            affirmed = opposites.get(concept)
            said.append(_Said(affirmed or concept, role, denied ^ bool(affirmed)))
    return said


def _concepts(pieces: Sequence[str]) -> dict[int, tuple[str, int]]:
    """Return for the place where a concept begins its name and its last place."""
    concepts: dict[int, tuple[str, int]] = {}
    began = 0
    for at, piece in enumerate([*pieces, "."]):
        if piece in _BREAKS:
            if at > began:
                concepts.update(_within(pieces[began:at], began))
            began = at + 1
    return concepts


def _within(pieces: Sequence[str], began: int) -> Iterator[tuple[int, tuple[str, int]]]:
    words = thesaurus.words(pieces)
    stems = [word.stem for word in words]
    for start, end, concept in thesaurus.load().phrases.find(stems):
        if concept or _speaks(stems[start]):
            yield began + words[start].token, (concept or stems[start], began + words[end - 1].token)


def _speaks(stem: str) -> bool:
    return stem not in thesaurus.PARTICLES and stem[0].isalnum()


def _roles(pieces: Sequence[str]) -> list[tuple[_Role, bool]]:
    """Return each piece's stretch, and whether a denial ends (or, before what is set aside, begins) there."""
    roles: list[tuple[_Role, bool]] = []
    base: _Role = "core"
    role: _Role = base
    began, fronted = 0, False
    for at, piece in enumerate(pieces):
        if piece not in _TURNING:
            roles.append((role, False))
            continue
        turned = _turn(pieces, at, began, role)
        if piece in _STOPS:
            base = "later" if at > began + 1 or base == "later" else base
            role, began, fronted = base, at + 1, False
        elif piece == ",":
            role, fronted = (base if fronted or base != "core" else "second"), False
        elif turned:
            fronted = at <= began + 1  # "And when ...", "The next time ..."
            role = turned
        roles.append((role, bool(turned) or piece in _STOPS or piece == ","))
    return roles


def _turn(pieces: Sequence[str], at: int, began: int, role: _Role) -> _Role | None:
    piece, following = pieces[at], _next(pieces, at)
    if piece in CONDITION or (at == began and piece in _CONDITION_FIRST):
        return "condition"
    if f"{piece} {following}" in _CONDITION_PAIRS:
        return "condition"
    if piece in _REASON and (piece != "so" or following in _SO_THAT):
        return "reason"
    if _sets_aside(pieces, at, began) and role != "instead":
        return "instead"
    return "second" if piece in _AND and role == "core" else None


def _sets_aside(pieces: Sequence[str], at: int, began: int) -> bool:
    if pieces[at] == "than":
        return not _BETTER.isdisjoint(pieces[began:at])
    return f"{pieces[at]} {_next(pieces, at)}" in _INSTEAD


def _next(pieces: Sequence[str], at: int) -> str:
    return pieces[at + 1] if at + 1 < len(pieces) else ""
