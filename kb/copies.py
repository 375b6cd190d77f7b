"""Posts that republish another one, across all feeds: a moved address, a second version, another publisher's copy.

A few shingles of a text, chosen by their hashes and so alike in every copy, are its bands (`post_bands`). Posts with
bands in common are compared. Those that are copies of each other, or of the same one, are a group: its original is the
one published first, whichever came in first, and all others have its id in `copy_of`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from kb import facts, shingles
from kb.model import PostRef
from kb.quotes import BATCH, batches
from kb.rows import of_ref, ref_columns, ref_tables
from kb.schema import post_bands, posts
from kb.shingles import Shingles

MOST_HOLDERS = 50  # posts of a band; what more of them share is no telling part, and later ones find these
# Bands that two copies have in common at least. Of 2,285 posts of 38 blogs 956 share one with a post that is no copy,
# 358 more than one, for what stands under all posts of a blog; of 71 pairs of true copies 62 share six and more.
LEAST_SHARED = 3
LEAST_OF_CUT = 2  # where one is but the beginning of a text
MOST_COMPARED = 5  # posts that a new one is compared with, those with the most bands in common
MOST_AGAIN = (
    500  # posts of groups that are compared again when one of them changes; the rest go with the original
)
MOST_SHOWN = 20  # copies of a post
CHUNK = 50  # posts at a time; a text may have megabytes
# Raise it when bands are made in another way: those of all stored posts are then made anew, once.
BANDS = "1"
_BANDS = "post bands"  # name of the fact

# The original of a group is its first in this order. What a machine has reworded is nobody's original, and a post
# without a date is not younger than the moment it came in.
_ORDER = (posts.c.flaw.is_not(None), func.coalesce(posts.c.published, posts.c.added_at), posts.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A post, as far as it can be a copy or have some."""

    id: int
    shingles: Shingles
    is_cut: bool
    is_spun: bool
    order: tuple[bool, datetime, int]


def note(
    db: Connection, post_ids: Collection[int], known: Mapping[int, Shingles] = MappingProxyType({})
) -> set[int]:
    """Find what new or changed posts republish; return all posts whose original may be another one now.

    The shingles of posts need not be made again where they are *known*.
    """
    if facts.get(db, _BANDS) != BANDS:
        facts.put(db, _BANDS, BANDS)
        post_ids = db.execute(select(posts.c.id)).scalars().all()
    changed = release(db, post_ids)
    for some in batches({*post_ids, *changed}, CHUNK):
        changed |= _note(db, some, known)
    return changed


def release(db: Connection, post_ids: Collection[int]) -> set[int]:
    """Dissolve the groups of posts that change or go; return whom they held together, to be noted again."""
    freed: set[int] = set()
    for some in batches(post_ids, BATCH // 2):  # for they are named twice
        touched = posts.c.copy_of.in_(some) | (posts.c.id.in_(some) & posts.c.copy_of.is_not(None))
        for original in db.execute(select(posts.c.copy_of).where(touched).distinct()).scalars().all():
            freed |= _dissolve(db, original, post_ids, MOST_AGAIN - len(freed))
    return freed


def _dissolve(db: Connection, original: int, moving: Collection[int], most: int) -> set[int]:
    """Free those of a group that move and so many others; the rest goes with the first one that stays."""
    group = (posts.c.copy_of == original) | (posts.c.id == original)
    members = db.execute(select(posts.c.id).where(group).order_by(*_ORDER)).scalars().all()
    staying = [member for member in members if member not in moving]
    free = staying[: max(1, most)] + [member for member in members if member in moving]
    _link(db, staying, staying[0] if staying else None)
    _link(db, free, None)
    return set(free)


def _link(db: Connection, ids: Sequence[int], original: int | None) -> None:
    if ids:
        linked = update(posts).where(posts.c.id == bindparam("linked")).values(copy_of=original)
        db.execute(linked, [{"linked": post_id} for post_id in ids])


def _note(db: Connection, post_ids: Sequence[int], known: Mapping[int, Shingles]) -> set[int]:
    """Store the bands of posts and compare each with those that share some; return whose original is new."""
    told = {one.id: one for one in _tell(db, post_ids, known)}
    db.execute(delete(post_bands).where(post_bands.c.post_id.in_(post_ids)))
    holders = _holders(db, {band for one in told.values() for band in one.shingles.bands})
    changed: set[int] = set()
    rows = []
    for one in list(told.values()):
        changed |= _compare(db, one, _shared([holders[band] for band in one.shingles.bands]), told)
        for band in one.shingles.bands:
            if len(holders[band]) < MOST_HOLDERS:
                holders[band].append(one.id)
                rows.append({"band": band, "post_id": one.id})
    if rows:
        db.execute(insert(post_bands), rows)
    return changed


def _shared(holders: Sequence[Sequence[int]]) -> Counter[int]:
    """Return how many bands other posts share with one whose bands have these holders.

    What very many hold is a set phrase, unless most of a post is held by that many: then those are copies themselves.
    """
    common = [held for held in holders if len(held) >= MOST_HOLDERS]
    telling = (
        holders if 2 * len(common) > len(holders) else [one for one in holders if len(one) < MOST_HOLDERS]
    )
    return Counter(holder for held in telling for holder in held)


def _tell(
    db: Connection, post_ids: Sequence[int], known: Mapping[int, Shingles] = MappingProxyType({})
) -> Iterator[_Told]:
    unknown = [post_id for post_id in post_ids if post_id not in known]
    rows = db.execute(select(posts.c.id, posts.c.text).where(posts.c.id.in_(unknown)))
    texts = {row.id: row.text for row in rows}
    columns = select(posts.c.id, posts.c.completeness, *(part.label(None) for part in _ORDER))
    theirs = columns.where(posts.c.id.in_(post_ids)).order_by(posts.c.id)
    for post_id, completeness, *order in db.execute(theirs):
        yield _Told(
            id=post_id,
            shingles=known[post_id] if post_id in known else shingles.of(texts[post_id]),
            is_cut=completeness in {"excerpt", "failed"},
            is_spun=bool(order[0]),
            order=tuple(order),
        )


def _holders(db: Connection, bands: Collection[str]) -> defaultdict[str, list[int]]:
    """Return which posts have each of these bands."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for some in batches(bands, BATCH):
        for band, post_id in db.execute(select(post_bands).where(post_bands.c.band.in_(some))):
            found[band].append(post_id)
    return found


def _compare(db: Connection, one: _Told, shared: Counter[int], told: dict[int, _Told]) -> set[int]:
    """Join a post with those that it is a copy of or that are copies of it; return whose original is new."""
    changed: set[int] = set()
    nearest = _nearest(shared, LEAST_OF_CUT if one.is_cut else LEAST_SHARED)
    if unread := [post_id for post_id in nearest if post_id not in told]:
        told.update((other.id, other) for other in _tell(db, unread))
    for other in (told[post_id] for post_id in nearest):
        originals = _originals(db, (one.id, other.id))
        if len(originals) > 1 and _is_copy(*sorted((one, other), key=lambda told: told.order)):
            changed |= _join(db, originals)
    return changed


def _nearest(shared: Counter[int], least: int) -> list[int]:
    likely = sorted((-count, post_id) for post_id, count in shared.items() if count >= least)
    return [post_id for _, post_id in likely[:MOST_COMPARED]]


def _is_copy(earlier: _Told, later: _Told) -> bool:
    return shingles.is_copy(
        later.shingles,
        earlier.shingles,
        earlier_is_cut=earlier.is_cut,
        is_spun=earlier.is_spun or later.is_spun,
    )


def _originals(db: Connection, post_ids: Collection[int]) -> list[int]:
    """Return the originals of these posts, each once, the first one first."""
    groups = select(func.coalesce(posts.c.copy_of, posts.c.id)).where(posts.c.id.in_(post_ids))
    return list(db.execute(select(posts.c.id).where(posts.c.id.in_(groups)).order_by(*_ORDER)).scalars())


def _join(db: Connection, originals: Sequence[int]) -> set[int]:
    """Make one group of two; return those who get another original."""
    original, *others = originals
    theirs = posts.c.copy_of.in_(others) | posts.c.id.in_(others)
    joined = db.execute(select(posts.c.id).where(theirs)).scalars().all()
    _link(db, joined, original)
    return set(joined)


def originals(db: Connection, post_ids: Collection[int]) -> dict[int, PostRef]:
    """Return the originals of those of these posts that are copies, by the copies' ids."""
    copy = posts.alias("copy")
    rows = db.execute(
        select(copy.c.id.label("copy_id"), *ref_columns)
        .select_from(ref_tables.join(copy, copy.c.copy_of == posts.c.id))
        .where(copy.c.id.in_(post_ids))
    )
    return {row["copy_id"]: of_ref(row) for row in rows.mappings()}


def of_posts(db: Connection, post_ids: Collection[int]) -> Mapping[int, list[PostRef]]:
    """Return the first copies of these posts, by the originals' ids."""
    rank = func.row_number().over(partition_by=posts.c.copy_of, order_by=_ORDER)
    first = select(posts.c.id, rank.label("rank")).where(posts.c.copy_of.in_(post_ids)).subquery()
    rows = db.execute(
        select(*ref_columns)
        .select_from(ref_tables.join(first, first.c.id == posts.c.id))
        .where(first.c.rank <= MOST_SHOWN)
        .order_by(first.c.rank)
    )
    found = defaultdict(list)
    for row in rows.mappings():
        found[row["copy_of"]].append(of_ref(row))
    return found
