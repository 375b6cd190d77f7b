"""Posts with their quotes, and what they were before their sources changed them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from kb import changes, copies, filing, fingerprint, raws
from kb import quotes as kb_quotes
from kb.errors import NotFound
from kb.model import (
    Block,
    Digest,
    Origin,
    Origins,
    Post,
    PostQuote,
    PostRef,
    Raw,
    StoredPost,
    StoredRaw,
    Totals,
    Version,
)
from kb.raws import Incoming
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import feeds, posts, quotes, versions
from kb.schema import principles as principles_table
from kb.schema import raws as raws_table
from kb.shelf import Shelf

_VALUES = 500  # in one statement; SQLite takes 32,766 where nobody has raised that
MOST_VERSIONS = 20  # of one post; some pages differ at every look, and only their newest texts matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many posts a raw source brought."""

    new: int = 0
    updated: int = 0


NOTHING = Kept()


def total(kept: Iterable[Kept]) -> Kept:
    """Return the sum of what several raw sources brought."""
    every = list(kept)
    return Kept(new=sum(one.new for one in every), updated=sum(one.updated for one in every))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A raw source with its posts, as they come in."""

    raw: Raw
    origins: Origins
    digests: Sequence[Digest]
    mark: str | None = None  # see ingest/items.py
    was: str | None = None  # the name it is kept under, if that is known
    packed: bytes | None = None  # the raw source as it is stored, where that is worked out already

    @property
    def incoming(self) -> Incoming:
        return Incoming(raw=self.raw, origins=self.origins, mark=self.mark, was=self.was, packed=self.packed)


def keep(db: Connection, raw: Raw, origins: Origins, digests: Sequence[Digest], now: datetime) -> Kept:
    """Store a raw source and its posts, or what has changed of them, with their quotes and principles."""
    (kept,) = keep_all(db, [Found(raw=raw, origins=origins, digests=digests)], now)
    return kept


def keep_all(db: Connection, found: Iterable[Found], now: datetime, shelf: Shelf | None = None) -> list[Kept]:
    """Store raw sources, each with its posts; say of each what it brought.

    That costs less than one by one, and less again if a run gives one shelf to all its calls.

    A post whose source has changed it keeps its earlier text too, and of the quotes in there those that are
    gone from the new text, flagged.
    """
    every = list(found)
    kept = raws.keep(db, [one.incoming for one in every])
    return _keep_posts(
        db,
        [
            (raw_id, () if is_new else _there(db, raw_id), one.digests)
            for (raw_id, is_new), one in zip(kept, every, strict=True)
        ],
        now,
        edited=True,
        shelf=shelf,
    )


def redo(
    db: Connection, stored: StoredRaw, digests: Sequence[Digest], now: datetime, *, edited: bool = False
) -> Kept:
    """Store what a new digest of a raw source has given, unless that has changed or gone meanwhile.

    *edited* tells that it is the source that has changed, and not our way of reading it.
    """
    of_now = db.execute(select(raws_table.c.hash).where(raws_table.c.id == stored.id)).scalar()
    if of_now != raws.hash_of(stored.raw):
        return NOTHING
    (kept,) = _keep_posts(db, [(stored.id, _there(db, stored.id), digests)], now, edited=edited)
    return kept


def _keep_posts(
    db: Connection,
    found: Iterable[tuple[int, Sequence[Row[Any]], Sequence[Digest]]],
    now: datetime,
    *,
    edited: bool,
    shelf: Shelf | None = None,
) -> list[Kept]:
    """Store the posts of raw sources, given by id with the posts that are there already."""
    new: list[tuple[int, Digest]] = []
    kept: list[Kept] = []
    gone: list[int] = []
    altered: list[int] = []
    quoted, known = {}, {}
    for raw_id, rows, digests in found:
        before, updated = len(new), 0
        there = {row.key: row for row in rows}
        for digest in digests:
            row = there.pop(digest.post.key, None) or _renamed(there, digests)
            if row is None:
                new.append((raw_id, digest))
                continue
            if _update(db, row, digest, now, shelf, edited=edited):
                updated += 1
                altered.append(row.id)
            quoted[row.id], known[row.id] = digest.quotes, digest.shingles
        gone.extend(row.id for row in there.values())
        kept.append(Kept(new=len(new) - before, updated=updated))
    added = _insert(db, new, now)
    for post_id, (_, digest) in zip(added, new, strict=True):
        quoted[post_id], known[post_id] = digest.quotes, digest.shingles
    linked = copies.note(db, [*altered, *added], {one: made for one, made in known.items() if made})
    changes.queue(db, "post", quoted)
    changes.queue(db, "principle", kb_quotes.principles(db, altered))  # their title and date may have changed
    filing.file(db, quoted, now, shelf)
    filing.weigh(db, linked - quoted.keys(), shelf)
    _remove_posts(db, gone, shelf)
    return kept


def _there(db: Connection, raw_id: int) -> Sequence[Row[Any]]:
    return db.execute(select(posts).where(posts.c.raw_id == raw_id)).all()


def _renamed(there: dict[str, Row[Any]], digests: Sequence[Digest]) -> Row[Any] | None:
    """Return the post that an only one must be, though its source names it anew."""
    return there.popitem()[1] if len(there) == len(digests) == 1 else None


def _insert(db: Connection, new: Sequence[tuple[int, Digest]], now: datetime) -> Sequence[int]:
    """Store new posts with the ids of their raw sources; return their own."""
    if not new:
        return ()
    rows = [{"raw_id": raw_id, "added_at": now, **_values(digest.post)} for raw_id, digest in new]
    made = insert(posts).returning(posts.c.raw_id, posts.c.key, posts.c.id)
    paged = {"insertmanyvalues_page_size": _VALUES // len(rows[0])}
    ids = {(raw_id, key): post_id for raw_id, key, post_id in db.execute(made, rows, execution_options=paged)}
    return [ids[raw_id, digest.post.key] for raw_id, digest in new]


def _update(
    db: Connection, row: Row[Any], digest: Digest, now: datetime, shelf: Shelf | None, *, edited: bool
) -> bool:
    """Bring a stored post to what its source says now; say whether anything but its name has changed."""
    values = _values(digest.post)
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    # A text that was cut off and has become whole is no other text.
    if (
        edited
        and row.completeness == digest.post.completeness
        and fingerprint.letters(row.text) != fingerprint.letters(digest.post.text)
    ):
        _keep_version(db, row, digest, now, shelf)
    db.execute(update(posts).where(posts.c.id == row.id).values(values))
    return any(
        getattr(row, name) != value for name, value in values.items() if name not in {"key", "fingerprint"}
    )


def _keep_version(db: Connection, row: Row[Any], digest: Digest, now: datetime, shelf: Shelf | None) -> None:
    """Keep a post's text of until now, and flag the quotes that are in there but not in the new one."""
    earlier = insert(versions).values(post_id=row.id, title=row.title, text=row.text, replaced_at=now)
    key = db.execute(earlier).inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row always has it
    said = db.execute(
        select(quotes.c.text).where(quotes.c.post_id == row.id, quotes.c.version_id.is_(None))
    ).scalars()
    gone = [text for text in said if text not in digest.post.text]
    filing.outdate(db, row.id, gone, int(key[0]), shelf)
    too_many = select(versions.c.id).where(versions.c.post_id == row.id).order_by(versions.c.id.desc())
    filing.forget(db, row.id, list(db.execute(too_many.offset(MOST_VERSIONS)).scalars()), shelf)


def _values(post: Post) -> dict[str, Any]:
    return {
        "key": post.key,
        "publisher": post.publisher,
        "title": post.title,
        "url": post.url,
        "author": post.author,
        "published": post.published,
        "completeness": post.completeness,
        "text": post.text,
        "blocks": [[b.kind, b.start, b.end, b.level, [list(span) for span in b.strong]] for b in post.blocks],
        "tags": list(post.tags),
        "fingerprint": fingerprint.of_post(post.text),
        "date_note": post.date_note,
        "flaw": post.flaw,
    }


def _remove_posts(db: Connection, ids: Sequence[int], shelf: Shelf | None = None) -> None:
    if not ids:
        return
    freed = copies.release(db, ids).difference(ids)
    filing.clear(db, ids, shelf)
    changes.queue(db, "post", ids)
    db.execute(delete(posts).where(posts.c.id == bindparam("gone")), [{"gone": post_id} for post_id in ids])
    filing.weigh(db, freed | copies.note(db, freed), shelf)


def remove_origin(db: Connection, origin: Origin) -> int:
    """Remove all posts of an origin with their raw sources; return how many posts went."""
    doomed = db.execute(
        select(posts.c.id)
        .join(raws_table, posts.c.raw_id == raws_table.c.id)
        .where(raws_table.c.origin == origin)
    )
    ids = list(doomed.scalars())
    _remove_posts(db, ids)
    raws.remove_origin(db, origin)
    return len(ids)


def requeue(db: Connection, feed_id: int) -> None:
    """Let the index take over all posts of a feed again, with their principles."""
    theirs = (
        select(posts.c.id)
        .join(raws_table, posts.c.raw_id == raws_table.c.id)
        .where(raws_table.c.feed_id == feed_id)
    )
    changes.queue(db, "post", db.execute(theirs).scalars())
    said = select(quotes.c.principle_id).where(quotes.c.post_id.in_(theirs)).distinct()
    changes.queue(db, "principle", db.execute(said).scalars())


def get(db: Connection, post_id: int) -> StoredPost:
    """Return one post with its quotes; NotFound when there is none of that id."""
    found = many(db, [post_id])
    if not found:
        raise NotFound(f"there is no post {post_id}")
    return found[0]


def many(db: Connection, ids: Sequence[int]) -> list[StoredPost]:
    """Return the posts of these ids, by id; ids of none are left out. Five statements, however many."""
    told = (posts.c.text, posts.c.blocks, posts.c.tags, posts.c.date_note)
    full = select(*ref_columns, *told).select_from(ref_tables)
    rows = db.execute(full.where(posts.c.id.in_(ids)).order_by(posts.c.id)).mappings().all()
    found, earlier = _quotes(db, ids), _versions(db, ids)
    originals, copied = copies.originals(db, ids), copies.of_posts(db, ids)
    return [
        StoredPost(
            ref=of_ref(row),
            text=row["text"],
            blocks=tuple(_block(*values) for values in row["blocks"]),
            tags=tuple(row["tags"]),
            quotes=tuple(found[row["id"]]),
            date_note=row["date_note"],
            versions=tuple(earlier[row["id"]]),
            original=originals.get(row["id"]),
            copies=tuple(copied.get(row["id"], ())),
        )
        for row in rows
    ]


def _block(kind: Any, start: int, end: int, level: int, strong: list[list[int]]) -> Block:
    return Block(kind=kind, start=start, end=end, level=level, strong=tuple((a, b) for a, b in strong))


def _quotes(db: Connection, ids: Sequence[int]) -> Mapping[int, list[PostQuote]]:
    rows = db.execute(
        select(*quotes.c, principles_table.c.sources)
        .join(principles_table, quotes.c.principle_id == principles_table.c.id)
        .where(quotes.c.post_id.in_(ids), quotes.c.version_id.is_(None))
        .order_by(quotes.c.start)
    )
    found = defaultdict(list)
    for row in rows:
        quote = PostQuote(
            text=row.text,
            start=row.start,
            end=row.end,
            topics=tuple(topic for topic, _ in row.topics),
            principle=row.principle_id,
            sources=row.sources,
        )
        found[row.post_id].append(quote)
    return found


def _versions(db: Connection, ids: Sequence[int]) -> Mapping[int, list[Version]]:
    rows = db.execute(select(versions).where(versions.c.post_id.in_(ids)).order_by(versions.c.id.desc()))
    found = defaultdict(list)
    for row in rows:
        found[row.post_id].append(Version(title=row.title, text=row.text, replaced_at=row.replaced_at))
    return found


def ids(db: Connection) -> list[int]:
    """Return the ids of all posts."""
    return list(db.execute(select(posts.c.id).order_by(posts.c.id)).scalars())


def refs(db: Connection, ids: Sequence[int]) -> dict[int, PostRef]:
    """Return the posts of these ids, in short; ids of no post are left out."""
    rows = _refs(db, select(*ref_columns).select_from(ref_tables).where(posts.c.id.in_(ids)))
    return {ref.id: ref for ref in rows}


def of_feed(db: Connection, feed_id: int, limit: int) -> list[PostRef]:
    """Return a feed's posts, newest first."""
    newest_first = (func.coalesce(posts.c.published, posts.c.added_at).desc(), posts.c.id.desc())
    return _refs(
        db,
        select(*ref_columns)
        .select_from(ref_tables)
        .where(raws_table.c.feed_id == feed_id)
        .order_by(*newest_first)
        .limit(limit),
    )


def _refs(db: Connection, statement: Select[Any]) -> list[PostRef]:
    return [of_ref(row) for row in db.execute(statement).mappings()]


def texts(db: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the texts of these posts, which passages are cut from; blocks and quotes would cost ten times as much."""
    rows = db.execute(select(posts.c.id, posts.c.text).where(posts.c.id.in_(ids)))
    return {post_id: text for post_id, text in rows}  # noqa: C416 - typed pairs of a row


def names(db: Connection, sources: Sequence[str]) -> dict[str, str]:
    """Return the titles of the feeds among these sources, and of the others their publisher, where it is one."""
    title, publisher = func.max(feeds.c.title), func.min(posts.c.publisher)
    is_one = (publisher == func.max(posts.c.publisher)) & (publisher != raws_table.c.source)
    rows = db.execute(
        select(raws_table.c.source, func.coalesce(title, publisher))
        .select_from(ref_tables)
        .where(raws_table.c.source.in_(sources))
        .group_by(raws_table.c.source)
        .having(title.is_not(None) | is_one)
    )
    return {source: name for source, name in rows}  # noqa: C416 - typed pairs of a row


def totals(db: Connection) -> Totals:
    """Count what the knowledge base holds."""
    starter = (
        select(func.count())
        .select_from(posts.join(raws_table, posts.c.raw_id == raws_table.c.id))
        .where(raws_table.c.origin == "starter")
    )
    row = db.execute(
        select(
            select(func.count()).select_from(posts).scalar_subquery().label("posts"),
            select(func.count()).select_from(principles_table).scalar_subquery().label("principles"),
            select(func.count()).select_from(quotes).scalar_subquery().label("quotes"),
            select(func.count(posts.c.publisher.distinct())).scalar_subquery().label("sources"),
            select(func.count()).select_from(feeds).scalar_subquery().label("feeds"),
            starter.scalar_subquery().label("starter"),
        )
    ).mappings()
    return Totals(**row.one())
