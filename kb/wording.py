"""Which of a principle's quotes says it best. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from kb import merge, text
from kb.model import Completeness

# A wording is worth its confidence, less these where it is not easy to read.
_UNEASY, _ASIDE = -0.3, -0.1
_FEWEST, _MOST = 3, 14  # words
_OPENERS = merge.CONDITION | frozenset(
    {
        "the",
        "a",
        "an",
        "it",
        "this",
        "that",
        "these",
        "those",
        "they",
        "he",
        "she",
        "we",
        "i",
        "as",
        "so",
        "and",
        "but",
        "also",
        "then",
        "first",
        "second",
    }
)
_STOP_MARKS = re.compile(r"[.!?](?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A quote that could give its principle the wording."""

    text: str
    confidence: float
    completeness: Completeness = "full"


@lru_cache(maxsize=1024)
def merit(quote: Candidate) -> tuple[float, int]:
    """Return how well a quote says it, for comparing: clear, short, imperative, sure, from a whole post."""
    words = text.tokens(quote.text)
    found = (
        quote.confidence
        + _ASIDE * (quote.completeness in {"excerpt", "failed"})
        + _UNEASY * (not _FEWEST <= len(words) <= _MOST)
        + _UNEASY * (bool(words) and words[0] in _OPENERS)
        + _UNEASY * (len(_STOP_MARKS.findall(quote.text)) > 1)
    )
    return found, -len(quote.text)
