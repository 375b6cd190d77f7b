"""The rows of quotes: what is stored of them, and who says what. To which principle each goes, `kb.principles` says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, func, insert, select, update

from kb.model import Quote
from kb.schema import posts, quotes
from kb.support import Voice

Named = TypeVar("Named", int, str)
BATCH = 500  # ids named in one statement; SQLite takes 32,766 values where nobody has raised that
_ROWS = BATCH // 9  # inserted by one statement, for a row has up to nine values

# Whose word a post is: a copy is that of the publisher of its original.
_original = posts.alias("original")
_speakers = posts.outerjoin(_original, posts.c.copy_of == _original.c.id)
_speaker = (
    func.coalesce(_original.c.publisher, posts.c.publisher).label("publisher"),
    posts.c.completeness,
    posts.c.flaw,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A quote that is there already."""

    id: int
    principle_id: int
    sense_id: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A quote to be stored, and what it says."""

    post_id: int
    quote: Quote
    sense_id: int


def batches(values: Iterable[Named], size: int = BATCH) -> Iterator[Sequence[Named]]:
    """Yield *values* in order, so many at a time as a statement may name."""
    ordered = sorted(values)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def of_posts(db: Connection, post_ids: Collection[int]) -> Mapping[int, list[Stored]]:
    """Return the quotes that stand in these posts as they are now."""
    return _where(db, post_ids, quotes.c.version_id.is_(None))


def ever_of_posts(db: Connection, post_ids: Collection[int]) -> list[Stored]:
    """Return the quotes that stand in these posts, or did so."""
    return _all(_where(db, post_ids))


def principles(db: Connection, post_ids: Collection[int]) -> set[int]:
    """Return what these posts say, and what they said before they were changed."""
    statement = select(quotes.c.principle_id).distinct()
    return {
        principle
        for some in batches(post_ids)
        for principle in db.execute(statement.where(quotes.c.post_id.in_(some))).scalars()
    }


def of_versions(db: Connection, post_id: int, version_ids: Collection[int]) -> list[Stored]:
    """Return the quotes that stand in these earlier texts of a post only."""
    return _all(_where(db, [post_id], quotes.c.version_id.in_(version_ids)))


def _where(
    db: Connection, post_ids: Collection[int], *which: ColumnElement[bool]
) -> Mapping[int, list[Stored]]:
    columns = select(quotes.c.post_id, quotes.c.id, quotes.c.principle_id, quotes.c.sense_id, quotes.c.text)
    found = defaultdict(list)
    for some in batches(post_ids):
        chosen = columns.where(quotes.c.post_id.in_(some), *which).order_by(quotes.c.start, quotes.c.id)
        for post_id, quote_id, principle_id, sense_id, text in db.execute(chosen):
            stored = Stored(id=quote_id, principle_id=principle_id, sense_id=sense_id, text=text)
            found[post_id].append(stored)
    return found


def _all(found: Mapping[int, list[Stored]]) -> list[Stored]:
    return [stored for some in found.values() for stored in some]


def voices(db: Connection, principle_ids: Collection[int], since: int = 0) -> Mapping[int, list[Voice]]:
    """Return what the quotes of principles, those of id *since* and later, have to say for them."""
    told = (quotes.c.principle_id, quotes.c.text, quotes.c.confidence, quotes.c.topics, quotes.c.version_id)
    rows = db.execute(
        select(*told, *_speaker)
        .select_from(_speakers.join(quotes, quotes.c.post_id == posts.c.id))
        .where(quotes.c.principle_id.in_(principle_ids), quotes.c.id >= since)
        .order_by(quotes.c.id)
    )
    found = defaultdict(list)
    for principle_id, text, confidence, topics, version_id, publisher, completeness, flaw in rows:
        voice = Voice(
            text=text,
            confidence=confidence,
            topics=topics,
            publisher=publisher,
            completeness=completeness,
            changed=version_id is not None,
            is_flawed=flaw is not None,
        )
        found[principle_id].append(voice)
    return found


def voices_of(db: Connection, said: Collection[Sequence[New]]) -> list[list[Voice]]:
    """Return what new quotes have to say for the principles that they begin, one after the other."""
    post_ids = {new.post_id for some in said for new in some}
    about = {}
    for some_ids in batches(post_ids):
        columns = select(posts.c.id, *_speaker).select_from(_speakers)
        about.update({row.id: row for row in db.execute(columns.where(posts.c.id.in_(some_ids)))})
    return [[_voice(new.quote, about[new.post_id]) for new in some] for some in said]


def _voice(quote: Quote, post: Any) -> Voice:
    return Voice(
        text=quote.text,
        confidence=quote.confidence,
        topics=_topics(quote),
        publisher=post.publisher,
        completeness=post.completeness,
        is_flawed=post.flaw is not None,
    )


def add(db: Connection, new: Iterable[tuple[New, int]]) -> list[int]:
    """Store quotes, each under a principle, and return their ids."""
    rows = [
        {"post_id": one.post_id, "principle_id": principle, "sense_id": one.sense_id, **_values(one.quote)}
        for one, principle in new
    ]
    return insert_all(db, quotes, rows)


def insert_all(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows with texts and return the ids that they got."""
    if not rows:
        return []
    inserted = insert(table).returning(table.c.id, table.c.text)
    found = db.execute(inserted, rows, execution_options={"insertmanyvalues_page_size": _ROWS})
    stored = sorted((row.id, row.text) for row in found)
    # Databases number the rows of a statement in their order, but do not promise it.
    assert [text for _, text in stored] == [row["text"] for row in rows]  # noqa: S101
    return [row_id for row_id, _ in stored]


def _values(quote: Quote) -> dict[str, Any]:
    return {
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "context": quote.context,
        "confidence": quote.confidence,
        "topics": _topics(quote),
    }


def _topics(quote: Quote) -> list[list[Any]]:
    return [[filing.topic, list(filing.words)] for filing in quote.topics]


def change(db: Connection, found: Iterable[tuple[Stored, Quote]]) -> None:
    """Bring stored quotes to what is known of them now."""
    rows = [{"stored": stored.id, **_values(quote)} for stored, quote in found]
    if rows:
        db.execute(update(quotes).where(quotes.c.id == bindparam("stored")), rows)


def flag(db: Connection, changed: Iterable[Stored], version_id: int) -> None:
    """Note that quotes stand in that earlier text of their post only."""
    flagged = update(quotes).where(quotes.c.id == bindparam("stored")).values(version_id=version_id)
    db.execute(flagged, [{"stored": stored.id} for stored in changed])


def remove(db: Connection, gone: Iterable[Stored]) -> None:
    """Remove quotes."""
    rows = [{"stored": stored.id} for stored in gone]
    if rows:
        db.execute(delete(quotes).where(quotes.c.id == bindparam("stored")), rows)


def all_texts(db: Connection) -> Iterator[dict[int, str]]:
    """Yield the texts of all quotes by id, so many at a time."""
    last = 0
    some = select(quotes.c.id, quotes.c.text).where(quotes.c.id > bindparam("last")).order_by(quotes.c.id)
    while found := db.execute(some.limit(10 * BATCH), {"last": last}).all():
        yield {row.id: row.text for row in found}
        last = found[-1].id


def say(db: Connection, said: Mapping[int, int]) -> None:
    """Note what quotes say: id -> sense."""
    noted = update(quotes).where(quotes.c.id == bindparam("stored")).values(sense_id=bindparam("sense"))
    db.execute(noted, [{"stored": quote_id, "sense": number} for quote_id, number in said.items()])
