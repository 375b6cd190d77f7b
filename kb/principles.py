"""Quotes as they are kept, and the principles that they make up.

A quote joins the principle of the stored quote that says the same thing (`kb.merge`), or begins a new one.
Whatever changes about a principle's quotes, `_refresh` works out its wording, topics and support anew.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from kb import changes, merge
from kb.errors import NotFound
from kb.model import Evidence, Filing, Principle, Quote
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import posts, principle_topics, principles, quote_terms, quotes

MOST_CANDIDATES = 200  # stored quotes that one new quote is compared with, those sharing most terms first
MOST_TOPICS = 3
MOST_OF_A_POST = 60  # quotes, see ingest/extract.py
BATCH = 500  # ids named in one statement; SQLite takes 32,766 values where nobody has raised that
# A quote's main topic says more of its principle than its third.
_VOTES = (3, 2, 1)


def file(db: Connection, found: Mapping[int, Sequence[Quote]], now: datetime) -> None:
    """Make *found* the quotes of these posts (id -> quotes): those there already stay in their principles.

    Many posts at once cost less than one by one: what several of them say is worked out once.
    """
    touched = set()
    for post_id, said in found.items():
        touched |= _file(db, post_id, said, now)
    _refresh(db, touched)


def _file(db: Connection, post_id: int, found: Sequence[Quote], now: datetime) -> set[int]:
    """File the quotes of one post and return the principles that this touches."""
    there = _quotes_by_text(db, post_id)
    touched = set()
    for quote in found:
        same = there.get(quote.text)
        if same:
            quote_id, principle_id = same.pop(0)
            db.execute(update(quotes).where(quotes.c.id == quote_id).values(_values(quote)))
        else:
            principle_id = _add(db, post_id, quote, now)
        touched.add(principle_id)
    return touched | _remove(db, [pair for pairs in there.values() for pair in pairs])


def clear(db: Connection, post_ids: Iterable[int]) -> None:
    """Remove all quotes of these posts."""
    pairs = [pair for post_id in post_ids for same in _quotes_by_text(db, post_id).values() for pair in same]
    _refresh(db, _remove(db, pairs))


def _remove(db: Connection, pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Remove quotes, given with their principles, and return the principles."""
    if pairs:
        gone = delete(quotes).where(quotes.c.id == bindparam("gone"))
        db.execute(gone, [{"gone": quote_id} for quote_id, _ in pairs])
    return {principle_id for _, principle_id in pairs}


def _quotes_by_text(db: Connection, post_id: int) -> dict[str, list[tuple[int, int]]]:
    rows = db.execute(
        select(quotes.c.text, quotes.c.id, quotes.c.principle_id)
        .where(quotes.c.post_id == post_id)
        .order_by(quotes.c.start)
    )
    found = defaultdict(list)
    for text, quote_id, principle_id in rows:
        found[text].append((quote_id, principle_id))
    return found


def _values(quote: Quote) -> dict[str, Any]:
    return {
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "context": quote.context,
        "confidence": quote.confidence,
        "topics": [[filing.topic, list(filing.words)] for filing in quote.topics],
    }


def _add(db: Connection, post_id: int, quote: Quote, now: datetime) -> int:
    signature = merge.signature(quote.text)
    terms = merge.terms(signature)
    principle_id = _same(db, signature, terms)
    if principle_id is None:
        principle_id = _insert(db, principles, text=quote.text, sources=1, added_at=now)
    quote_id = _insert(db, quotes, post_id=post_id, principle_id=principle_id, **_values(quote))
    if terms:
        db.execute(insert(quote_terms), [{"term": term, "quote_id": quote_id} for term in terms])
    return principle_id


def _insert(db: Connection, table: Any, **values: Any) -> int:
    key = db.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row always has it
    return int(key[0])


def _same(db: Connection, signature: merge.Signature, terms: Sequence[str]) -> int | None:
    """Return the principle of the stored quote that says the same thing best, if any says it well enough."""
    shared = func.count().label("shared")
    likely = (
        select(quote_terms.c.quote_id, shared)
        .where(quote_terms.c.term.in_(terms))
        .group_by(quote_terms.c.quote_id)
        .order_by(shared.desc(), quote_terms.c.quote_id)
        .limit(MOST_CANDIDATES)
        .subquery()
    )
    rows = db.execute(
        select(quotes.c.principle_id, quotes.c.text)
        .join(likely, likely.c.quote_id == quotes.c.id)
        .order_by(likely.c.shared.desc(), quotes.c.id)
    )
    best, best_id = merge.SAME, None
    for principle_id, text in dict.fromkeys(map(tuple, rows)):  # the same words say the same
        similarity = merge.similarity(signature, merge.signature(text))
        if similarity > best or (best_id is None and similarity == best):
            best, best_id = similarity, principle_id
    return best_id


def _refresh(db: Connection, ids: Collection[int]) -> None:
    """Work out these principles' wording, topics and support from their quotes of now; remove empty ones."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        _refresh_some(db, ordered[start : start + BATCH])
    changes.queue(db, "principle", ids)


def _refresh_some(db: Connection, ids: Sequence[int]) -> None:
    rows = _support(db, ids)
    if rows:
        worded = update(principles).where(principles.c.id == bindparam("principle"))
        db.execute(
            worded.values(text=bindparam("wording"), sources=bindparam("publishers")),
            [_outcome(principle_id, rows[principle_id]) for principle_id in sorted(rows)],
        )
    db.execute(delete(principle_topics).where(principle_topics.c.principle_id.in_(ids)))
    topics = [row for principle_id in sorted(rows) for row in _topic_rows(principle_id, rows[principle_id])]
    if topics:
        db.execute(insert(principle_topics), topics)
    db.execute(delete(principles).where(principles.c.id.in_(set(ids) - set(rows))))


def _outcome(principle_id: int, rows: Sequence[Any]) -> dict[str, Any]:
    # Hundreds of posts may say it in the very same words.
    candidates = list(dict.fromkeys(map(_candidate, rows)))
    return {
        "principle": principle_id,
        "wording": candidates[merge.best(candidates)].text,
        "publishers": len({row.publisher for row in rows}),
    }


def _candidate(row: Any) -> merge.Candidate:
    return merge.Candidate(text=row.text, confidence=row.confidence, completeness=row.completeness)


def _support(db: Connection, ids: Collection[int]) -> Mapping[int, list[Any]]:
    told = (quotes.c.principle_id, quotes.c.text, quotes.c.confidence, quotes.c.topics)
    found = db.execute(
        select(*told, posts.c.publisher, posts.c.completeness)
        .join(posts, quotes.c.post_id == posts.c.id)
        .where(quotes.c.principle_id.in_(ids))
        .order_by(quotes.c.id)
    )
    rows = defaultdict(list)
    for row in found:
        rows[row.principle_id].append(row)
    return rows


def _topic_rows(principle_id: int, rows: Iterable[Any]) -> list[dict[str, Any]]:
    votes: Counter[str] = Counter()
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for (topic, shown_by), vote in zip(row.topics, _VOTES, strict=False):
            votes[topic] += vote
            words[topic].update(dict.fromkeys(shown_by))
    ranked = sorted(votes, key=lambda topic: (-votes[topic], topic))[:MOST_TOPICS]
    return [
        {"topic": topic, "principle_id": principle_id, "rank": rank, "words": list(words[topic])}
        for rank, topic in enumerate(ranked)
    ]


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
            evidence=tuple(sorted(evidence[wanted], key=lambda quote: quote.text != rows[wanted].text)),
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


def ids(db: Connection) -> list[int]:
    """Return the ids of all principles."""
    return list(db.execute(select(principles.c.id).order_by(principles.c.id)).scalars())


def newest(db: Connection, limit: int) -> list[Principle]:
    """Return principles of the newest quotes, one from a post."""
    rows = db.execute(
        select(quotes.c.post_id, quotes.c.principle_id)
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
        .where(principle_topics.c.topic == topic)
        .order_by(principles.c.sources.desc(), principle_topics.c.rank, principles.c.id)
        .limit(limit)
        .offset(offset)
    )
    return list(many(db, list(rows.scalars())).values())


def topic_counts(db: Connection) -> dict[str, int]:
    """Return how many principles each topic has; topics without any are left out."""
    rows = db.execute(select(principle_topics.c.topic, func.count()).group_by(principle_topics.c.topic))
    return {name: value for name, value in rows}  # noqa: C416 - typed pairs of a row
