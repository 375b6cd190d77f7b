"""Principles that pull against each other: those found, and what a curator made of them.

What a principle is against is marked ("script"); whoever is for scripts finds it by that. Finding takes half a ms
a principle, so it is done after a run, for so many at a time.
A pair that a curator confirmed or dismissed stays as it is, whatever is found later.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, delete, func, insert, or_, select
from sqlalchemy.engine import Engine

from kb import facts, schema, stance, tension
from kb.errors import NotFound
from kb.model import PostRef
from kb.quotes import batches
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import posts, principle_marks, principles, quotes, sense_terms, tensions, unweighed
from kb.stance import Stance

State = Literal["found", "confirmed", "dismissed"]
Pair = tuple[int, int]  # ids of principles, the smaller one first

MOST_AT_ONCE = 1_000  # principles; that takes about a second
MOST_HOLDERS = 1_000  # senses that hold a term, the oldest of them, are looked at
MOST_CANDIDATES = 20  # that a principle is compared with on either side: those that share most with it
LEAST_SHARED = 0.3  # of a sense's terms; of less than that it is not mainly about
MOST_VIEWS = 20  # of a principle
MOST_POSTS = 3  # of another view that are named
# Raise it when marks are made or tensions found in another way: all are then found anew, once.
RULES = "1"
_RULES = "tension rules"  # name of the fact


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A principle that another one pulls against, in short."""

    id: int
    text: str
    sources: int
    state: State
    posts: tuple[PostRef, ...]  # in which it stands, the surest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Tension:
    """Two principles that pull against each other."""

    one: int
    other: int
    texts: tuple[str, str]
    state: State
    score: float


def queue(db: Connection, principle_ids: Iterable[int]) -> None:
    """Note that these principles are new or worded anew; call it in the transaction that made them so."""
    rows = [{"principle_id": one} for one in sorted(set(principle_ids))]
    if rows:
        db.execute(delete(unweighed).where(unweighed.c.principle_id == bindparam("principle_id")), rows)
        db.execute(insert(unweighed), rows)


def catch_up(engine: Engine, most: int = MOST_AT_ONCE) -> int:
    """Find what pulls against queued principles, the oldest of very many; return how many that were."""
    with engine.connect() as db:  # most often there are none, and nobody is kept waiting
        if facts.get(db, _RULES) == RULES and db.execute(select(unweighed).limit(1)).first() is None:
            return 0
    with schema.writing(engine) as db:
        if facts.get(db, _RULES) != RULES:
            queue(db, db.execute(select(principles.c.id)).scalars())
            facts.put(db, _RULES, RULES)
        oldest = select(unweighed.c.principle_id).order_by(unweighed.c.principle_id).limit(most)
        found = db.execute(oldest).scalars().all()
        find(db, found)
        for some in batches(found):
            db.execute(delete(unweighed).where(unweighed.c.principle_id.in_(some)))
    return len(found)


def find(db: Connection, principle_ids: Collection[int]) -> None:
    """Find anew what pulls against these principles."""
    for some in batches(principle_ids):
        _forget(db, some)
        texts = _texts(db, some)
        stances = {one: stance.read(said) for one, said in texts.items()}
        _mark(db, stances)
        likely = _forbidding(db, stances) | _asking(db, stances)
        others = _texts(db, {one for pair in likely for one in pair} - texts.keys())
        _note(db, some, _weigh({**others, **texts}, likely))


def _forget(db: Connection, ids: Sequence[int]) -> None:
    db.execute(delete(tensions).where(tensions.c.state == "found", _with(ids)))
    db.execute(delete(principle_marks).where(principle_marks.c.principle_id.in_(ids)))


def _with(ids: Sequence[int]) -> ColumnElement[bool]:
    return or_(tensions.c.one.in_(ids), tensions.c.other.in_(ids))


def _texts(db: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the wordings of those principles that somebody still says."""
    found: dict[int, str] = {}
    for some in batches(ids):
        said = select(principles.c.id, principles.c.text).where(
            principles.c.id.in_(some), principles.c.sources > 0
        )
        found.update((row.id, row.text) for row in db.execute(said))
    return found


def _mark(db: Connection, stances: Mapping[int, Stance]) -> None:
    """Note what each principle is against."""
    rows = [
        {"mark": mark, "principle_id": one}
        for one, said in stances.items()
        for mark in sorted(tension.marks(said))
    ]
    if rows:
        db.execute(insert(principle_marks), rows)


def _forbidding(db: Connection, stances: Mapping[int, Stance]) -> set[Pair]:
    """Return which of these principles ask for what others are against."""
    wishing: dict[str, set[int]] = defaultdict(set)
    for one, said in stances.items():
        for name in tension.wishes(said):
            wishing[name].add(one)
    shared: dict[int, Counter[int]] = defaultdict(Counter)
    for row in _rows(db, select(principle_marks), principle_marks.c.mark, wishing):
        for one in wishing[row.mark] - {row.principle_id}:
            shared[one][row.principle_id] += 1
    return {_pair(one, other) for one, others in shared.items() for other in _most(others)}


def _asking(db: Connection, stances: Mapping[int, Stance]) -> set[Pair]:
    """Return which principles ask for what these are against, as far as can be told by their terms."""
    denied = {one: names for one, said in stances.items() if (names := tension.denied(said))}
    holders = {name: _holders(db, name) for name in sorted(frozenset().union(*denied.values()))}
    likely = {one: _likeliest(names, holders) for one, names in denied.items()}
    sizes = _sizes(db, {sense for held in likely.values() for sense in held})
    return {
        _pair(one, sizes[sense].principle_id)
        for one, held in likely.items()
        for sense, shared in held.items()
        if sense in sizes and shared >= LEAST_SHARED * sizes[sense].terms and sizes[sense].principle_id != one
    }


def _sizes(db: Connection, senses: Collection[int]) -> dict[int, Any]:
    """Return of senses their principles and how many terms they have."""
    terms = select(func.count()).where(sense_terms.c.sense_id == quotes.c.sense_id).scalar_subquery()
    found = select(
        quotes.c.sense_id, func.min(quotes.c.principle_id).label("principle_id"), terms.label("terms")
    )
    return {
        row.sense_id: row for row in _rows(db, found.group_by(quotes.c.sense_id), quotes.c.sense_id, senses)
    }


def _holders(db: Connection, name: str) -> Sequence[int]:
    """Return the senses that hold a term, the oldest ones of very many."""
    held = select(sense_terms.c.sense_id).where(sense_terms.c.term == name).order_by(sense_terms.c.sense_id)
    return db.execute(held.limit(MOST_HOLDERS)).scalars().all()


def _likeliest(names: Collection[str], holders: Mapping[str, Sequence[int]]) -> Mapping[int, int]:
    """Return the senses that hold the most of *names*, and how many each."""
    shared = Counter(sense for name in sorted(names) for sense in holders[name])
    alone = {sense for name in names for sense in holders[name] if tension.is_subject(name)}
    least = max(2, len(names) / 2)
    enough = {
        held: count for held, count in shared.items() if count >= least or len(names) == 1 or held in alone
    }
    return {held: enough[held] for held in _most(enough)}


def _most(shared: Mapping[int, int]) -> Sequence[int]:
    return sorted(shared, key=lambda held: (-shared[held], held))[:MOST_CANDIDATES]


def _rows(
    db: Connection, found: Select[Any], column: ColumnElement[Any], values: Collection[Any]
) -> Iterator[Any]:
    """Yield the rows of *found* that have one of *values* in *column*."""
    for some in batches(values):
        yield from db.execute(found.where(column.in_(some)))


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _weigh(texts: Mapping[int, str], likely: Iterable[Pair]) -> dict[Pair, float]:
    """Return which of these do pull against each other, and how surely."""
    weighed = {
        (one, other): tension.pull(stance.read(texts[one]), stance.read(texts[other]))
        for one, other in likely
        if one in texts and other in texts
    }
    return {pair: score for pair, score in weighed.items() if score >= tension.PULLS}


def _note(db: Connection, ids: Sequence[int], found: Mapping[Pair, float]) -> None:
    """Store what was found, but for the pairs that a curator has decided on."""
    decided = {
        (row.one, row.other) for row in db.execute(select(tensions.c.one, tensions.c.other).where(_with(ids)))
    }
    rows = [
        {"one": one, "other": other, "state": "found", "score": found[one, other]}
        for one, other in sorted(found.keys() - decided)
    ]
    if rows:
        db.execute(insert(tensions), rows)


def of(db: Connection, principle_id: int) -> list[View]:
    """Return what pulls against a principle: confirmed views first, dismissed ones not at all."""
    other = case((tensions.c.one == principle_id, tensions.c.other), else_=tensions.c.one)
    rows = db.execute(
        select(principles.c.id, principles.c.text, principles.c.sources, tensions.c.state)
        .join(tensions, other == principles.c.id)
        .where(_with([principle_id]), tensions.c.state != "dismissed", principles.c.sources > 0)
        # By name, "confirmed" is before "found".
        .order_by(tensions.c.state, tensions.c.score.desc(), principles.c.id)
        .limit(MOST_VIEWS)
    ).all()
    said_in = _posts(db, [row.id for row in rows])
    return [
        View(id=row.id, text=row.text, sources=row.sources, state=row.state, posts=tuple(said_in[row.id]))
        for row in rows
    ]


def _posts(db: Connection, ids: Sequence[int]) -> Mapping[int, list[PostRef]]:
    """Return a few of the posts in which principles stand, the surest quote first."""
    place = func.row_number().over(
        partition_by=quotes.c.principle_id, order_by=(quotes.c.confidence.desc(), quotes.c.id)
    )
    best = (
        select(quotes.c.principle_id, quotes.c.post_id, place.label("place"))
        .where(quotes.c.principle_id.in_(ids), quotes.c.version_id.is_(None))
        .subquery()
    )
    rows = db.execute(
        select(*ref_columns, best.c.principle_id)
        .select_from(ref_tables.join(best, best.c.post_id == posts.c.id))
        .where(best.c.place <= MOST_POSTS)
        .order_by(best.c.principle_id, best.c.place)
    )
    found: dict[int, list[PostRef]] = defaultdict(list)
    for row in rows.mappings():
        if (post := of_ref(row)) not in found[row["principle_id"]]:
            found[row["principle_id"]].append(post)
    return found


def all(db: Connection, state: State | None = None, limit: int = 50) -> list[Tension]:  # noqa: A001 - read as tensions.all
    """Return tensions, of one state or of any: the surest first."""
    one, other = principles.alias(), principles.alias()
    chosen = (
        select(tensions, one.c.text.label("first"), other.c.text.label("second"))
        .join(one, one.c.id == tensions.c.one)
        .join(other, other.c.id == tensions.c.other)
        .order_by(tensions.c.score.desc(), tensions.c.one, tensions.c.other)
        .limit(limit)
    )
    if state:
        chosen = chosen.where(tensions.c.state == state)
    return [
        Tension(one=row.one, other=row.other, texts=(row.first, row.second), state=row.state, score=row.score)
        for row in db.execute(chosen)
    ]


def confirm(db: Connection, one: int, other: int) -> None:
    """Note that a curator sees that tension; NotFound where there are no two such principles."""
    _decide(db, one, other, "confirmed")


def dismiss(db: Connection, one: int, other: int) -> None:
    """Note that a curator sees no such tension; NotFound where there are no two such principles."""
    _decide(db, one, other, "dismissed")


def _decide(db: Connection, one: int, other: int, state: State) -> None:
    pair = _pair(one, other)
    said = select(principles.c.id, principles.c.text).where(principles.c.id.in_(pair))
    texts = {row.id: row.text for row in db.execute(said)}
    if len(texts) < len(pair):
        raise NotFound(f"there are no two principles {one} and {other}")
    score = tension.pull(stance.read(texts[one]), stance.read(texts[other]))
    _put(db, pair, state, score)


def _put(db: Connection, pair: Pair, state: State, score: float) -> None:
    db.execute(delete(tensions).where(tensions.c.one == pair[0], tensions.c.other == pair[1]))
    db.execute(insert(tensions).values(one=pair[0], other=pair[1], state=state, score=score))


def follow(db: Connection, gone: int, into: int) -> None:
    """Let what was decided about a principle hold for the one that takes over its quotes, before the former goes."""
    for row in db.execute(select(tensions).where(tensions.c.state != "found", _with([gone]))).all():
        other = row.other if row.one == gone else row.one
        if other != into:
            _put(db, _pair(into, other), row.state, row.score)
