import random
from collections.abc import Iterable

import pytest
from builders import NOW
from sqlalchemy import Connection, event, insert

from kb import bits, merge, shelf
from kb.schema import posts, principles, quote_terms, quotes, raws
from kb.shelf import Shelf

WORDS = (
    *(
        "listen",
        "answer",
        "call",
        "train",
        "thank",
        "refund",
        "promise",
        "delay",
        "letter",
        "guest",
        "team",
        "day",
    ),
    *("calm", "shop", "never", "don't", "if", "when", "and"),
)


def sentences(count: int, seed: int = 7) -> list[str]:
    """Return sentences of few words, so that some of them say the same."""
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, 7))) + "." for _ in range(count)]


def store(db: Connection, said: Iterable[str]) -> None:
    """Store quotes, each of a principle of its own, whose id is the quote's."""
    db.execute(
        insert(raws).values(id=1, kind="entry", name="1", source="s", origin="feed", hash="", body=b"")
    )
    db.execute(
        insert(posts).values(
            id=1, raw_id=1, key="1", publisher="a", title="", completeness="full", text="", blocks=[], tags=[],
            added_at=NOW,
        )
    )  # fmt: skip
    for text in said:
        key = db.execute(insert(principles).values(text=text, sources=1, added_at=NOW)).inserted_primary_key
        assert key is not None
        row = insert(quotes).values(
            post_id=1, principle_id=key[0], start=0, end=1, text=text, context="", confidence=1, topics=[]
        )
        db.execute(row)


def opened(db: Connection) -> Shelf:
    found = Shelf()
    found.open(db)
    return found


def same(db: Connection, held: Shelf, text: str) -> int | None:
    return held.same(text, held.seek(db, [text])[text])


def best_of_all(said: list[str], text: str) -> int | None:
    """Compare with every single one; return which says the same best, from 1."""
    signature = merge.signature(text)
    found = [merge.similarity(signature, merge.signature(other)) for other in said]
    best = max(found, default=0)
    return found.index(best) + 1 if best >= merge.SAME else None


@pytest.mark.parametrize(("page", "common"), [(shelf.PAGE, shelf.COMMON), (16, 0)])
def test_the_best_of_all_stored_quotes_is_found(
    db: Connection, monkeypatch: pytest.MonkeyPatch, page: int, common: int
) -> None:
    monkeypatch.setattr(shelf, "PAGE", page)
    monkeypatch.setattr(bits, "PAGE", page)
    monkeypatch.setattr(shelf, "COMMON", common)
    said = sentences(300)
    store(db, said)
    held = opened(db)
    asked = sentences(120, seed=8)

    found = [same(db, held, text) for text in asked]

    assert found == [best_of_all(said, text) for text in asked]
    assert len({*found}) > 10


def test_the_best_of_those_added_since_is_found_too(db: Connection) -> None:
    said = sentences(150)
    store(db, [])
    held = opened(db)
    sought = held.seek(db, said)
    found = []
    for number, text in enumerate(said, 1):
        found.append(held.same(text, sought[text]))
        held.add(number, number, text, sought[text])

    assert found == [best_of_all(said[:number], text) for number, text in enumerate(said)]


def test_nothing_is_read_twice(db: Connection) -> None:
    store(db, ["Listen to guests, porters, cooks.", "Thank the team."])
    held = opened(db)
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))
    same(db, held, "Listen to guests, porters, cooks.")
    statements.clear()

    same(db, held, "Listen to guests, porters, cooks.")

    assert statements == []


def test_a_word_that_is_everywhere_is_not_looked_at_where_rarer_ones_tell(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "COMMON", 3)
    text = "Train porters, waiters, drivers, cooks."
    store(db, ["Answer letters.", *(f"Train number {number}." for number in range(9)), text, text])
    held = opened(db)

    sought = held.seek(db, [text])[text]
    assert held.same(text, sought) == 11
    assert "train" not in held._holders

    held.add(13, 13, text, sought)
    assert same(db, held, text) == 11


@pytest.mark.parametrize("common", [shelf.COMMON, 0])
def test_copies_are_compared_with_once(db: Connection, monkeypatch: pytest.MonkeyPatch, common: int) -> None:
    monkeypatch.setattr(shelf, "COMMON", common)
    said = "Listen to guests, porters, cooks."
    store(db, [said])
    db.execute(
        insert(quotes).values(
            post_id=1, principle_id=1, start=0, end=1, text=said, context="", confidence=1, topics=[]
        )
    )  # fmt: skip
    held = opened(db)

    assert same(db, held, said) == 1
    held.remove(2, 1, said)
    assert same(db, held, said) == 1
    held.remove(1, 1, said)
    assert same(db, held, said) is None


def test_what_was_never_read_may_be_removed(db: Connection) -> None:
    store(db, ["Listen to guests, porters, cooks."])
    held = opened(db)

    held.remove(1, 1, "Listen to guests, porters, cooks.")

    assert same(db, held, "Answer letters.") is None


def test_a_full_shelf_is_emptied(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    store(db, ["Listen to guests, porters, cooks.", "Thank the team."])
    held = opened(db)
    same(db, held, "Listen to guests, porters, cooks.")
    held.close(db, holds=True)
    monkeypatch.setattr(shelf, "MOST_QUOTES", 0)

    held.open(db)

    assert held._quotes == {}


def test_a_quote_without_a_word_says_the_same_as_none(db: Connection) -> None:
    store(db, ["...", "Listen."])

    assert same(db, opened(db), "...") is None


def test_every_stored_quote_has_its_terms_after_the_first_opening(db: Connection) -> None:
    store(db, sentences(3))

    opened(db)

    assert {row.quote_id for row in db.execute(quote_terms.select())} == {1, 2, 3}
