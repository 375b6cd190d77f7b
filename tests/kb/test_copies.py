"""Copies in a store: who is whose, whatever comes in first, and what that means for principles."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, STARTER, post, quote, raw
from sqlalchemy import Connection, delete, event, func, select

from kb import copies, facts, posts, principles, schema
from kb.model import Digest, Origins
from kb.posts import Found

SAID = "Ring people back before they ring you."
STORY = (
    "Our phones rang all morning because a van had broken down. We had forty calls and one honest answer: the van"
    " is in a garage, and your parcel comes on Thursday. Nobody shouted, and three people laughed. Say what you"
    f" know, and say when you will know more. {SAID}"
)
OTHER = (
    "The new shop has no counter at all, which took our regulars a month to get used to. Whoever works there walks"
    " up to people with a tablet, and the queue is wherever two of them happen to meet. I miss the bell on the"
    f" counter, and the cat that slept beside it more than the bell. {SAID}"
)


def found(name: str, text: str = STORY, day: int | None = 1, **known: Any) -> Found:
    """Return a post as it comes in: of a feed and a publisher of that name, published on that day of March."""
    published = None if day is None else NOW.replace(day=day)
    made = post(text, key=name, publisher=name, published=published, title=name, **known)
    said = (quote(SAID, text),) if SAID in text else ()
    return Found(
        raw=raw(text + str(known), name=name),
        origins=Origins(source=f"https://{name}/feed", origin="feed"),
        digests=[Digest(post=made, quotes=said)],
    )


def keep(db: Connection, *every: Found, now: datetime = NOW) -> None:
    posts.keep_all(db, every, now)


def links(db: Connection) -> dict[str, str]:
    """Return who republishes whom."""
    copy, original = schema.posts, schema.posts.alias("original")
    rows = db.execute(select(copy.c.key, original.c.key).join(original, copy.c.copy_of == original.c.id))
    return {copied: first for copied, first in rows}  # noqa: C416 - typed pairs of a row


def supports(db: Connection) -> list[int]:
    return [principles.get(db, number).sources for number in principles.ids(db)]


def test_what_is_published_again_elsewhere_is_a_copy(db: Connection) -> None:
    keep(db, found("a.example", day=1))
    keep(db, found("b.example", day=2), found("c.example", OTHER, day=3))

    assert links(db) == {"b.example": "a.example"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_one_published_first_is_the_original_whatever_comes_in_first(
    db: Connection, order: Sequence[int]
) -> None:
    every = [found("a.example", day=3), found("b.example", day=1), found("c.example", day=2)]
    for at in order:
        keep(db, every[at])

    assert links(db) == {"a.example": "b.example", "c.example": "b.example"}
    assert supports(db) == [1]


def test_copies_that_come_in_together_find_each_other(db: Connection) -> None:
    keep(db, found("a.example", day=2), found("b.example", day=1))

    assert links(db) == {"a.example": "b.example"}


def test_without_dates_the_one_kept_first_is_the_original(db: Connection) -> None:
    keep(db, found("a.example", day=None))
    keep(db, found("b.example", day=None), now=NOW + timedelta(days=1))

    assert links(db) == {"b.example": "a.example"}


def test_a_group_of_copies_counts_as_one_source(db: Connection) -> None:
    keep(db, found("a.example"), found("b.example", day=2), found("c.example", OTHER, day=3))

    assert supports(db) == [2]


def test_a_copy_of_a_source_that_speaks_twice_adds_none(db: Connection) -> None:
    keep(db, found("a.example", OTHER), found("b.example", day=2))
    assert supports(db) == [2]

    older = found("c.example", day=1)
    keep(db, Found(raw=older.raw, origins=older.origins, digests=[of_a(older.digests[0])]))

    assert supports(db) == [1]


def of_a(digest: Digest) -> Digest:
    made = digest.post
    return Digest(
        post=post(made.text, key=made.key, publisher="a.example", published=made.published), quotes=()
    )


def test_two_groups_become_one_when_something_joins_them(db: Connection) -> None:
    half, other_half = STORY + " " + OTHER[:160], OTHER[160:] + " " + STORY
    keep(db, found("a.example", OTHER + " " + STORY, day=9), found("b.example", STORY, day=5))
    before = links(db)
    keep(db, found("c.example", half, day=7), found("d.example", other_half, day=3))

    assert set(links(db).values()) == {"d.example"}
    assert len(links(db)) > len(before)


def test_the_next_one_becomes_the_original_when_the_first_is_removed(db: Connection) -> None:
    first = found("a.example", day=1)
    keep(db, Found(raw=first.raw, origins=STARTER, digests=first.digests))
    keep(db, found("b.example", day=2), found("c.example", day=3))
    assert supports(db) == [1]

    posts.remove_origin(db, "starter")

    assert links(db) == {"c.example": "b.example"}
    assert supports(db) == [1]


def test_a_lonely_copy_is_one_no_more_when_its_original_is_removed(db: Connection) -> None:
    first = found("a.example", day=1)
    keep(db, Found(raw=first.raw, origins=STARTER, digests=first.digests), found("b.example", day=2))

    posts.remove_origin(db, "starter")

    assert links(db) == {}
    assert supports(db) == [1]


def test_an_edited_text_may_be_a_copy_no_more(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", day=2))

    keep(db, found("b.example", OTHER, day=2))

    assert links(db) == {}
    assert supports(db) == [2]


def test_an_edited_text_may_become_a_copy(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", OTHER, day=2))

    keep(db, found("b.example", day=2))

    assert links(db) == {"b.example": "a.example"}
    assert supports(db) == [1]


def test_an_edited_original_leaves_its_copies_to_the_next_one(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", day=2), found("c.example", day=3))

    keep(db, found("a.example", OTHER, day=1))

    assert links(db) == {"c.example": "b.example"}
    assert supports(db) == [2]


def test_a_date_that_is_corrected_may_change_who_was_first(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", day=2))

    keep(db, found("a.example", day=9, author="Ann"))

    assert links(db) == {"a.example": "b.example"}


def test_what_a_machine_has_reworded_is_nobodys_original(db: Connection) -> None:
    keep(db, found("a.example", day=1, flaw="it reads as if spun"), found("b.example", day=2))

    assert links(db) == {"a.example": "b.example"}


def test_of_a_group_too_large_to_compare_anew_the_rest_goes_with_the_next_one(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MOST_AGAIN", 2)
    names = ["a.example", "b.example", "c.example", "d.example", "e.example"]
    keep(db, *(found(name, day=day) for day, name in enumerate(names, 1)))

    keep(db, found("a.example", OTHER, day=1))

    assert links(db) == dict.fromkeys(names[2:], "b.example")


def test_a_band_of_very_many_posts_is_not_stored_for_more_of_them(db: Connection) -> None:
    many = [found(f"{n}.example", day=None) for n in range(copies.MOST_HOLDERS + 10)]
    keep(db, *many)

    counts = select(func.count(schema.post_bands.c.post_id)).group_by(schema.post_bands.c.band)
    assert max(db.execute(counts).scalars()) == copies.MOST_HOLDERS
    assert len(links(db)) == len(many) - 1


def test_the_posts_of_an_earlier_version_get_their_bands_once(db: Connection) -> None:
    keep(db, found("a.example", day=2))
    db.execute(delete(schema.post_bands))
    facts.put(db, "post bands", "0")

    keep(db, found("b.example", day=1), found("c.example", OTHER))

    assert links(db) == {"a.example": "b.example"}


def test_a_posts_page_knows_its_original_and_its_copies(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", day=2), found("c.example", day=3))

    first, second, _ = posts.many(db, [1, 2, 3])

    assert (first.original, [ref.title for ref in first.copies]) == (None, ["b.example", "c.example"])
    assert second.original == first.ref
    assert (second.copies, second.ref.copy_of) == ((), 1)


def test_only_the_first_copies_of_a_post_are_listed(db: Connection) -> None:
    keep(db, *(found(f"{n}.example", day=None) for n in range(copies.MOST_SHOWN + 5)))

    assert len(posts.get(db, 1).copies) == copies.MOST_SHOWN


def test_statements_do_not_grow_with_the_posts_kept_together(db: Connection) -> None:
    rng = random.Random(3)
    keep(db, found("a.example", STORY))
    few, many = ([found(f"{n}.example", prose(rng)) for n in some] for some in (range(3), range(10, 40)))

    assert statements(db, few) == statements(db, many)


def prose(rng: random.Random) -> str:
    return " ".join(f"w{rng.randrange(5_000)}" for _ in range(200))


def statements(db: Connection, every: Sequence[Found]) -> int:
    told: list[str] = []

    def note(_db: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    ids = posts._insert(db, [(1, one.digests[0]) for one in every], NOW)
    copies.note(db, ids)
    event.remove(db.engine, "before_cursor_execute", note)
    return len([one for one in told if not one.startswith("INSERT INTO posts ")])


def test_any_order_of_arrival_gives_the_same_groups(tmp_path: Path) -> None:
    rng = random.Random(11)
    bodies = [prose(rng) for _ in range(4)]
    every = [
        found(f"{n}.example", mended(rng, rng.choice(bodies)), day=n % 27 + 1, author=str(n))
        for n in range(24)
    ]
    outcomes = [grouped(tmp_path / f"{n}.db", rng.sample(every, len(every))) for n in range(4)]

    assert len(outcomes[0]) > 15
    assert all(outcome == outcomes[0] for outcome in outcomes)


def mended(rng: random.Random, text: str) -> str:
    words = text.split()
    words[rng.randrange(len(words))] = "mended"
    return " ".join(words)


def grouped(path: Path, every: Sequence[Found]) -> dict[str, str]:
    engine = schema.open_store(schema.at(path))
    with schema.writing(engine) as db:
        for one in every:
            keep(db, one)
        outcome = links(db)
    engine.dispose()
    return outcome


def test_a_single_post_of_a_group_that_leaves_alone_leaves_nothing_behind(db: Connection) -> None:
    keep(db, found("a.example", day=1), found("b.example", day=2))

    keep(db, found("a.example", OTHER, day=1), found("b.example", OTHER + STORY[:60], day=2))

    assert links(db) == {"b.example": "a.example"}
