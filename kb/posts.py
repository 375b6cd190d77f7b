"""Posts and the raw source that they were made of."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from kb import changes, principles
from kb.errors import NotFound
from kb.model import Block, Digest, Origin, Post, PostQuote, PostRef, Raw, StoredPost, Totals
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import feeds, posts, quotes, raws
from kb.schema import principles as principles_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where a raw source came from."""

    source: str  # the feed's address, or the path or address given to `add`
    origin: Origin
    feed_id: int | None = None


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
class StoredRaw:
    id: int
    raw: Raw
    origins: Origins


def hash_of(raw: Raw) -> str:
    """Return what tells one version of a raw source from another."""
    return hashlib.sha256(raw.body).hexdigest()


def known(db: Connection, source: str) -> dict[str, str]:
    """Return the hashes of the raw sources kept of *source*, by name."""
    rows = db.execute(select(raws.c.name, raws.c.hash).where(raws.c.source == source))
    return {name: value for name, value in rows}  # noqa: C416 - typed pairs of a row


def has_document(db: Connection, raw: Raw) -> bool:
    """Say whether a document of the very same content is kept already, whatever its name."""
    same = select(raws.c.id).where(raws.c.kind == "document", raws.c.hash == hash_of(raw))
    return db.execute(same.limit(1)).first() is not None


def keep(db: Connection, raw: Raw, origins: Origins, digests: Sequence[Digest], now: datetime) -> Kept:
    """Store a raw source and its posts, or what has changed of them, with their quotes and principles."""
    return keep_all(db, [(raw, digests)], origins, now)


def keep_all(
    db: Connection, found: Iterable[tuple[Raw, Sequence[Digest]]], origins: Origins, now: datetime
) -> Kept:
    """Store raw sources of one origin, each with its posts; that costs less than one by one."""
    return _keep_posts(db, [(_keep_raw(db, raw, origins), digests) for raw, digests in found], now)


def redo(db: Connection, stored: StoredRaw, digests: Sequence[Digest], now: datetime) -> Kept:
    """Store what a new digest of a raw source has given, unless that has changed or gone meanwhile."""
    of_now = db.execute(select(raws.c.hash).where(raws.c.id == stored.id)).scalar()
    if of_now != hash_of(stored.raw):
        return NOTHING
    return _keep_posts(db, [(stored.id, digests)], now)


def _keep_raw(db: Connection, raw: Raw, origins: Origins) -> int:
    values = {
        "kind": raw.kind,
        "source": origins.source,
        "origin": origins.origin,
        "feed_id": origins.feed_id,
        "hash": hash_of(raw),
        "body": zlib.compress(raw.body),
    }
    there = select(raws.c.id).where(raws.c.name == raw.name, raws.c.kind == raw.kind)
    if raw.kind == "entry":  # the same document may be named by several paths, an entry belongs to its feed
        there = there.where(raws.c.source == origins.source)
    raw_id = db.execute(there).scalar()
    if raw_id is None:
        return _id(db.execute(insert(raws).values(name=raw.name, **values)).inserted_primary_key)
    db.execute(update(raws).where(raws.c.id == raw_id).values(values))
    return int(raw_id)


def _id(key: Row[Any] | None) -> int:
    assert key is not None  # noqa: S101 - an insert of one row always has it
    return int(key[0])


def _keep_posts(db: Connection, found: Iterable[tuple[int, Sequence[Digest]]], now: datetime) -> Kept:
    """Store the posts of raw sources, given by id."""
    new: list[int] = []
    updated: list[int] = []
    gone: list[int] = []
    quoted = {}
    for raw_id, digests in found:
        there = _posts_by_key(db, raw_id)
        for digest in digests:
            post_id = there.pop(digest.post.key, None)
            if post_id is None:
                row = insert(posts).values(raw_id=raw_id, added_at=now, **_values(digest.post))
                post_id = _id(db.execute(row).inserted_primary_key)
                new.append(post_id)
            else:
                db.execute(update(posts).where(posts.c.id == post_id).values(_values(digest.post)))
                updated.append(post_id)
            quoted[post_id] = digest.quotes
        gone.extend(there.values())
    changes.queue(db, "post", quoted)
    principles.file(db, quoted, now)
    _remove_posts(db, gone)
    return Kept(new=len(new), updated=len(updated))


def _posts_by_key(db: Connection, raw_id: int) -> dict[str, int]:
    rows = db.execute(select(posts.c.key, posts.c.id).where(posts.c.raw_id == raw_id))
    return {key: post_id for key, post_id in rows}  # noqa: C416 - typed pairs of a row


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
    }


def _remove_posts(db: Connection, ids: Sequence[int]) -> None:
    if not ids:
        return
    principles.clear(db, ids)
    changes.queue(db, "post", ids)
    db.execute(delete(posts).where(posts.c.id == bindparam("gone")), [{"gone": post_id} for post_id in ids])


def remove_origin(db: Connection, origin: Origin) -> int:
    """Remove all posts of an origin with their raw sources; return how many posts went."""
    doomed = db.execute(
        select(posts.c.id).join(raws, posts.c.raw_id == raws.c.id).where(raws.c.origin == origin)
    )
    ids = list(doomed.scalars())
    _remove_posts(db, ids)
    db.execute(delete(raws).where(raws.c.origin == origin))
    return len(ids)


def raw_ids(db: Connection) -> list[int]:
    """Return the ids of all raw sources, oldest first."""
    return list(db.execute(select(raws.c.id).order_by(raws.c.id)).scalars())


def raw(db: Connection, raw_id: int) -> StoredRaw:
    """Return a raw source as it was kept; NotFound when there is none of that id."""
    row = db.execute(select(raws).where(raws.c.id == raw_id)).first()
    if row is None:
        raise NotFound(f"there is no raw source {raw_id}")
    return StoredRaw(
        id=row.id,
        raw=Raw(kind=row.kind, name=row.name, body=zlib.decompress(row.body)),
        origins=Origins(source=row.source, origin=row.origin, feed_id=row.feed_id),
    )


def get(db: Connection, post_id: int) -> StoredPost:
    """Return one post with its quotes; NotFound when there is none of that id."""
    found = many(db, [post_id])
    if not found:
        raise NotFound(f"there is no post {post_id}")
    return found[0]


def many(db: Connection, ids: Sequence[int]) -> list[StoredPost]:
    """Return the posts of these ids, by id; ids of none are left out. Two statements, however many."""
    full = select(*ref_columns, posts.c.text, posts.c.blocks, posts.c.tags).select_from(ref_tables)
    rows = db.execute(full.where(posts.c.id.in_(ids)).order_by(posts.c.id)).mappings().all()
    found = _quotes(db, ids)
    return [
        StoredPost(
            ref=of_ref(row),
            text=row["text"],
            blocks=tuple(_block(*values) for values in row["blocks"]),
            tags=tuple(row["tags"]),
            quotes=tuple(found[row["id"]]),
        )
        for row in rows
    ]


def _block(kind: Any, start: int, end: int, level: int, strong: list[list[int]]) -> Block:
    return Block(kind=kind, start=start, end=end, level=level, strong=tuple((a, b) for a, b in strong))


def _quotes(db: Connection, ids: Sequence[int]) -> Mapping[int, list[PostQuote]]:
    rows = db.execute(
        select(*quotes.c, principles_table.c.sources)
        .join(principles_table, quotes.c.principle_id == principles_table.c.id)
        .where(quotes.c.post_id.in_(ids))
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
        .where(raws.c.feed_id == feed_id)
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
    is_one = (publisher == func.max(posts.c.publisher)) & (publisher != raws.c.source)
    rows = db.execute(
        select(raws.c.source, func.coalesce(title, publisher))
        .select_from(ref_tables)
        .where(raws.c.source.in_(sources))
        .group_by(raws.c.source)
        .having(title.is_not(None) | is_one)
    )
    return {source: name for source, name in rows}  # noqa: C416 - typed pairs of a row


def totals(db: Connection) -> Totals:
    """Count what the knowledge base holds."""
    starter = (
        select(func.count())
        .select_from(posts.join(raws, posts.c.raw_id == raws.c.id))
        .where(raws.c.origin == "starter")
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
