"""Which quotes say the same thing. Pure.

A quote is read as stretches: its core advice, the condition in front of it ("When a customer is angry, ..."), and what
only explains it. Each word or phrase becomes a concept whose weight follows from its stretch and from how much it says;
under a negation it is denied and written "!concept". Quotes say the same if their weighted concepts agree, and never if
one affirms what the other denies.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from kb import differences, stretches, text, thesaurus
from kb.stretches import Place, Role

# Swept from 0.50 to 0.80 on the tuning half of tests/kb/cases/merge/pairs.tsv; tests/kb/test_merge.py holds the floors.
SAME = 0.68

# What a concept weighs in its stretch, and what all of a stretch weighs at most.
_WEIGHTS: Mapping[Role, tuple[float, float]] = {
    "core": (1.0, math.inf),
    "second": (0.7, math.inf),
    "instead": (0.5, math.inf),
    "later": (0.3, 0.6),
    "reason": (0.1, 0.2),
    "condition": (0.15, 0.3),
}
# Where the core says next to nothing ("If you don't know, say so"), the rest has to.
_WITHOUT_CORE: Mapping[Role, tuple[float, float]] = {
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
CONDITION = stretches.CONDITION
_SETTING_ASIDE = frozenset({"instead", "rather", "reverse"})
_AVOID = frozenset({"avoid", "avoiding", "refrain", "stop", "quit", "resist", "beware", "nothing"})
_NOT_DENYING = frozenset({"only", "just", "merely", "simply", "matter", "necessarily"})
# Denied, these ask for what follows: "never forget to listen".
_UNDO = frozenset(
    {"forget", "hesitate", "afraid", "fail", "underestimate", "neglect", "shy", "miss", "reluctant"}
)
_MODAL = frozenset({"should", "must", "ought", "shall", "need", "needs", "can", "cannot", "may", "will"})
# "The key to good service is to listen" advises listening: what stands before is read like a condition.
_FRAME = re.compile(
    r"(?:^|(?<=[.!?] ))((?:[^\W_]{1,20} ){0,3}(?:key|secret|trick|goal|way|step|rule|lesson|art)\b[^.!?;:,]{0,80}?)"
    r" (?:is|are)(?: to)? "
)

_LIGHT_WEIGHT, _IMPLIED_WEIGHT, _MANNER_WEIGHT, _PERSON_WEIGHT, _NUMBER_WEIGHT = 0.08, 0.15, 0.35, 0.7, 1.5
_PERSONS = frozenset({"custom", "employee", "colleague", "boss", "leader", "supplier"})
# What sets quotes apart whatever words they share, and what only makes one doubt: factors of the similarity.
_APART, _DOUBTFUL = 0.5, 0.7
# "Over" puts what stands before it first, so its sides cannot change places.
_LINKS = frozenset({"over", "above", "than", "into"})
_LINK_STEMS = frozenset({"over", "abov"})  # the others are stop words
_OWN = 0.7  # of this weight a concept is part of the advice itself
_YOURS = frozenset({"you", "your", "we", "our", "i", "my"})
_THEIRS = frozenset({"they", "their", "he", "his", "she", "her", "customer's", "client's", "guest's"})
_CAUSES = frozenset({"let", "make", "have", "help", "allow", "force", "ask", "encourage", "invite", "want"})
_HEARD = _YOURS | _THEIRS | _CAUSES
_NEAR_OWNER = 3  # pieces behind "your" that may still be yours: "your own big mistakes"


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


class _Said(NamedTuple):
    concept: str
    role: Role
    denied: bool
    subject: bool = False  # "agents" in "agents must listen"
    opener: str = ""  # of its condition
    linked: bool = False  # it stands behind one of _LINKS
    by: differences.Doer | None = None

    @property
    def name(self) -> str:
        return _contrary(self.concept) if self.denied else self.concept


@lru_cache(maxsize=16_384)
def signature(written: str) -> Signature:
    """Return what *written* says."""
    folded = text.fold(written[:_LONGEST])
    said = _said(_pieces(folded))
    weights = _weigh(said, _WEIGHTS)
    if sum(weight for weight in weights.values() if weight > _LIGHT_WEIGHT) < _LITTLE:
        weights = _weigh(said, _WITHOUT_CORE)
    return weighed(weights, _order(said), _limits(said, folded))


def _order(said: Sequence[_Said]) -> Iterable[str]:
    """Return what cannot change places without another meaning, in its order."""
    core = [one for one in said if one.role == "core" and not one.subject]
    rivals = differences.rivals(one.concept for one in core)
    ordered: dict[str, None] = {}
    for before, one in zip([None, *core], core, strict=False):
        if one.linked and before:
            ordered |= {before.concept: None, one.concept: None}
        elif one.concept in _PERSONS or one.concept in rivals:
            ordered[one.concept] = None
    return ordered


def weighed(weights: Mapping[str, float], order: Iterable[str], when: Iterable[str]) -> Signature:
    """Return the signature that has these weights, names these in this order, and has this condition."""
    named = tuple(order)
    return Signature(
        weights=weights,
        total=sum(weights.values()),
        contrary=tuple(_contrary(concept) for concept, weight in weights.items() if weight >= _STRONG),
        persons=frozenset(concept for concept in named if concept in _PERSONS),
        order=named,
        when=frozenset(when),
    )


def _limits(said: Sequence[_Said], folded: str) -> Iterator[str]:
    """Return what the condition is about, and the marks of `kb.differences`."""
    yield from differences.extents(folded)
    told = [one for one in said if _telling(one, frozenset()) >= _STRONG]
    for one in told:
        if one.role == "condition":
            yield differences.condition(one.name, one.opener)
        if one.by:
            yield differences.doing(one.by, one.concept)
    yield from differences.contrasts([one.name for one in told])


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
    return agreed * _doubt(a, b) if agreed >= SAME else agreed


def _doubt(a: Signature, b: Signature) -> float:
    """Return what is left of the similarity where something else than the words differs."""
    if (
        (a.persons and b.persons and a.persons.isdisjoint(b.persons))
        or differences.in_order(a.order, b.order)
        or differences.in_limits(a.when, b.when)
        or differences.in_kind(a.weights, b.weights)
    ):
        return _APART
    return _DOUBTFUL if _has_own(a, b) or _has_own(b, a) or _turns(a, b) or _turns(b, a) else 1.0


def _has_own(a: Signature, b: Signature) -> bool:
    """Return whether *a* asks for something that *b* does not speak of: "ask once", "answer bad reviews"."""
    return any(weight >= 1.0 and concept not in b.weights for concept, weight in a.weights.items())


def _turns(a: Signature, b: Signature) -> bool:
    """Return whether what *a* asks for is what *b* only waits for: "wait until they notice", "notice who waits"."""
    return any(one[0] in "<>" and a.weights.get(one[1:], 0.0) >= _OWN for one in b.when)


def _contradict(a: Signature, theirs: Mapping[str, float]) -> bool:
    if theirs.keys().isdisjoint(a.contrary):  # most often
        return False
    return any(theirs.get(concept, 0.0) >= _STRONG for concept in a.contrary)


@lru_cache(maxsize=16_384)
def _contrary(concept: str) -> str:
    return concept[1:] if concept.startswith("!") else "!" + concept


def _pieces(folded: str) -> list[str]:
    folded = folded.replace("look after", "care for")  # "after" begins no condition there
    if " is " in folded or " are " in folded:  # most have no frame, and looking for one takes 5 us
        folded = _FRAME.sub(r"when \1, ", folded)
    return _PIECE.findall(folded)


def _weigh(said: Sequence[_Said], weights: Mapping[Role, tuple[float, float]]) -> dict[str, float]:
    implied = _implied([one.concept for one in said])
    told = [_telling(one, implied) for one in said]
    if not any(one.role == "instead" and telling >= _STRONG for one, telling in zip(said, told, strict=True)):
        # "Rather than what they say": what is set aside tells, however light its words are.
        told = [1.0 if one.role == "instead" else telling for one, telling in zip(said, told, strict=True)]
    shares = _shares(said, told, weights)
    weighed: dict[str, float] = {}
    for one, telling in zip(said, told, strict=True):
        weight = _grained(shares[one.role] * telling)
        weighed[one.name] = max(weight, weighed.get(one.name, 0.0))
    return weighed


@lru_cache(maxsize=1024)
def _grained(weight: float) -> float:
    return round(weight / GRAIN) * GRAIN


def _shares(
    said: Sequence[_Said], told: Sequence[float], weights: Mapping[Role, tuple[float, float]]
) -> Mapping[Role, float]:
    everything: dict[Role, float] = {}
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
    known = thesaurus.load()
    said: list[_Said] = []
    denied, linked, sentence, read = False, False, 0, -1
    doer = _Doers()
    for at, (piece, place) in enumerate(zip(pieces, stretches.roles(pieces), strict=True)):
        if place.ends:
            denied, linked = place.role == "instead", False
            if piece in stretches.STOPS:
                sentence = len(said)
        if piece in _MODAL:
            said[sentence:] = [one._replace(subject=one.concept in _PERSONS) for one in said[sentence:]]
        linked |= piece in _LINKS
        if place.ends or piece in _HEARD:
            doer.hear(piece, at, place)
        if at <= read or at not in found or (place.role == "instead" and piece in _SETTING_ASIDE):
            continue
        concept, read = found[at]
        if concept == "not" or piece in _AVOID:
            denied ^= stretches.following(pieces, at) not in _NOT_DENYING
        elif denied and piece in _UNDO:
            denied = False
        else:
            by = None if concept in known.light or concept in _PERSONS else doer.of(at)
            opener = place.opener if place.role == "condition" else ""
            said += _meant(_Said(concept, place.role, denied, opener=opener, linked=linked, by=by))
            linked = False
            if concept == "custom":
                doer.name(at)
    return said


def _meant(said: _Said) -> list[_Said]:
    """Return what a concept stands for; in place of a contrary, what it is the contrary of, denied."""
    known = thesaurus.load()
    if said.concept not in known.means and said.concept not in known.opposites:  # most often
        return [said]
    meant: list[_Said] = []
    for concept in known.means.get(said.concept, (said.concept,)):
        affirmed = known.opposites.get(concept)
        denied = said.denied ^ bool(affirmed) ^ concept.startswith("!")
        meant.append(said._replace(concept=affirmed or concept.removeprefix("!"), denied=denied))
    return meant


class _Doers:
    """Who does, or has, what is read: the customer, or who follows the advice."""

    def __init__(self) -> None:
        self._doer: differences.Doer | None = "do"
        self._until = _LONGEST
        self._causing = False

    def hear(self, piece: str, at: int, place: Place) -> None:
        """Note a piece."""
        if place.ends:
            self._causing = False
            self._set("do" if piece in stretches.STOPS else None, _LONGEST)
        if piece in _CAUSES:
            self._causing = True
        elif piece in _YOURS or piece in _THEIRS:
            self._set("you" if piece in _YOURS else "they", at + _NEAR_OWNER)

    def name(self, at: int) -> None:
        """Note that the customer was named at *at*."""
        self._set("let", at + _NEAR_OWNER) if self._causing else self._set("they", at + 1)

    def of(self, at: int) -> differences.Doer | None:
        """Return who does what is said at *at*, once."""
        doer = self._doer if at <= self._until else None
        self._set(None, 0)
        return doer

    def _set(self, doer: differences.Doer | None, until: int) -> None:
        self._doer, self._until = doer, until


def _concepts(pieces: Sequence[str]) -> dict[int, tuple[str, int]]:
    """Return for the place where a concept begins its name and its last place."""
    concepts: dict[int, tuple[str, int]] = {}
    began = 0
    for at, piece in enumerate([*pieces, "."]):
        if piece in stretches.BREAKS:
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
    return stem not in thesaurus.PARTICLES and stem not in _LINK_STEMS and stem[0].isalnum()
