"""The guidance in a post: which of its units to keep, word for word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest import confidence, guidance, setting, units
from ingest.units import Unit
from kb import topics
from kb.model import Filing, Post, Quote
from kb.text import fold, stems
from kb.topics import UNTAUGHT, Lessons, Passage

LONGEST_QUOTE = 600  # characters; anything longer is not one piece of guidance
LONGEST_CONTEXT = 600
LONGEST_TITLE = 300
MOST_QUOTES = 60
_HEADLINES = frozenset({"heading", "lead"})
_ALIKE = 0.6  # share of common stems from which a sentence only says its heading again


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A unit that reads like guidance."""

    unit: Unit
    start: int  # before the unit's own start where the sentence before belongs to it
    score: float


def quotes(post: Post, lessons: Lessons = UNTAUGHT) -> tuple[Quote, ...]:
    """Return the guidance in *post*, in the order of its text; what is too doubtful is left out.

    It is filed under topics by what people's corrections have taught.
    """
    sure = [find for find in finds(post) if confidence.of(find.score) >= confidence.LEAST]
    best = sorted(sorted(sure, key=lambda find: -find.score)[:MOST_QUOTES], key=lambda find: find.start)
    title = post.title[:LONGEST_TITLE]
    passages = [_passage(find, post) for find in best]
    filed = topics.of_post(passages, title=title, tags=post.tags, lessons=lessons)
    return tuple(_quote(find, post, under) for find, under in zip(best, filed, strict=True))


def finds(post: Post) -> Iterable[Find]:
    """Return all that reads like guidance, however doubtful."""
    title = post.title[:LONGEST_TITLE]
    found = units.of(post)
    is_ours = setting.is_ours(post.text, title, len(found))
    return _distinct(_finds(_whole(found, post), title, is_ours))


def _finds(whole: Iterable[Unit], title: str, is_ours: bool) -> Iterator[Find]:
    last: Find | None = None
    before: Unit | None = None
    for unit in whole:
        found = guidance.reasons(unit, title, is_ours)
        find = _found(unit, before, found) if found else None
        if find and not (last and _repeats(find, last)) and not (last and find.start <= last.unit.start):
            yield find
            last = find
        before = unit


def _found(unit: Unit, before: Unit | None, found: frozenset[str]) -> Find | None:
    """Return *unit* as a find, with the sentence before where only both together can be understood."""
    if before and guidance.completes(before, unit, found):
        together = guidance.score(found - guidance.LEANING)
        return Find(unit=unit, start=before.start, score=together) if together > guidance.LEAST else None
    score = guidance.score(found)
    return Find(unit=unit, start=unit.start, score=score) if score > guidance.LEAST else None


def _repeats(find: Find, last: Find) -> bool:
    """Tell whether a sentence says again what the heading right over it says: that is context, not a second quote."""
    unit, above = find.unit, last.unit
    if above.kind not in _HEADLINES or unit.kind in _HEADLINES or unit.at != above.at + 1:
        return False
    said, again = set(stems(above.text)), set(stems(unit.text))
    return len(said & again) >= _ALIKE * len(said | again)


def _whole(found: Sequence[Unit], post: Post) -> Iterable[Unit]:
    """Leave out what is too long, and the sentence at which an excerpt breaks off."""
    if found and post.completeness in {"excerpt", "failed"} and _is_cut(found[-1].text):
        found = found[:-1]
    return (unit for unit in found if unit.end - unit.start <= LONGEST_QUOTE)


def _is_cut(text: str) -> bool:
    bare = text.rstrip("\"'”’)]")
    return bare.endswith(("…", "...")) or not bare.endswith((".", "!", "?"))


def _distinct(finds: Iterable[Find]) -> Iterable[Find]:
    """Of what is said twice keep the stronger, which is the heading and not its line in a table of contents."""
    seen: dict[str, Find] = {}
    for find in finds:
        key = fold(find.unit.text).rstrip(".!")
        if key not in seen or find.score > seen[key].score:
            seen[key] = find
    return seen.values()


def _passage(find: Find, post: Post) -> Passage:
    """Return what shows a find's topics: its own words, its heading, and the sentences beside it."""
    unit = find.unit
    return Passage(
        text=post.text[find.start : unit.end],
        heading=" ".join(filter(None, (unit.section, unit.lead))),
        nearby=tuple(text for text in (unit.before, unit.after) if text and text != unit.section),
    )


def _quote(find: Find, post: Post, filed: tuple[Filing, ...]) -> Quote:
    return Quote(
        text=post.text[find.start : find.unit.end],
        start=find.start,
        end=find.unit.end,
        context=_context(find),
        confidence=confidence.of(find.score),
        topics=filed,
    )


def _context(find: Find) -> str:
    """Return the heading and lead-in over a find and the passage around it; after a lead-in, what explains it."""
    unit = find.unit
    is_lead = unit.kind in _HEADLINES
    parts = (
        unit.section,
        unit.lead,
        "" if is_lead or find.start < unit.start else unit.before,
        unit.after,
        unit.further if is_lead else "",
    )
    return "\n".join(dict.fromkeys(filter(None, parts)))[
        :LONGEST_CONTEXT
    ].rstrip()  # a heading may be the sentence before
