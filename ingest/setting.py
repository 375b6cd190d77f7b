"""What the surroundings of a unit say about it: whose words it is, what it leans on, and whether it is meant."""

from collections.abc import Iterator
from itertools import islice
from math import ceil

from ingest import framing, mood, phrases
from ingest.phrases import plain
from ingest.units import Unit

FEW_UNITS = 8  # so short a post says too little to be judged as a whole
OURS = 0.085  # mentions of customers and staff a unit: 0.09 and more in labelled posts, 0.08 in a recipe
_NAMED_WORDS = 4  # spaces; in fewer words capitals are style: "Be Professional."


def is_ours(text: str, title: str, units: int) -> bool:
    """Tell whether a post of so many units is about serving customers or those who do, not a recipe or a manual."""
    if units < FEW_UNITS or framing.SERVED_WORDS.search(title) or framing.SERVICE_TITLE.search(title):
        return True
    least = ceil(OURS * units)
    return sum(1 for _ in islice(framing.SERVED_WORDS.finditer(text), least)) == least


def reasons(unit: Unit, title: str, text: str, found: set[str]) -> Iterator[str]:
    """Yield what the surroundings of *unit* say for and against it; *title* and *text* are plain, see `phrases`."""
    if framing.GENRE.search(title):
        yield "genre"
    if unit.is_cited:
        yield "cited"
    if unit.kind == "sentence":
        yield from _leaning(unit, text, found)
    if text.startswith('"') and '"' in text[1:][-3:]:
        is_proposed = (
            unit.kind != "heading"
            and framing.PROPOSED.search(plain(unit.before))
            and not phrases.FIRST_PERSON.search(text)
        )
        yield "proposed" if is_proposed else "spoken"
    if framing.REFUTED.match(plain(unit.after)):
        yield "refuted"
    if unit.kind == "heading" and text == title:
        yield "title"
    if unit.lead and framing.SAMPLE.fullmatch(plain(unit.lead)):
        yield "example"
    if unit.intro:
        yield from _under(plain(unit.intro), found)
    if "imperative" in found and not _is_turned_round(unit, text):
        yield from _irony(unit, title, text, found)


def _leaning(unit: Unit, text: str, found: set[str]) -> Iterator[str]:
    """Yield what ties a sentence to one case or to the sentence before."""
    if text.count(" ") >= _NAMED_WORDS and phrases.NAME.search(unit.text):
        yield "named"
    if phrases.FIGURE.search(text):
        yield "counted"
    if text.startswith(("and ", "but ", "so ", "or ", "plus ")) and "sequel" not in found:
        yield "joined"
    if unit.before.endswith("?"):
        yield "answer"


def _is_turned_round(unit: Unit, text: str) -> bool:
    """Tell whether a post about mistakes says here what to do instead."""
    above = plain(f"{unit.lead} {unit.section}")
    return (
        unit.is_remedy
        or "instead" in text
        or "my advice" in text
        or framing.REMEDY.search(above) is not None
        or framing.LESSONS.search(plain(unit.intro)) is not None
    )


def _under(intro: str, found: set[str]) -> Iterator[str]:
    """Yield what the sentence that introduces a list says about its items."""
    if framing.EXAMPLES.search(intro):
        yield "example"
    if "imperative" in found and "negative" not in found and framing.REFUSED.search(intro):
        yield "mistaken"


def _is_meant(unit: Unit, found: set[str]) -> bool:
    """Tell whether a sentence under an ironic title is serious: under "Poor training" what follows is the cure."""
    if unit.kind != "sentence":
        return False
    above = unit.lead or unit.section
    return "negative" in found or (above != "" and not mood.commands(phrases.tokens(plain(above))))


def _irony(unit: Unit, title: str, text: str, found: set[str]) -> Iterator[str]:
    if unit.kind == "item" and "negative" not in found and framing.DONTS.fullmatch(plain(unit.section)):
        yield "mistaken"
    for above in (title, plain(unit.section)):
        if framing.IRONIC.search(above) and not _is_meant(unit, found):
            yield "ironic"
        if unit.kind != "sentence" and text.startswith(("avoid", "stop")) and framing.NOT_TO.search(above):
            yield "doubtful"
        if "negative" in found or unit.kind == "sentence":
            continue
        if framing.NOT_TO.search(above):
            yield "mistaken"
        elif framing.MISTAKES.search(above) and not framing.MENDED.search(above):
            yield "mistaken" if framing.HARM.match(text) else "doubtful"
