"""What a text asks for, what it forbids and what limits that: read for `kb.tension`. Pure.

A text is read as `kb.merge` reads it, once the idioms of `stance.toml` are put plainly ("Throw away the script" forbids
the script) and what limits it ("when you are wrong", "before the customer agrees") is set apart.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from kb import merge, text, thesaurus

STRONG = 0.45  # of what a text says; less weighty words are said by the way
CARRIER = 0.3  # what a verb weighs that only carries what is asked for
_NOUN = 0.6  # what a noun weighs that is light for merging
_LONGEST = 600  # characters that are read; a quote has fewer than 500

_Limit = Literal["exempts", "reason", "anyhow", "limits"]

_CLAUSE = re.compile(r"[^.!?;:,()\u2013\u2014]+")
_OPENING = r" *(?:(?:so|and|but|also|please|just|then|act|forget) )*"
_EVERY = re.compile(r"\b(?:every|always|all|each|any|everyone|everybody|everything|anyone|as often as)\b")
_NOT = r"\b(?:not|never|no|cannot|[a-z]+n't|stop|avoid)\b[^.!?;:,]{0,30}?"
_NOT_EVERY = re.compile(rf"{_NOT}\b(?:every|always|all|everyone|everybody|everything)\b")
_PRONOUN = re.compile(r"\b(?:them|it|this|that|these|those|me|him|her|yourself|himself)\b")
_FIRST = re.compile(
    r"(?<!n't )(?<!never )\b(?:put|place)s? (?:the |your |our )?([a-z]+) first\b"
    r"|(?:^|(?<=[.!?;:,] ))([a-z]+) first\b"
    r"|\b([a-z]+) (?:must |should |always |have to |need to )*(?:come|comes|are|is) first\b"
)
# Whoever makes customers do something asks for something else than who does it himself.
_CAUSES = re.compile(
    r"\b(?:make|let|have|force) (?:[a-z]+ )?(?:customers?|clients?|callers?|guests?|shoppers?|people)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What a text asks for and what it forbids, by concept and weight."""

    said: Mapping[str, float]  # all that it speaks of
    asks: Mapping[str, float]
    forbids: Mapping[str, float]
    qualities: Mapping[str, bool]  # whether it asks for them or for their contrary
    limits: frozenset[str]  # when or for whom it holds
    extent: frozenset[str]  # the same, and what it holds in spite of
    is_partial: bool  # something is exempted, or it is a matter of degree
    is_sour: bool  # it tells what goes wrong rather than what to do
    is_causing: bool  # it speaks of what customers are made or let do
    is_vague: bool  # it speaks of "them" or "it"
    holds_always: bool
    forbids_always: bool  # only that: "Don't answer every complaint"
    persons: frozenset[str]
    first: str | None  # who comes first
    better: frozenset[str]  # what it puts before ...
    worse: frozenset[str]  # ... what


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All of `stance.toml`."""

    carriers: frozenset[str]
    nouns: frozenset[str]
    subjects: frozenset[str]
    qualities: frozenset[str]
    ranked: frozenset[str]
    idioms: tuple[tuple[re.Pattern[str], str], ...]
    limits: Mapping[str, _Limit]
    limit: re.Pattern[str]
    forbids: re.Pattern[str]
    degree: re.Pattern[str]
    sour: re.Pattern[str]
    prefers: re.Pattern[str]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Return how to read; loaded once."""
    data: dict[str, Any] = tomllib.loads(
        resources.files("kb").joinpath("stance.toml").read_text(encoding="utf-8")
    )
    limits: dict[str, _Limit] = {word: kind for kind, words in data["limits"].items() for word in words}
    concepts = {group.concept for group in thesaurus.load().same}
    return Rules(
        carriers=frozenset(data["carriers"]),
        nouns=frozenset(data["nouns"]),
        subjects=frozenset(concepts.difference(data["general"]).union(data["subjects"])),
        qualities=frozenset(data["qualities"]),
        ranked=frozenset(data["ranked"]),
        idioms=tuple((re.compile(idiom["said"]), idiom["plain"]) for idiom in data["idiom"]),
        limits=limits,
        # The longest first, so that "even if" is no "if".
        limit=re.compile(rf"\b({_any(sorted(limits, key=len, reverse=True))})\b([^.!?;:,]*)"),
        forbids=re.compile(f"{_OPENING}(?:{_any(data['forbids']['patterns'])})"),
        degree=re.compile(rf"{_NOT}\b(?:{_any(data['degree']['words'])})\b"),
        sour=re.compile(_any(data["sour"]["patterns"])),
        prefers=re.compile(_any(data["prefers"]["patterns"])),
    )


def _any(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


@lru_cache(maxsize=16_384)
def read(written: str) -> Stance:
    """Return what *written* asks for and what it forbids."""
    plain = _plainly(written)
    core, apart = _apart(plain)
    signature = merge.signature(core)
    names = signature.weights.keys()
    better, worse = _preference(plain)
    return Stance(
        said=_weighed(names, signature.weights),
        asks=_weighed((name for name in names if name[0] != "!"), signature.weights),
        forbids=_forbidden(core),
        qualities={one: one in names for one in rules().qualities if (one in names) != ("!" + one in names)},
        limits=_concepts(apart["limits"]),
        extent=_concepts([*apart["limits"], *apart["anyhow"]]),
        is_partial=_is_partial(core, apart),
        is_sour=bool(rules().sour.search(core)),
        is_causing=bool(_CAUSES.search(core)),
        is_vague=bool(_PRONOUN.search(core)),
        holds_always=bool(apart["anyhow"] or _EVERY.search(plain)),
        forbids_always=bool(_NOT_EVERY.search(plain)),
        persons=signature.persons,
        first=_first(plain),
        better=better,
        worse=worse,
    )


def _plainly(written: str) -> str:
    plain = text.fold(written[:_LONGEST])
    for idiom, instead in rules().idioms:
        plain = idiom.sub(instead, plain)
    return " ".join(plain.split())


def _apart(plain: str) -> tuple[str, Mapping[_Limit, list[str]]]:
    """Return *plain* without what limits it, and that by its kind."""
    apart: dict[_Limit, list[str]] = {"exempts": [], "reason": [], "anyhow": [], "limits": []}

    def take(found: re.Match[str]) -> str:
        apart[rules().limits[found[1]]].append(found[2])
        return ""

    return rules().limit.sub(take, plain), apart


def _is_partial(core: str, apart: Mapping[_Limit, list[str]]) -> bool:
    limits = apart["limits"]
    # "What you can't do" limits without a word that says to what.
    return bool(apart["exempts"] or rules().degree.search(core) or (limits and not _concepts(limits)))


def _forbidden(core: str) -> dict[str, float]:
    """Return what is denied in the clauses that forbid, each clause taken by itself."""
    forbidden: dict[str, float] = {}
    for clause in _CLAUSE.findall(core):
        if rules().forbids.match(clause):
            weights = merge.signature(clause).weights
            forbidden |= _weighed((name for name in weights if name[0] == "!"), weights)
    return forbidden


def _weighed(names: Iterable[str], weights: Mapping[str, float]) -> dict[str, float]:
    return {name.removeprefix("!"): _weight(name.removeprefix("!"), weights[name]) for name in names}


def _weight(name: str, weight: float) -> float:
    if name in rules().carriers:
        return min(weight, CARRIER)
    return max(weight, _NOUN) if name in rules().nouns else weight


def _concepts(pieces: Collection[str]) -> frozenset[str]:
    return frozenset().union(*(merge.signature(piece).concepts for piece in pieces))


def _first(plain: str) -> str | None:
    found = _FIRST.search(plain)
    named = thesaurus.concepts(thesaurus.stems(found[1] or found[2] or found[3])) if found else []
    return named[0] if named and named[0] in rules().ranked else None


def _preference(plain: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what *plain* puts before what."""
    found = rules().prefers.search(plain)
    if not found:
        return frozenset(), frozenset()
    better, worse = (_telling(side) for side in found.groups() if side)
    return better - worse, worse - better


def _telling(piece: str) -> frozenset[str]:
    weights = merge.signature(piece).weights
    told = {name for name, weight in weights.items() if name in rules().ranked or weight >= STRONG}
    return frozenset(told - rules().carriers or weights)
