"""How much a unit reads like guidance: named reasons for and against, each with its weight.

The weights and wordings are data, see `phrases`; this module says when each reason holds.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ingest import mood, phrases
from ingest.units import Unit

LONGEST_SENTENCE = 45  # words
_STRAIGHT = (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'), ("\n", " "), ("\xa0", " "))
# An instruction may well tell of the past, or stand under "this": it is one all the same.
_OUTWEIGHED = {
    "imperative": frozenset({"past", "anaphora", "effect", "hedge", "grievance"}),
    "conditional": frozenset({"past", "anaphora", "effect", "hedge", "grievance"}),
    "worthy": frozenset({"anaphora", "effect"}),
}
_HEADLINES = frozenset({"heading", "lead"})
# What a unit's place may add to its words; nothing else that is looked at late speaks for it.
BY_PLACE = {"heading": "headline", "lead": "headline", "item": "listed"}
_POINTERS = frozenset({"it", "that", "this", "so"})
_FIRST_PERSONS = frozenset({"i", "i'm", "i've", "me", "my", "i'd", "i'll"})
# "Make it easy", "keep it short": here "it" points at nothing.
_IDIOMS = frozenset({"make", "keep", "put", "take", "get", "call", "let", "do", "own"})
_OPEN_ENDED = 5  # words and marks; a longer instruction says itself what its last "it" is
_OPEN_OBJECT = 12


def score(found: Iterable[str]) -> float:
    """Return the sum of the weights of *found*; guidance is above 0."""
    # Rounded, because a set gives its members in another order in each process, and so another last digit.
    return round(phrases.BIAS + sum(map(phrases.WEIGHTS.__getitem__, found)), 6)


def reasons(unit: Unit, title: str) -> frozenset[str]:
    """Return what speaks for and against *unit* of the post called *title*: names of `phrases.WEIGHTS`.

    Nothing where too little speaks for it: what speaks against it is then not looked for, which halves the time.
    """
    text = _plain(unit.text)
    body = _past_openers(text)
    words = phrases.tokens(text)
    order = words if body is text else phrases.tokens(body)
    there = frozenset(words)
    found = {*_moods(text, body, order), *_patterns(phrases.FOR, text, there)}
    if not phrases.SERVICE.isdisjoint(there):
        found.add("service")
    if score(found) + _most_by_place(unit, text) < 0:
        return frozenset()
    found.update(_patterns(phrases.AGAINST, text, there))
    if not _FIRST_PERSONS.isdisjoint(there) and '"' not in there:
        found.add("first_person")
    for strong, outweighed in _OUTWEIGHED.items():
        if strong in found:
            found -= outweighed
    if unit.kind in _HEADLINES and text.startswith("think about"):
        found.discard("musing")
    found.update(_form(unit, text, order, found))
    found.update(_surroundings(unit, _plain(title), text, found))
    return frozenset(found)


def _most_by_place(unit: Unit, text: str) -> float:
    by_kind = phrases.WEIGHTS[BY_PLACE[unit.kind]] if unit.kind in BY_PLACE else 0.0
    return by_kind + (phrases.WEIGHTS["proposed"] if text.startswith('"') else 0.0)


@lru_cache(maxsize=256)  # a unit is read again as the neighbour of the next, a title with each
def _plain(text: str) -> str:
    for curly, straight in _STRAIGHT:
        text = text.replace(curly, straight)
    return text.lower().strip()


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
    if phrases.EMPHATIC.match(text):
        yield "emphatic"
    if duty := mood.obliges(words):
        yield duty


def _patterns(table: phrases.Table, text: str, there: frozenset[str]) -> set[str]:
    near = {pattern for word in there if word in table for pattern in table[word]}
    return {pattern.reason for pattern in near if pattern.regex.search(text)}


def _form(unit: Unit, text: str, words: list[str], found: set[str]) -> Iterator[str]:
    is_command = not found.isdisjoint({"imperative", "conditional"})
    if text.rstrip("\"')").endswith("?") and not (is_command and text.endswith(('?"', '?")'))):
        yield "question"
    if text.endswith(":"):
        yield "introduces"
    if text.endswith(("…", "...")):
        yield "cut"
    if text.startswith("("):
        yield "aside"
    if len(words) > LONGEST_SENTENCE:
        yield "lengthy"
    if " " not in text:
        yield "tiny"
    if is_command and _points_away(text, words, found):
        yield "referent"
    if text.endswith("!") and "service" not in found:
        yield "urging"
    if unit.kind in _HEADLINES:
        yield from _headline(text, found)
    elif unit.kind == "item":
        yield "listed"


def _headline(text: str, found: set[str]) -> Iterator[str]:
    if found - {"service"}:
        yield "headline"
    if phrases.THEMES.match(text):
        yield "theme"


def _points_away(text: str, words: list[str], found: set[str]) -> bool:
    """Tell whether a short instruction leaves open what it is about: "Fix it.", "If so, change it."."""
    if text.startswith("if so"):
        return True
    if "imperative" not in found or len(words) > _OPEN_OBJECT or words[0] in _IDIOMS:
        return False
    ends_open = len(words) <= _OPEN_ENDED and not _POINTERS.isdisjoint(words[-2:])
    return ends_open or not _POINTERS.isdisjoint(words[1:2])


def _surroundings(unit: Unit, title: str, text: str, found: set[str]) -> Iterator[str]:
    if unit.is_cited:
        yield "cited"
    if text.startswith('"') and '"' in text[1:][-3:]:
        is_proposed = phrases.PROPOSED.search(_plain(unit.before)) and not phrases.FIRST_PERSON.search(text)
        yield "proposed" if is_proposed else "spoken"
    if phrases.REFUTED.match(_plain(unit.after)):
        yield "refuted"
    if unit.kind == "heading" and text == title:
        yield "title"
    if unit.intro:
        yield from _under(_plain(unit.intro), found)
    if "imperative" in found and not _is_turned_round(unit, text):
        yield from _irony(unit, title, text, found)


def _is_turned_round(unit: Unit, text: str) -> bool:
    """Tell whether a post about mistakes says here what to do instead."""
    above = _plain(f"{unit.lead} {unit.section}")
    return unit.is_remedy or "instead" in text or phrases.REMEDY.search(above) is not None


def _under(intro: str, found: set[str]) -> Iterator[str]:
    """Yield what the sentence that introduces a list says about its items."""
    if phrases.EXAMPLES.search(intro):
        yield "example"
    if "imperative" in found and "negative" not in found and phrases.REFUSED.search(intro):
        yield "mistaken"


def _irony(unit: Unit, title: str, text: str, found: set[str]) -> Iterator[str]:
    for above in (title, _plain(unit.section)):
        if phrases.IRONIC.search(above) and (unit.kind != "sentence" or "negative" not in found):
            yield "ironic"
        if "negative" in found or unit.kind == "sentence":
            continue
        if phrases.NOT_TO.search(above):
            yield "mistaken"
        elif phrases.MISTAKES.search(above) and not phrases.MENDED.search(above):
            yield "mistaken" if phrases.HARM.match(text) else "doubtful"
