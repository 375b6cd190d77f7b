"""What curators have decided about principles, told by the texts of quotes so that it survives everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Row, insert, select, update

from kb.errors import NotFound
from kb.schema import decisions

# merge: quotes that say `one` and `other` stand in one principle; split: they never say the same;
# wording: the principle that says `one` is worded `other`
Kind = Literal["merge", "split", "wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision; those of one moment were made together."""

    id: int
    kind: Kind
    one: str
    other: str
    made_at: datetime


def make(db: Connection, kind: Kind, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
    """Store what was decided."""
    rows = [{"kind": kind, "one": one, "other": other, "made_at": now} for one, other in pairs]
    if rows:
        db.execute(insert(decisions), rows)


def standing(db: Connection) -> list[Decision]:
    """Return all decisions that nobody has undone, the oldest first."""
    rows = db.execute(select(decisions).where(decisions.c.undone_at.is_(None)).order_by(decisions.c.id))
    return list(map(_decision, rows))


def undo(db: Connection, decision_id: int, now: datetime) -> list[Decision]:
    """Undo a decision with all that was decided at the same moment; return them. NotFound if it does not stand."""
    moment = select(decisions.c.made_at).where(decisions.c.id == decision_id, decisions.c.undone_at.is_(None))
    made_at = db.execute(moment).scalar()
    if made_at is None:
        raise NotFound(f"there is no decision {decision_id} that stands")
    same = (decisions.c.made_at == made_at) & decisions.c.undone_at.is_(None)
    found = list(map(_decision, db.execute(select(decisions).where(same))))
    db.execute(update(decisions).where(same).values(undone_at=now))
    return found


def revoke(db: Connection, decision_id: int, now: datetime) -> None:
    """Undo one decision alone."""
    db.execute(update(decisions).where(decisions.c.id == decision_id).values(undone_at=now))


def _decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision(id=row.id, kind=row.kind, one=row.one, other=row.other, made_at=row.made_at)
