"""The order of answers of small collections: what beats what, and what only decides where all else is alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh.filedb.filestore import FileStorage

from kb import asking, query, ranking, segments, snapshot
from kb.index import COLUMNS, FILTERS, WEIGHTS
from kb.segments import Document, Layout
from kb.snapshot import Snapshot
from kb.text import tokens
from kb.vectors import Likeness
from kb.wanted import Wanted

LAYOUT = Layout(tuple(WEIGHTS), FILTERS, COLUMNS)
DAY = 730_000
# So that no word is in all documents, and lengths are ordinary.
_OTHERS = [f"An ordinary sentence about number{number} and something{number} else." for number in range(40)]


Fill = Callable[..., Snapshot]


def document(item: int, quote: str, **more: Any) -> Document:
    words = {field: tokens(more.get(field, "")) for field in WEIGHTS} | {"quote": tokens(quote)}
    words |= {field: more.get(field, []) for field in FILTERS}
    columns = {
        "support": more.get("support", 1),
        "flawed": more.get("flawed", 0),
        "newest": more.get("newest", 0),
    }
    return Document(item, words, columns)


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Callable[..., Snapshot]]:
    """Opens an index of these documents and some ordinary ones."""
    made: list[Snapshot] = []

    def fill(*documents: Document) -> Snapshot:
        storage = FileStorage(str(tmp_path), supports_mmap=False)
        segments.create(storage, "things", LAYOUT)
        others = [document(1000 + number, text) for number, text in enumerate(_OTHERS)]
        segments.commit(storage, "things", LAYOUT, [*documents, *others], None)
        made.append(snapshot.newest(storage, "things", WEIGHTS, 1 << 20, None))
        return made[-1]

    yield fill
    for one in made:
        one.close()


def wanted(text: str, **more: Any) -> Wanted:
    return Wanted(node=asking.node(query.parse(text).node, lambda _: ()), **more)


def order(there: Snapshot, asked: Wanted, alike: Likeness | None = None) -> list[int]:
    found = ranking.rank(there, asked, alike)
    return [int(there.ids[number]) for number, _ in ranking.best(there, found, asked)]


def scores(there: Snapshot, asked: Wanted) -> dict[int, float]:
    found = ranking.rank(there, asked)
    return {int(there.ids[number]): score for number, score in ranking.best(there, found, asked)}


def test_the_word_that_was_typed_beats_another_one_for_it(holding: Fill) -> None:
    there = holding(document(1, "Calm angry people."), document(2, "Calm furious people."))

    assert order(there, wanted("furious")) == [2, 1]
    assert order(there, wanted("angry")) == [1, 2]


def test_two_words_beat_one(holding: Fill) -> None:
    there = holding(document(1, "Parcels, parcels and parcels."), document(2, "Boxes hold many parcels."))

    assert order(there, wanted("parcels boxes"))[0] == 2


def test_near_words_beat_words_far_apart(holding: Fill) -> None:
    far = document(1, "Parcels come from all over town these busy weeks, said one of seven boxes.")
    near = document(2, "All over town these busy weeks come parcels boxes, said one of seven from.")

    assert order(holding(far, near), wanted("parcels boxes")) == [2, 1]


def test_the_quote_beats_the_passage_around_it(holding: Fill) -> None:
    there = holding(
        document(1, "Go on quickly.", context="Parcels are late."),
        document(2, "Parcels are late.", context="Go on."),
    )

    assert order(there, wanted("parcels")) == [2, 1]


def test_a_rare_word_beats_a_frequent_one(holding: Fill) -> None:
    there = holding(document(1, "Ordinary things happen today."), document(2, "Parcels things happen today."))

    assert order(there, wanted("ordinary parcels"))[0] == 2


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"support": 8}, {"support": 1}),
        ({}, {"flawed": 1}),
        ({"newest": DAY}, {"newest": DAY - 4000}),
        ({"newest": DAY}, {}),
    ],
)
def test_support_soundness_and_freshness_decide_among_equals(
    holding: Fill, better: dict[str, int], worse: dict[str, int]
) -> None:
    there = holding(document(1, "Send parcels soon.", **worse), document(2, "Send parcels soon.", **better))

    assert order(there, wanted("parcels")) == [2, 1]


def test_no_support_makes_up_for_a_missing_word(holding: Fill) -> None:
    there = holding(
        document(1, "Send parcels soon.", support=500, newest=DAY), document(2, "Send parcels in boxes soon.")
    )

    assert order(there, wanted("parcels boxes"))[0] == 2


def test_what_is_filed_under_what_a_query_is_about_comes_first(holding: Fill) -> None:
    there = holding(document(1, "Send parcels soon."), document(2, "Send parcels soon.", topic=["trust"]))

    assert order(there, wanted("parcels")) == [1, 2]
    assert order(there, wanted("parcels", leanings=(("trust", 1.0),))) == [2, 1]


def test_what_has_far_less_of_the_words_than_the_best_is_left_out(holding: Fill) -> None:
    whole = document(1, "Wrap boxes, parcels, crates and bottles.")
    there = holding(
        whole, document(2, "Wrap three boxes and some parcels."), document(3, "Five bottles stand there.")
    )

    assert order(there, wanted("boxes parcels crates bottles")) == [1, 2]


def test_what_is_the_best_there_is_will_do(holding: Fill) -> None:
    there = holding(document(3, "Five bottles stand there."))

    assert order(there, wanted("boxes parcels crates bottles")) == [3]


def test_whoever_answers_alike_well_keeps_an_order(holding: Fill) -> None:
    there = holding(*(document(number, "Send parcels soon.") for number in range(1, 8)))

    assert order(there, wanted("parcels")) == list(range(1, 8))


@pytest.mark.parametrize("sort", ["best", "newest", "sources"])
def test_pages_of_equals_neither_overlap_nor_lose_anything(holding: Fill, sort: Any) -> None:
    same = [
        document(number, "Send parcels soon.", support=1 + number % 2, newest=DAY + number % 3)
        for number in range(1, 30)
    ]
    there = holding(*same)
    asked = wanted("parcels", sort=sort, limit=4)

    pages = [order(there, replace(asked, offset=offset)) for offset in range(0, 40, 4)]

    every = list(chain.from_iterable(pages))
    assert every == order(there, replace(asked, limit=100))
    assert len(every) == 29


def test_the_newest_or_the_best_supported_stand_first_where_that_is_asked_for(holding: Fill) -> None:
    there = holding(
        document(1, "Parcels, parcels!", newest=DAY - 9, support=2),
        document(2, "Send parcels.", newest=DAY, support=1),
        document(3, "Some parcels came.", support=9),
    )

    assert order(there, wanted("parcels", sort="newest")) == [2, 1, 3]
    assert order(there, wanted("parcels", sort="sources")) == [3, 1, 2]


def test_words_alone_count_where_nothing_else_may(holding: Fill) -> None:
    there = holding(
        document(1, "Send parcels soon."), document(2, "Send parcels soon.", support=99, newest=DAY)
    )

    found = scores(there, wanted("parcels", is_plain=True))

    assert found[1] == found[2]


def alike(there: dict[int, float]) -> Likeness:
    """A model to which these are so much alike what is asked for."""
    ids = sorted(there)
    return Likeness(ids=np.array(ids), cosines=np.array([there[one] for one in ids], np.float32))


def test_what_means_the_same_is_found_whatever_its_words(holding: Fill) -> None:
    there = holding(document(1, "Send parcels soon."), document(2, "Post things at once."))
    model = alike({1: 0.5, 2: 0.9, 1000: -0.5})

    assert 2 not in order(there, wanted("parcels"))
    assert order(there, wanted("parcels"), model)[:2] == [1, 2]


def test_likeness_decides_among_the_same_words(holding: Fill) -> None:
    there = holding(document(1, "Send parcels soon."), document(2, "Send parcels soon."))

    assert order(there, wanted("parcels"), alike({1: 0.1, 2: 0.9, 1000: 0.0}))[0] == 2


def test_likeness_brings_nothing_that_was_not_allowed(holding: Fill) -> None:
    there = holding(document(1, "Send parcels soon.", year=["2012"]), document(2, "Post it.", year=["2013"]))

    assert order(there, wanted("parcels year:2012"), alike({1: 0.1, 2: 0.9})) == [1]
    assert order(there, wanted("parcels -post"), alike({1: 0.1, 2: 0.9}))[0] == 1
    assert 2 not in order(there, wanted("parcels -post"), alike({1: 0.1, 2: 0.9}))


def test_a_query_without_plain_words_has_no_likeness(holding: Fill) -> None:
    there = holding(document(1, "Send parcels soon."), document(2, "Post it."))

    assert order(there, wanted('"send parcels"'), alike({1: 0.1, 2: 0.9})) == [1]


def test_only_so_many_are_found_by_their_meaning(holding: Fill) -> None:
    there = holding(*(document(number, "Send things soon.") for number in range(1, 100)))
    model = alike({number: number / 100 for number in range(1, 100)})

    found = order(there, wanted("parcels", limit=200), model)

    assert found == list(range(99, 99 - ranking.MEANT, -1))


def why(there: Snapshot, text: str, items: Sequence[int]) -> list[ranking.Reason]:
    asked = wanted(text)
    places = [there.ids.tolist().index(item) for item in items]
    return ranking.reasons(there, asked.node, places)


def test_reasons_tell_which_words_stand_where(holding: Fill) -> None:
    there = holding(document(1, "Send parcels.", title="Parcels and boxes"), document(2, "Nothing of it."))

    first, second = why(there, "parcels boxes", [1, 2])

    assert first.found == {"parcels": ("quote", "title"), "boxes": ("title",)}
    assert second.found == {}


def test_reasons_tell_what_stands_in_for_a_word(holding: Fill) -> None:
    (reason,) = why(holding(document(1, "Calm angry people.")), "furious", [1])

    assert reason.found == {}
    assert "angry" in reason.related["furious"]


def test_nothing_found_has_no_order(holding: Fill) -> None:
    there = holding()

    assert order(there, wanted("parcels")) == []
    assert order(there, wanted("parcels", is_plain=True)) == []
