"""What curators do with principles: merge, split, reword, and take it back.

A decision is told by the texts of quotes, so it survives whatever feeds, `redo` and better rules do to principles.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise, product

from sqlalchemy import Connection

from kb import decisions, filing, merge, principles
from kb.decisions import Decision
from kb.errors import DocumentError
from kb.model import Principle

MOST_PAIRS = 10_000  # of quotes that a split keeps apart


def join(db: Connection, first_id: int, other_id: int, now: datetime) -> Principle:
    """Make one principle of two; NotFound where there is none. The older keeps its number."""
    one, other = principles.get(db, first_id), principles.get(db, other_id)
    if first_id == other_id:
        return one
    pair = (_texts(one)[0], _texts(other)[0])
    decisions.make(db, "merge", [pair], now)
    filing.reconsider(db, pair)
    return principles.get(db, min(first_id, other_id))


def split(db: Connection, principle_id: int, quote_ids: Collection[int], now: datetime) -> None:
    """Give some quotes of a principle one of their own, with all others in it that have the same words.

    NotFound where there is no such principle; DocumentError where nothing or everything would go.
    """
    whole = principles.get(db, principle_id)
    going = list(dict.fromkeys(quote.text for quote in whole.evidence if quote.id in quote_ids))
    staying = [text for text in _texts(whole) if text not in going]
    if not going or not staying:
        raise DocumentError(f"principle {principle_id}", "some of its quotes must go, and some stay")
    if len(going) * len(staying) > MOST_PAIRS:
        raise DocumentError(f"principle {principle_id}", "it has too many quotes to be split")
    _forget_merges(db, going, staying, now)
    decisions.make(db, "split", [pair for pair in product(going, staying) if _alike(*pair)], now)
    for side in (going, staying):
        decisions.make(db, "merge", pairwise(side), now)
    filing.reconsider(db, [*going, *staying])


def word(db: Connection, principle_id: int, wording: str, now: datetime) -> None:
    """Word a principle as a curator would; NotFound where there is none."""
    said = _texts(principles.get(db, principle_id))[0]
    decisions.make(db, "wording", [(said, wording.strip())], now)
    filing.reconsider(db, [said])


def undo(db: Connection, decision_id: int, now: datetime) -> None:
    """Take back a decision, with whatever was decided at that moment; NotFound where it does not stand."""
    undone = decisions.undo(db, decision_id, now)
    texts = [text for one in undone for text in _quoted(one)]
    filing.reconsider(db, texts)


def _texts(found: Principle) -> Sequence[str]:
    return list(dict.fromkeys(quote.text for quote in found.evidence))


def _quoted(decision: Decision) -> Sequence[str]:
    return [decision.one] if decision.kind == "wording" else [decision.one, decision.other]


def _alike(one: str, other: str) -> bool:
    return merge.similarity(merge.signature(one), merge.signature(other)) >= merge.SAME


def _forget_merges(db: Connection, going: Collection[str], staying: Collection[str], now: datetime) -> None:
    """Undo merges of quotes that shall part."""
    for one in decisions.standing(db):
        crosses = (one.one in going and one.other in staying) or (one.one in staying and one.other in going)
        if one.kind == "merge" and crosses:
            decisions.revoke(db, one.id, now)
