"""The guidance in a post: which of its units to keep, word for word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp

from ingest import guidance, units
from ingest.units import Unit
from kb import topics
from kb.model import Post, Quote
from kb.text import fold

LONGEST_QUOTE = 600  # characters; anything longer is not one piece of guidance
LONGEST_CONTEXT = 600
LONGEST_TITLE = 300
MOST_QUOTES = 60
# Chosen so that confidence comes near to the share of quotes that careful readers call guidance, or nearly so.
STEEPNESS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    unit: Unit
    score: float


def quotes(post: Post) -> tuple[Quote, ...]:
    """Return the guidance in *post*, in the order of its text.

    A quote's confidence is the logistic of its score, so it grows with it; guidance begins at one half.
    """
    title = post.title[:LONGEST_TITLE]
    finds = _distinct(_finds(_whole(units.of(post), post), title))
    best = sorted(finds, key=lambda find: -find.score)[:MOST_QUOTES]
    return tuple(_quote(find, post, title) for find in sorted(best, key=lambda find: find.unit.start))


def _finds(whole: Iterable[Unit], title: str) -> Iterator[_Find]:
    for unit in whole:
        found = guidance.reasons(unit, title)
        if found and (score := guidance.score(found)) > 0:
            yield _Find(unit=unit, score=score)


def _whole(found: Sequence[Unit], post: Post) -> Iterable[Unit]:
    """Leave out what is too long, and the sentence at which an excerpt breaks off."""
    if found and post.completeness in {"excerpt", "failed"} and _is_cut(found[-1].text):
        found = found[:-1]
    return (unit for unit in found if unit.end - unit.start <= LONGEST_QUOTE)


def _is_cut(text: str) -> bool:
    bare = text.rstrip("\"'”’)]")
    return bare.endswith(("…", "...")) or not bare.endswith((".", "!", "?"))


def _distinct(finds: Iterable[_Find]) -> Iterable[_Find]:
    """Of what is said twice keep the stronger, which is the heading and not its line in a table of contents."""
    seen: dict[str, _Find] = {}
    for find in finds:
        key = fold(find.unit.text).rstrip(".!")
        if key not in seen or find.score > seen[key].score:
            seen[key] = find
    return seen.values()


def _quote(find: _Find, post: Post, title: str) -> Quote:
    unit = find.unit
    heading = " ".join(filter(None, (unit.section, unit.lead)))
    return Quote(
        text=unit.text,
        start=unit.start,
        end=unit.end,
        context=_context(unit),
        confidence=round(1 / (1 + exp(-STEEPNESS * find.score)), 3),
        topics=topics.file(unit.text, heading=heading, title=title, tags=post.tags),
    )


def _context(unit: Unit) -> str:
    """Return the heading and lead-in over *unit* and the passage around it; after a lead-in, what explains it."""
    is_lead = unit.kind in {"heading", "lead"}
    parts = (
        unit.section,
        unit.lead,
        "" if is_lead else unit.before,
        unit.after,
        unit.further if is_lead else "",
    )
    return "\n".join(filter(None, parts))[:LONGEST_CONTEXT].rstrip()
