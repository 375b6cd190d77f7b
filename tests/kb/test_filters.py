"""The values of a filter against counting by hand, however many names and documents there are."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb import filters, segments
from kb.filters import Values
from kb.parts import Part
from kb.segments import Document, Layout

LAYOUT = Layout((), ("topic",), ())


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Sequence[Sequence[str]]], Values]:
    """Writes a segment of documents with these values, and returns what is read of it."""

    def make(told: Sequence[Sequence[str]]) -> Values:
        storage = FileStorage(str(tmp_path), supports_mmap=False)
        segments.create(storage, "things", LAYOUT)
        documents = [Document(number, {"topic": values}, {}) for number, values in enumerate(told)]
        segments.commit(storage, "things", LAYOUT, documents, None)
        (segment,) = TOC.read(storage, "things").segments
        part = Part(storage, segment)
        try:
            return filters.read(part, "topic")
        finally:
            part.close()

    return make


Read = Callable[[Sequence[Sequence[str]]], Values]


@pytest.mark.parametrize("names", [3, 64, 65, 200])
@pytest.mark.parametrize("every", [1, 3, 40])
def test_counts_are_those_of_counting_by_hand(read: Read, names: int, every: int) -> None:
    told = [[f"t{number % names:03}", f"t{number * 7 % names:03}"][: 1 + number % 2] for number in range(400)]
    told = [list(dict.fromkeys(values)) for values in told]
    values = read(told)

    found = values.counts(np.arange(0, 400, every))

    expected = Counter(name for some in told[::every] for name in some)
    assert dict(zip(values.names, found.tolist(), strict=True)) == {
        name: expected[name] for name in values.names
    }


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=70).filter(any),
    wanted=st.sets(st.sampled_from("abcxyz")),
)
def test_whoever_has_any_of_some_values_is_found_once(
    read: Read, told: list[list[str]], wanted: set[str]
) -> None:
    found = read(told).having(wanted)

    assert found.tolist() == [number for number, values in enumerate(told) if wanted.intersection(values)]


@pytest.mark.parametrize(
    ("first", "before", "expected"),
    [
        ("", None, [0, 1, 3]),
        ("2012-01-01", None, [1, 3]),
        ("", "2012-01-01", [0]),
        ("2010-05-03", "2010-05-04", [0]),
        ("2012", "2012-12-32", [1]),
        ("2014", "2012", []),
        ("9999-12-31", None, []),
    ],
)
def test_days_are_found_from_the_first_up_to_one_before_the_other(
    read: Read, first: str, before: str | None, expected: list[int]
) -> None:
    values = read([["2010-05-03"], ["2012-06-01", "2015-01-01"], [], ["2015-01-01"]])

    assert values.between(first, before).tolist() == expected


def test_names_are_in_order_and_nobody_has_what_is_no_name(read: Read) -> None:
    values = read([["trust"], ["price", "trust"]])

    assert values.names == ["price", "trust"]
    assert values.having({"praise"}).tolist() == []
    assert values.having(()).tolist() == []
