"""Principles, as they are read: each with its evidence. How quotes become principles, `kb.filing` says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from kb.errors import NotFound
from kb.model import Evidence, Filing, Principle
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import posts, principle_topics, principles, quotes

MOST_OF_A_POST = 60  # quotes, see ingest/extract.py


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


def texts(db: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the wordings of these principles, without ids of none."""
    rows = db.execute(select(principles.c.id, principles.c.text).where(principles.c.id.in_(ids)))
    return {row.id: row.text for row in rows}


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
