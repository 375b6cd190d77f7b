"""The rows of senses: what quotes say, each once however many say it. How they are grouped, `kb.grouping` says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from kb.quotes import BATCH, batches
from kb.schema import quotes, sense_terms, senses
from kb.sought import Sought

_ROWS = select(
    senses.c.id, senses.c.hash, senses.c.said, senses.c.leader_id, senses.c.nearness, senses.c.principle_id
)


def leading(db: Connection) -> Iterator[int]:
    """Yield the numbers of all senses that lead."""
    return iter(db.execute(select(senses.c.id).where(senses.c.leader_id == senses.c.id)).scalars())


def by_hash(db: Connection, hashes: Iterable[str]) -> Iterator[Any]:
    """Yield the rows of the senses with these hashes."""
    return _where(db, senses.c.hash, hashes)


def by_number(db: Connection, numbers: Iterable[int]) -> Iterator[Any]:
    """Yield the rows of these senses."""
    return _where(db, senses.c.id, numbers)


def followers(db: Connection, leader: int) -> list[int]:
    """Return what is stored as following a leader, itself included."""
    return list(db.execute(select(senses.c.id).where(senses.c.leader_id == leader)).scalars())


def leaders_under(db: Connection, principle: int) -> list[int]:
    """Return the stored leaders of a principle's groups."""
    return list(db.execute(select(senses.c.id).where(senses.c.principle_id == principle)).scalars())


def _where(db: Connection, column: Any, values: Iterable[Any]) -> Iterator[Any]:
    one_of: Select[Any] = _ROWS.where(column.in_(bindparam("some", expanding=True)))
    for some in batches(values):
        yield from db.execute(one_of, {"some": some})


def add(db: Connection, new: Sequence[Sought]) -> list[int]:
    """Store senses that have yet to be placed; return their numbers."""
    if not new:
        return []
    rows = [{"hash": one.hash, "said": one.said, "nearness": 0.0} for one in new]
    paged = {"insertmanyvalues_page_size": BATCH // 3}  # a row has three values
    stored = db.execute(insert(senses).returning(senses.c.hash, senses.c.id), rows, execution_options=paged)
    numbers = {hash_: number for hash_, number in stored}  # noqa: C416 - typed pairs of a row
    return [numbers[one.hash] for one in new]


def place(db: Connection, placed: Sequence[Mapping[str, Any]]) -> None:
    """Store where senses stand: number, leader, nearness, and the principle of one that leads."""
    if placed:
        values: dict[Any, Any] = {
            senses.c.leader_id: bindparam("leader"),
            senses.c.nearness: bindparam("near"),
            senses.c.principle_id: bindparam("principle"),
        }
        db.execute(update(senses).where(senses.c.id == bindparam("number")).values(values), placed)


def add_terms(db: Connection, terms: Sequence[Mapping[str, Any]]) -> None:
    """Store under which terms senses are found."""
    if terms:
        db.execute(insert(sense_terms), terms)


def remove(db: Connection, numbers: Collection[int]) -> None:
    """Remove senses with their terms."""
    if numbers:
        gone = delete(senses).where(senses.c.id == bindparam("gone"))
        db.execute(gone, [{"gone": number} for number in numbers])


def unsaid(db: Connection, numbers: Collection[int]) -> set[int]:
    """Return those of these senses that no quote has any more."""
    said: set[int] = set()
    for some in batches(numbers):
        said.update(db.execute(select(quotes.c.sense_id).where(quotes.c.sense_id.in_(some))).scalars())
    return set(numbers) - said


def principles(db: Connection, numbers: Iterable[int]) -> Mapping[int, list[int]]:
    """Return under which principles the stored quotes of senses stand, the oldest first."""
    found: dict[int, list[int]] = defaultdict(list)
    for some in batches(numbers):
        rows = (
            select(quotes.c.sense_id, quotes.c.principle_id)
            .where(quotes.c.sense_id.in_(some))
            .distinct()
            .order_by(quotes.c.principle_id)
        )
        for number, principle_id in db.execute(rows):
            found[number].append(principle_id)
    return found


def move(db: Connection, moved: Mapping[int, int]) -> None:
    """Put all quotes of senses under these principles."""
    if moved:
        put = (
            update(quotes)
            .where(quotes.c.sense_id == bindparam("number"))
            .values(principle_id=bindparam("principle"))
        )
        db.execute(put, [{"number": number, "principle": principle} for number, principle in moved.items()])


def counts(db: Connection, words: Iterable[str]) -> Iterator[Any]:
    """Yield how many senses each of these terms has."""
    counted = select(sense_terms.c.term, func.count()).group_by(sense_terms.c.term)
    for some in batches(words):
        yield from db.execute(counted.where(sense_terms.c.term.in_(some)))
