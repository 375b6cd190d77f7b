"""What sets two quotes apart although their words agree. Pure.

What a comparison of words cannot see is marked while a quote is read, and kept with its condition:
marks begin with "+".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from kb import thesaurus

# Who does what is told: who follows the advice, "you", "they", or customers who are let or made do it.
Doer = Literal["do", "you", "they", "let"]
_CLASHING: Mapping[str, str] = {"do": "let", "let": "do", "you": "they", "they": "you"}

# "Don't answer every complaint" forbids less than "don't answer complaints".
_NOT_EVERY = re.compile(
    r"(?:\bnot|n't|\bnever) (?:[a-z]+ ){0,3}?(?:every|always|all|each|everything|everyone|everybody)\b"
)
_COUNTS = frozenset({"onc", "twice"})  # stems
# What comes before and what after is not the same condition.
_SEQUENCE = {"before": "<", "until": "<", "after": ">", "once": ">"}
_LIMITED, _ANYHOW = "+only", "+anyhow"
_LIMITING = re.compile(
    r"\bonly (?:[a-z]+ ){0,6}?(?:if|when|after|once)\b|(?:\bnot|\bnever|n't) (?:[a-z]+ ){1,8}?(?:before|until|unless)\b"
)
_MAY_DENY = ("not", "n't", "never")
_MAY_LIMIT = ("only ", "before", "until", "unless")
_WHATEVER = re.compile(r"\b(?:even (?:if|when|though)|no matter|regardless|whether or not|whatever)\b")
_MAY_EXTEND = ("even ", "matter", "regardless", "whether", "whatever")
# "Explain why" is not "explain how", "learn from" not "learn about", "what you can do" not "what you can't".
_ASKED = frozenset({"why", "how", "who", "where"})
_TOWARDS = frozenset({"from", "about", "against"})
_CANNOT = re.compile(r"(?:n't|\bcannot|\bnot) (?:do|be|have)?(?:$|[.,;:!?])")
_PARTLY = frozenset({"+cannot", "+not-every"})
_NUMBER = -1  # the kind of all numbers


def condition(name: str, opener: str) -> str:
    """Return what a condition is about, with the place that its first word gives it."""
    return _SEQUENCE.get(opener, "") + (_contrary(name) if opener == "unless" else name)


def extents(folded: str) -> Iterator[str]:
    """Yield the marks of a quote that holds only if, or even if."""
    # Looking for a word in a text is ten times as fast as a pattern, and most have none of them.
    if any(word in folded for word in _MAY_LIMIT) and _LIMITING.search(folded):
        yield _LIMITED
    if any(word in folded for word in _MAY_EXTEND) and _WHATEVER.search(folded):
        yield _ANYHOW
    if any(word in folded for word in _MAY_DENY) and _NOT_EVERY.search(folded):
        yield "+not-every"
    words = set(folded.split())
    yield from (f"+?{word}" for word in words & _ASKED)
    yield from (f"+~{word}" for word in words & _TOWARDS)
    if any(word in folded for word in _MAY_DENY) and _CANNOT.search(folded):
        yield "+cannot"


def doing(doer: Doer, concept: str) -> str:
    """Return the mark of who does it."""
    return f"+{doer}:{concept}"


def contrasts(names: Sequence[str]) -> Iterator[str]:
    """Yield what goes with which side of a contrast within a quote: "hire slowly, fire fast"."""
    if not names[1:]:
        return
    there = set(names)
    sides = {name for name in names if _contrary(name) in there} | rivals(names)
    for at, name in enumerate(names):
        if name in sides:
            yield f"+{names[at - 1] if at else names[1]}>{name}"


def rivals(concepts: Iterable[str]) -> frozenset[str]:
    """Return those that are of one kind with another of them."""
    kinds = _kinds(concepts)
    if not kinds:  # most often
        return frozenset()
    return frozenset[str]().union(*(kind for kind in kinds.values() if len(kind) > 1))


def in_order(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Return whether both name the same in another order: "treat your team as your customers"."""
    return [one for one in ours if one in theirs] != [one for one in theirs if one in ours]


def in_limits(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Return whether one holds for another condition, does another's part or contrasts otherwise."""
    about, other = ({one for one in some if one[0] != "+"} for some in (ours, theirs))
    return (
        (_LIMITED in ours and (not other or _ANYHOW in theirs))
        or (_LIMITED in theirs and (not about or _ANYHOW in ours))
        or bool(about and other and about.isdisjoint(other))
        or any(_contrary(one) in other for one in about)
        or _differ_in(ours, theirs, "+?")
        or _differ_in(ours, theirs, "+~")
        or not (ours ^ theirs).isdisjoint(_PARTLY)
        or _is_done_by_another(ours, theirs)
        or _contrasts_otherwise(ours, theirs)
    )


def in_kind(ours: Mapping[str, float], theirs: Mapping[str, float]) -> bool:
    """Return whether both name something of one kind and not the same: another channel, another number."""
    if not _COUNTS.isdisjoint(ours.keys() ^ theirs.keys()):
        return True
    own, other = _kinds(ours), _kinds(theirs)
    return any(own[kind].isdisjoint(other[kind]) for kind in own.keys() & other.keys())


def _differ_in(ours: frozenset[str], theirs: frozenset[str], mark: str) -> bool:
    own, other = ({one for one in some if one.startswith(mark)} for some in (ours, theirs))
    return bool(own and other and own.isdisjoint(other))


def _is_done_by_another(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return any(
        f"+{_CLASHING[doer]}:{concept}" in theirs and f"+{doer}:{concept}" not in theirs
        for doer, colon, concept in (one[1:].partition(":") for one in ours if one[0] == "+")
        if colon
    )


def _contrasts_otherwise(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    own, other = _sides(ours), _sides(theirs)
    return any(own[what].isdisjoint(other[what]) for what in own.keys() & other.keys())


def _sides(marks: frozenset[str]) -> dict[str, set[str]]:
    sides: dict[str, set[str]] = {}
    for one in marks:
        what, between, side = one.partition(">")
        if what and between:
            sides.setdefault(what, set()).add(side)
    return sides


def _kinds(concepts: Iterable[str]) -> dict[int, set[str]]:
    apart = thesaurus.load().apart
    found: dict[int, set[str]] = {}
    for concept in concepts:
        name = concept[1:] if concept[0] == "!" else concept
        if name in apart or name.isdigit():
            found.setdefault(apart.get(name, _NUMBER), set()).add(concept)
    return found


def _contrary(name: str) -> str:
    return name[1:] if name.startswith("!") else "!" + name
