import random
from collections.abc import Iterable, Sequence

import pytest
from builders import NOW, digest
from sqlalchemy import Connection, event, insert, select

from kb import bits, filing, grouping, merge, principles, shelf, terms
from kb.grouping import Order
from kb.schema import posts, raws, senses
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


def store(db: Connection, count: int = 1) -> None:
    """Store posts without quotes."""
    db.execute(
        insert(raws).values(id=1, kind="entry", name="1", source="s", origin="feed", hash="", body=b"")
    )
    row = insert(posts).values(
        raw_id=1, publisher="a", title="", completeness="full", text="", blocks=[], tags=[], added_at=NOW
    )
    for number in range(1, count + 1):
        db.execute(row.values(id=number, key=str(number)))


def say(db: Connection, post_id: int, said: Iterable[str], held: Shelf | None = None) -> None:
    filing.file(db, {post_id: digest(*said).quotes}, NOW, held)


def groups(db: Connection) -> set[frozenset[str]]:
    """Return the texts of each principle."""
    found = principles.many(db, principles.ids(db)).values()
    return {frozenset(quote.text for quote in one.evidence) for one in found}


def by_definition(said: Iterable[str]) -> set[frozenset[str]]:
    """Group by comparing everything with everything."""
    by_sense: dict[Order, list[str]] = {}
    for text in said:
        sought = shelf.kb_sought.of(text)
        by_sense.setdefault((sought.signature.total, sought.hash), []).append(text)
    leaders: dict[Order, list[str]] = {}
    for order, texts in sorted(by_sense.items()):
        signature = merge.signature(texts[0])
        near = [(-merge.similarity(signature, merge.signature(led[0])), one) for one, led in leaders.items()]
        nearest = min(near, default=(0.0, order))
        if -nearest[0] >= merge.SAME:
            leaders[nearest[1]] += texts
        else:
            leaders[order] = [*texts]
    return {frozenset(texts) for texts in leaders.values()}


@pytest.mark.parametrize(("page", "common"), [(terms.PAGE, terms.COMMON), (16, 0), (64, 3)])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_says_the_same_is_found_in_whatever_order_it_comes(
    db: Connection, monkeypatch: pytest.MonkeyPatch, page: int, common: int, seed: int
) -> None:
    monkeypatch.setattr(terms, "PAGE", page)
    monkeypatch.setattr(bits, "PAGE", page)
    monkeypatch.setattr(terms, "COMMON", common)
    said = sentences(260)
    random.Random(seed).shuffle(said)
    store(db, 13)
    held = Shelf()

    for number in range(13):
        say(db, number + 1, said[20 * number : 20 * number + 20], held if number % 3 else None)

    assert groups(db) == by_definition(said)
    assert 20 < len(groups(db)) < len({*said})


def test_what_goes_leaves_no_trace(db: Connection) -> None:
    said = sentences(200)
    store(db, 10)
    held = Shelf()
    for number in range(10):
        say(db, number + 1, said[20 * number : 20 * number + 20], held)

    for number in (3, 0, 7):
        filing.clear(db, [number + 1], held)
        said[20 * number : 20 * number + 20] = [""] * 20
        assert groups(db) == by_definition(filter(None, said))

    assert len(db.execute(select(senses.c.id)).all()) == len(
        {shelf.kb_sought.of(text).hash for text in said if text}
    )


def test_nothing_is_read_twice(db: Connection) -> None:
    store(db, 3)
    held = Shelf()
    say(db, 1, ["Listen to guests, porters, cooks.", "Thank the team."])
    say(db, 2, ["Listen to guests, porters, cooks!"], held)
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))

    say(db, 3, ["Listen to guests, porters, cooks."], held)

    assert not [one for one in statements if one.startswith("SELECT sense")]


def test_a_word_that_is_everywhere_is_not_looked_at_where_rarer_ones_tell(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "COMMON", 3)
    store(db, 2)
    held = Shelf()
    say(db, 1, ["Answer letters.", *(f"Train number {number}." for number in range(9))])

    say(db, 2, ["Train porters, waiters, drivers, cooks."], held)

    assert "train" not in held._terms
    assert "porter" in held._terms


def test_a_full_shelf_is_emptied(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    store(db)
    held = Shelf()
    say(db, 1, ["Listen to guests, porters, cooks.", "Thank the team."], held)
    monkeypatch.setattr(shelf, "MOST_SENSES", 0)

    held.open(db)

    assert held._senses == {}


def test_quotes_without_a_word_say_the_same_only_in_the_same_signs(db: Connection) -> None:
    store(db)

    say(db, 1, ["...", "Listen.", "!!!", "..."])

    assert groups(db) == {frozenset({"..."}), frozenset({"Listen."}), frozenset({"!!!"})}


def test_a_store_without_senses_is_grouped_anew_once(db: Connection) -> None:
    store(db, 2)
    said = sentences(40)
    say(db, 1, said)
    before = groups(db), principles.ids(db)
    db.execute(senses.delete())
    filing.facts.put(db, "senses", "of another way")

    say(db, 2, ["Smile."])

    assert groups(db) == before[0] | {frozenset({"Smile."})}
    assert principles.ids(db)[:-1] == before[1]


def places(held: Shelf, numbers: Sequence[int]) -> list[Order]:
    return [held.order(number) for number in numbers]


def test_what_says_less_comes_first(db: Connection) -> None:
    store(db)
    held = Shelf()
    held.open(db)
    said = held.sought(["Train the team and thank guests.", "Train the team."])

    longer, shorter = held.take(said.values())

    assert held.order(shorter) < held.order(longer)
    grouping.settle(held, [longer, shorter])
    assert held.leader(shorter) == shorter
