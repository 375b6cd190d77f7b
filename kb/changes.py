"""The queue of changed principles and posts that the index has yet to take over."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select

from kb.schema import changes

Kind = Literal["principle", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    newest: int  # id of the newest change read; later ones are not in `principles` and `posts`
    principles: tuple[int, ...]
    posts: tuple[int, ...]


def queue(db: Connection, kind: Kind, ids: Iterable[int]) -> None:
    """Note that these were made, changed or removed; call it in the transaction that does so."""
    rows = [{"kind": kind, "item_id": item} for item in sorted(set(ids))]
    if rows:
        db.execute(insert(changes), rows)


def pending(db: Connection) -> Pending:
    """Return what the index has yet to take over, each id once."""
    newest = db.execute(select(func.max(changes.c.id))).scalar()
    rows = db.execute(
        select(changes.c.kind, changes.c.item_id).distinct().where(changes.c.id <= (newest or 0))
    )
    found: dict[str, list[int]] = {"principle": [], "post": []}
    for kind, item in rows:
        found[kind].append(item)
    return Pending(
        newest=newest or 0, principles=tuple(sorted(found["principle"])), posts=tuple(sorted(found["post"]))
    )


def done(db: Connection, newest: int) -> None:
    """Forget the changes up to *newest*: the index has them."""
    db.execute(delete(changes).where(changes.c.id <= newest))
