"""How much a unit reads like guidance: named reasons for and against, each with its weight.

The weights and wordings are data, see `phrases`; this module says when each reason holds.
"""

import re
from collections.abc import Iterable, Iterator

from ingest import framing, mood, phrases, setting
from ingest.phrases import plain
from ingest.units import Unit

LONGEST_SENTENCE = 45  # words
LEAST = -0.5  # of what scores less hardly any is guidance; nothing more is asked of it
# An instruction may well tell of the past, or stand under "this": it is one all the same.
_OUTWEIGHED = {
    # What is told to do something need not be said to be obliged to it, too: "before they have to ask".
    "imperative": frozenset(
        {"past", "anaphora", "effect", "hedge", "grievance", "reported", "modal", "weak_modal"}
    ),
    "conditional": frozenset(
        {"past", "anaphora", "effect", "hedge", "grievance", "modal", "weak_modal", "want_to"}
    ),
    "worthy": frozenset({"anaphora", "effect"}),
    "inner": frozenset({"past", "anaphora", "effect"}),
    "modal": frozenset({"past"}),
    "portrait": frozenset({"past"}),
    "advised": frozenset({"anaphora", "effect", "first_person", "narration"}),
}
PRELUDE = range(4, 17)  # words and marks of a sentence that may stand before an instruction
LEANING = frozenset({"referent", "joined", "answer"})  # what the sentence before makes good
_HARMLESS_BEFORE = frozenset({"hedge", "grievance"})
_HEADLINES = frozenset({"heading", "lead"})
# What a unit's place may add to its words; nothing else that is looked at late speaks for it.
BY_PLACE = {"heading": "headline", "lead": "headline", "item": "listed"}
_POINTERS = frozenset({"it", "that", "this", "so"})
_FIRST_PERSONS = frozenset({"i", "i'm", "i've", "me", "my", "i'd", "i'll"})
# "Make it easy", "keep it short": here "it" points at nothing.
_QUOTED = re.compile(r'"[^"]*"')
_IDIOMS = frozenset({"make", "keep", "put", "take", "get", "call", "let", "do", "own"})
_OPEN_ENDED = 5  # words and marks; a longer instruction says itself what its last "it" is
_OPEN_OBJECT = 12
_BARE = 3  # "Own it."


def score(found: Iterable[str]) -> float:
    """Return the sum of the weights of *found*; see `confidence` for what it is worth."""
    # Rounded, because a set gives its members in another order in each process, and so another last digit.
    return round(phrases.BIAS + sum(map(phrases.WEIGHTS.__getitem__, found)), 6)


def reasons(unit: Unit, title: str, is_ours: bool = True) -> frozenset[str]:
    """Return what speaks for and against *unit* of the post called *title*: names of `phrases.WEIGHTS`.

    Nothing where too little speaks for it: what speaks against it is then not looked for, which halves the time.
    """
    text = plain(unit.text)
    body = _past_openers(text)
    words = phrases.tokens(text)
    order = words if body is text else phrases.tokens(body)
    there = frozenset(words)
    found = {*_moods(text, body, order), *_patterns(phrases.FOR, _outside_quotes(text), there)}
    if not phrases.SERVICE.isdisjoint(there):
        found.add("service")
    if score(found) + _most_by_place(unit, text) <= LEAST:
        return frozenset()
    found.update(_patterns(phrases.AGAINST, text, there))
    if not _FIRST_PERSONS.isdisjoint(order) and '"' not in there:
        found.add("first_person")
    for strong, outweighed in _OUTWEIGHED.items():
        if strong in found:
            found -= outweighed
    if unit.kind in _HEADLINES and text.startswith("think about"):
        found.discard("musing")
    found.update(_form(unit, text, order, found))
    found.update(setting.reasons(unit, plain(title), text, found))
    if not is_ours and not framing.SERVED_WORDS.search(text):
        found.add("foreign")
    return frozenset(found)


def completes(before: Unit, unit: Unit, found: frozenset[str]) -> bool:
    """Tell whether *before* says what the pointer in *unit* means: "Every shop errs. Own it."."""
    if "referent" not in found or before.block != unit.block or before.at != unit.at - 1:
        return False
    text = plain(before.text)
    words = phrases.tokens(text)
    if len(words) not in PRELUDE or not _FIRST_PERSONS.isdisjoint(words) or text.endswith((":", "…", "...")):
        return False
    return not _patterns(phrases.AGAINST, text, frozenset(words)) - _HARMLESS_BEFORE


def _outside_quotes(text: str) -> str:
    """Return *text* without what it only quotes: what others say of themselves is no advice."""
    return text if text.startswith('"') or '"' not in text else _QUOTED.sub('""', text)


def _most_by_place(unit: Unit, text: str) -> float:
    by_kind = phrases.WEIGHTS[BY_PLACE[unit.kind]] if unit.kind in BY_PLACE else 0.0
    return by_kind + (phrases.WEIGHTS["proposed"] if text.startswith('"') else 0.0)


def _past_openers(text: str) -> str:
    for _ in range(3):
        opener = phrases.OPENERS.match(text)
        if not opener or opener.end() >= len(text):
            break
        text = text[opener.end() :]
    return text


def _moods(text: str, body: str, words: list[str]) -> Iterator[str]:
    if mood.commands(words):
        yield "imperative"
        if phrases.NEGATIVE.match(body):
            yield "negative"
    elif mood.commands_if(words):
        yield "conditional"
    elif mood.commands_within(words):
        yield "inner"
    if mood.portrays(words):
        yield "portrait"
    if phrases.EMPHATIC.match(text):
        yield "emphatic"
    if duty := mood.obliges(words):
        yield duty


def _patterns(table: phrases.Table, text: str, there: frozenset[str]) -> set[str]:
    near = {pattern for word in there if word in table for pattern in table[word]}
    return {pattern.reason for pattern in near if pattern.regex.search(text)}


def _form(unit: Unit, text: str, words: list[str], found: set[str]) -> Iterator[str]:
    is_command = not found.isdisjoint({"imperative", "conditional"})
    if text.rstrip("\"')").endswith("?") and not (is_command and text.endswith(('?"', '?")', "?'"))):
        yield "question"
    if text.endswith(":"):
        yield "introduces"
    if text.endswith(("…", "...")):
        yield "cut"
    if text.startswith("("):
        yield "aside"
    if len(words) > LONGEST_SENTENCE:
        yield "lengthy"
    if " " not in text and not (unit.kind in BY_PLACE and phrases.STAND_ALONE.issuperset(words[:1])):
        yield "tiny"
    if is_command and _points_away(unit, text, words, found):
        yield "referent"
    if text.endswith("!") and "service" not in found:
        yield "urging"
    if unit.kind in BY_PLACE:
        yield BY_PLACE[unit.kind]
    if unit.kind in _HEADLINES and phrases.THEMES.match(text):
        yield "theme"


def _points_away(unit: Unit, text: str, words: list[str], found: set[str]) -> bool:
    """Tell whether a short instruction leaves open what it is about: "Fix it.", "If so, change it."."""
    if text.startswith(("if so ", "if so,")):
        return True
    if "imperative" not in found or len(words) > _OPEN_OBJECT:
        return False
    if words[0] in _IDIOMS and (len(words) > _BARE or unit.kind != "sentence"):
        return False
    if words[2:3] and words[2] in phrases.FINITE:  # "Say it was your fault."
        return False
    ends_open = len(words) <= _OPEN_ENDED and not _POINTERS.isdisjoint(words[-2:])
    return ends_open or not _POINTERS.isdisjoint(words[1:2])
