"""Principles: what they are made up of, and what is read of them.

A quote joins the principle of the stored quote that says the same thing (`kb.shelf`), or begins a new one. Whatever
changes about a principle's quotes, `_refresh` works out its wording, topics and support anew (`kb.support`). Quotes
of an earlier text of their post remain, flagged: they neither count as support nor, while there are others, word it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from kb import changes, support
from kb import quotes as kb_quotes
from kb.errors import NotFound
from kb.model import Evidence, Filing, Principle, Quote
from kb.quotes import New, Stored
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import posts, principle_topics, principles, quotes, versions
from kb.shelf import Shelf
from kb.sought import Sought
from kb.support import Support

MOST_OF_A_POST = 60  # quotes, see ingest/extract.py
MANY = 8  # quotes of a principle whose sum a shelf keeps; to add up fewer anew is as cheap


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to become of the quotes of one post."""

    post_id: int
    new: Sequence[Quote]
    kept: Sequence[tuple[Stored, Quote]]
    gone: Sequence[Stored]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A new quote with the id that it should get, and whether it begins its principle."""

    id: int
    begins: bool
    new: New


def file(
    db: Connection, found: Mapping[int, Sequence[Quote]], now: datetime, shelf: Shelf | None = None
) -> None:
    """Make *found* the quotes of these posts (id -> quotes): those there already stay in their principles.

    Many posts at once cost less than one by one, and less again if a run gives one shelf to all its calls.
    """
    shelf = shelf or Shelf()
    shelf.open(db)
    there = kb_quotes.of_posts(db, found)
    plans = [_plan(post_id, said, there[post_id]) for post_id, said in found.items()]
    placed = _place(db, shelf, plans)
    begun = _begin(db, placed, now)
    stored = _insert(db, placed, begun)
    kept = [pair for plan in plans for pair in plan.kept]
    gone = [one for plan in plans for one in plan.gone]
    kb_quotes.change(db, kept)
    kb_quotes.remove(db, gone)
    changed = {one.principle_id for one, _ in kept} | {one.principle_id for one in gone}
    grown = {principle_id for _, principle_id in stored}.difference(begun.values())
    _refresh(db, shelf, changed, grown, since=min((quote_id for quote_id, _ in stored), default=0))
    shelf.close(db, holds=stored == [(one.id, one.new.principle_id) for one in placed])


def _plan(post_id: int, said: Sequence[Quote], there: Iterable[Stored]) -> _Plan:
    by_text = defaultdict(list)
    for stored in there:
        by_text[stored.text].append(stored)
    new, kept = [], []
    for quote in said:
        if same := by_text[quote.text]:
            kept.append((same.pop(0), quote))
        else:
            new.append(quote)
    return _Plan(post_id=post_id, new=new, kept=kept, gone=[one for left in by_text.values() for one in left])


def _place(db: Connection, shelf: Shelf, plans: Sequence[_Plan]) -> list[_Placed]:
    """Find a principle for every new quote, one after the other: the next one may say the same."""
    sought = shelf.seek(db, {quote.text: None for plan in plans for quote in plan.new})
    placed = []
    for plan in plans:
        placed += [_place_one(shelf, plan.post_id, quote, sought[quote.text]) for quote in plan.new]
        for stored in plan.gone:
            shelf.remove(stored.id, stored.principle_id, stored.text)
    return placed


def _place_one(shelf: Shelf, post_id: int, quote: Quote, sought: Sought) -> _Placed:
    same = shelf.same(quote.text, sought)
    quote_id = shelf.newest_quote + 1
    principle_id = shelf.newest_principle + 1 if same is None else same
    shelf.add(quote_id, principle_id, quote.text, sought)
    new = New(post_id=post_id, principle_id=principle_id, quote=quote, terms=sought.terms)
    return _Placed(id=quote_id, begins=same is None, new=new)


def _begin(db: Connection, placed: Sequence[_Placed], now: datetime) -> dict[int, int]:
    """Store the principles that new quotes begin; return the ids that they got, by those that they should get."""
    said: dict[int, list[New]] = {one.new.principle_id: [] for one in placed if one.begins}
    for one in placed:
        if one.new.principle_id in said:
            said[one.new.principle_id].append(one.new)
    made = [support.of(voices) for voices in kb_quotes.voices_of(db, said.values())]
    rows = [{"text": one.wording, "sources": len(one.publishers), "added_at": now} for one in made]
    ids = kb_quotes.insert_all(db, principles, rows)
    _file_under_topics(db, dict(zip(ids, made, strict=True)))
    changes.queue(db, "principle", ids)
    return dict(zip(said, ids, strict=True))


def _insert(db: Connection, placed: Sequence[_Placed], begun: Mapping[int, int]) -> list[tuple[int, int]]:
    """Store new quotes; return the ids that quotes and principles got."""
    stored = [
        replace(one.new, principle_id=begun.get(one.new.principle_id, one.new.principle_id)) for one in placed
    ]
    principle_ids = [new.principle_id for new in stored]
    return list(zip(kb_quotes.add(db, stored), principle_ids, strict=True))


def clear(db: Connection, post_ids: Collection[int], shelf: Shelf | None = None) -> None:
    """Remove all quotes of these posts."""
    _remove(db, kb_quotes.ever_of_posts(db, post_ids), shelf)


def forget(db: Connection, post_id: int, version_ids: Collection[int], shelf: Shelf | None = None) -> None:
    """Remove these earlier texts of a post, with the quotes that stand in them only."""
    if version_ids:
        _remove(db, kb_quotes.of_versions(db, post_id, version_ids), shelf)
        db.execute(delete(versions).where(versions.c.id.in_(version_ids)))


def _remove(db: Connection, gone: Sequence[Stored], shelf: Shelf | None) -> None:
    if gone:
        shelf = shelf or Shelf()
        shelf.open(db)
        for stored in gone:
            shelf.remove(stored.id, stored.principle_id, stored.text)
        kb_quotes.remove(db, gone)
        _refresh(db, shelf, {stored.principle_id for stored in gone})
        shelf.close(db, holds=True)


def outdate(
    db: Connection, post_id: int, texts: Collection[str], version_id: int, shelf: Shelf | None = None
) -> None:
    """Flag those of a post's quotes that have one of *texts*: they stand in that earlier text of it only."""
    changed = [one for one in kb_quotes.of_posts(db, [post_id])[post_id] if one.text in texts]
    if changed:
        shelf = shelf or Shelf()
        shelf.open(db)
        kb_quotes.flag(db, changed, version_id)
        _refresh(db, shelf, {one.principle_id for one in changed})
        shelf.close(db, holds=True)


def _refresh(
    db: Connection, shelf: Shelf, changed: Collection[int], grown: Collection[int] = (), since: int = 0
) -> None:
    """Work out principles' wording, topics and support from their quotes of now; remove empty ones.

    Those that have but *grown* got quotes of id *since* or later and lost none.
    """
    for principle_id in changed:
        shelf.supports.pop(principle_id, None)
    touched = {*changed, *grown}
    for some in kb_quotes.batches(touched):
        _write(db, some, _supports(db, shelf, some, since))
    changes.queue(db, "principle", touched)


def _supports(db: Connection, shelf: Shelf, ids: Sequence[int], since: int) -> dict[int, Support]:
    """Add up the quotes of principles; of those whose sum is on the shelf, the new ones only."""
    found = {one: shelf.supports[one] for one in ids if one in shelf.supports}
    if found:
        for one, voices in kb_quotes.voices(db, list(found), since).items():
            for voice in voices:
                found[one].add(voice)
    for one, voices in kb_quotes.voices(db, [one for one in ids if one not in found]).items():
        found[one] = support.of(voices)
        if len(voices) >= MANY and not any(voice.changed for voice in voices):
            shelf.supports[one] = found[one]
    return found


def _write(db: Connection, ids: Sequence[int], found: Mapping[int, Support]) -> None:
    """Bring principles to what their quotes come to; those with none go."""
    worded = update(principles).where(principles.c.id == bindparam("principle"))
    rows = [
        {"principle": one, "wording": found[one].wording, "publishers": len(found[one].publishers)}
        for one in sorted(found)
    ]
    if rows:
        db.execute(worded.values(text=bindparam("wording"), sources=bindparam("publishers")), rows)
    db.execute(delete(principle_topics).where(principle_topics.c.principle_id.in_(ids)))
    _file_under_topics(db, found)
    if empty := set(ids) - found.keys():
        db.execute(delete(principles).where(principles.c.id.in_(empty)))


def _file_under_topics(db: Connection, found: Mapping[int, Support]) -> None:
    rows = [
        {"topic": filing.topic, "principle_id": one, "rank": rank, "words": list(filing.words)}
        for one in sorted(found)
        for rank, filing in enumerate(found[one].topics)
    ]
    if rows:
        db.execute(insert(principle_topics), rows)


def get(db: Connection, principle_id: int) -> Principle:
    """Return one principle with its evidence; NotFound when there is none of that id."""
    found = many(db, [principle_id])
    if not found:
        raise NotFound(f"there is no principle {principle_id}")
    return found[principle_id]


def many(db: Connection, ids: Sequence[int]) -> dict[int, Principle]:
    """Return the principles of these ids, in that order, without ids of none. Three statements, however many."""
    rows = {row.id: row for row in db.execute(select(principles).where(principles.c.id.in_(ids)))}
    evidence, topics = _evidence(db, ids), _topics(db, ids)
    return {
        wanted: Principle(
            id=wanted,
            text=rows[wanted].text,
            topics=tuple(topics[wanted]),
            sources=rows[wanted].sources,
            evidence=tuple(
                sorted(evidence[wanted], key=lambda said: (said.changed, said.text != rows[wanted].text))
            ),
            added_at=rows[wanted].added_at,
        )
        for wanted in ids
        if wanted in rows
    }


def _evidence(db: Connection, ids: Sequence[int]) -> Mapping[int, list[Evidence]]:
    columns = [column.label(f"quote_{column.name}") for column in quotes.c if column.name != "topics"]
    rows = db.execute(
        select(*ref_columns, *columns)
        .select_from(ref_tables.join(quotes, quotes.c.post_id == posts.c.id))
        .where(quotes.c.principle_id.in_(ids))
        .order_by(quotes.c.confidence.desc(), quotes.c.id)
    )
    found = defaultdict(list)
    for row in rows.mappings():
        quote = Evidence(
            id=row["quote_id"],
            text=row["quote_text"],
            start=row["quote_start"],
            end=row["quote_end"],
            context=row["quote_context"],
            post=of_ref(row),
            changed=row["quote_version_id"] is not None,
        )
        found[row["quote_principle_id"]].append(quote)
    return found


def _topics(db: Connection, ids: Sequence[int]) -> Mapping[int, list[Filing]]:
    rows = db.execute(
        select(principle_topics)
        .where(principle_topics.c.principle_id.in_(ids))
        .order_by(principle_topics.c.rank)
    )
    found = defaultdict(list)
    for row in rows:
        found[row.principle_id].append(Filing(topic=row.topic, words=tuple(row.words)))
    return found


def counts(db: Connection) -> tuple[int, int]:
    """Return how many quotes and how many principles there are."""
    said, made = (select(func.count()).select_from(table).scalar_subquery() for table in (quotes, principles))
    row = db.execute(select(said, made)).one()
    return row[0], row[1]


def ids(db: Connection) -> list[int]:
    """Return the ids of all principles."""
    return list(db.execute(select(principles.c.id).order_by(principles.c.id)).scalars())


def newest(db: Connection, limit: int) -> list[Principle]:
    """Return principles of the newest quotes, one from a post."""
    rows = db.execute(
        select(quotes.c.post_id, quotes.c.principle_id)
        .where(quotes.c.version_id.is_(None))
        .order_by(quotes.c.id.desc())
        .limit(MOST_OF_A_POST * limit)
    )
    by_post = {row.post_id: row.principle_id for row in rows}
    return list(many(db, list(dict.fromkeys(by_post.values()))[:limit]).values())


def by_topic(db: Connection, topic: str, limit: int, offset: int = 0) -> list[Principle]:
    """Return a topic's principles: the best supported first, and those mainly about it before the others."""
    rows = db.execute(
        select(principles.c.id)
        .join(principle_topics, principle_topics.c.principle_id == principles.c.id)
        .where(principle_topics.c.topic == topic, principles.c.sources > 0)
        .order_by(principles.c.sources.desc(), principle_topics.c.rank, principles.c.id)
        .limit(limit)
        .offset(offset)
    )
    return list(many(db, list(rows.scalars())).values())


def topic_counts(db: Connection) -> dict[str, int]:
    """Return how many principles each topic has; topics without any are left out."""
    rows = db.execute(
        select(principle_topics.c.topic, func.count())
        .join(principles, principles.c.id == principle_topics.c.principle_id)
        .where(principles.c.sources > 0)
        .group_by(principle_topics.c.topic)
    )
    return {name: value for name, value in rows}  # noqa: C416 - typed pairs of a row
