from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from kb import query
from web import asked
from web.asked import Asked


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_an_empty_address_asks_for_the_first_page_of_everything() -> None:
    assert asked.read(MultiDict()) == Asked()


def test_an_address_says_all_that_is_asked() -> None:
    args = MultiDict(
        {"q": " sorry ", "topic": "trust", "source": "a", "year": "2014", "in": "posts", "page": "3"}
    )

    assert asked.read(args) == Asked(q="sorry", topic="trust", source="a", year=2014, whole=True, page=3)


@pytest.mark.parametrize("page", ["", "0", "-1", "1.5", "x", "٣", "9" * 5000, "10001", " 1", "1e3"])
def test_a_page_that_is_none_is_refused(page: str) -> None:
    with pytest.raises(BadRequest, match="page"):
        asked.read(MultiDict({"page": page}))


@pytest.mark.parametrize("year", ["0", "twenty", "99999", "-2014"])
def test_a_year_that_is_none_is_refused(year: str) -> None:
    with pytest.raises(BadRequest, match="year"):
        asked.read(MultiDict({"year": year}))


def test_an_endless_query_is_cut_because_every_link_repeats_it() -> None:
    assert len(asked.read(MultiDict({"q": "a" * 100_000})).q) == query.LONGEST_QUERY


def test_an_address_leaves_out_what_goes_without_saying() -> None:
    assert asked.address(Asked()) == "/search"
    assert asked.address(Asked(q="say & do", year=2014, whole=True, page=2)) == (
        "/search?q=say+%26+do&year=2014&in=posts&page=2"
    )


def test_choosing_a_value_keeps_the_other_filters_and_goes_to_the_first_page() -> None:
    [facet] = asked.facets(Asked(q="x", year=2014, page=3), {"topic": {"trust": 4}, "year": {}}, {})[:1]

    assert facet.choices[0].address == "/search?q=x&topic=trust&year=2014"


def test_a_chosen_value_leads_to_the_search_without_it() -> None:
    facets = asked.facets(
        Asked(q="x", topic="trust"), {"topic": {"trust": 4}}, {"trust": "Trust and honesty"}
    )

    assert [(one.label, one.address) for one in asked.chosen(facets)] == [
        ("Trust and honesty", "/search?q=x")
    ]


def test_a_chosen_value_is_shown_even_when_nothing_has_it() -> None:
    [facet] = asked.facets(Asked(q="x", source="https://a.example/feed"), {}, {})

    assert [(one.label, one.count, one.chosen) for one in facet.choices] == [("a.example", 0, True)]


def test_sources_of_one_name_are_told_apart() -> None:
    counts = {"notes/one.xml": 2, "notes/two.xml": 1, "notes/three.xml": 1}
    names = {"notes/one.xml": "a.example", "notes/two.xml": "a.example"}

    [facet] = asked.facets(Asked(), {"feed": counts}, names)

    assert {one.label for one in facet.choices} == {
        "a.example (one.xml)",
        "a.example (two.xml)",
        "three.xml",
    }


def test_only_the_most_frequent_values_are_offered() -> None:
    counts = {f"feed {number}": number for number in range(1, 100)}

    [facet] = asked.facets(Asked(), {"feed": counts}, {})

    assert [one.count for one in facet.choices] == list(range(99, 99 - asked.LONGEST_FACET, -1))


def test_years_stand_newest_first() -> None:
    [facet] = asked.facets(Asked(), {"year": {"2014": 9, "2020": 1, "2017": 3}}, {})

    assert [one.label for one in facet.choices] == ["2020", "2017", "2014"]


def test_filters_can_be_let_go_all_at_once() -> None:
    assert asked.unfiltered(Asked(q="x", topic="t", source="s", year=2014, page=2)) == "/search?q=x"


def test_the_same_search_can_be_made_in_whole_posts() -> None:
    assert asked.within(Asked(q="x", page=2), whole=True) == "/search?q=x&in=posts"


@pytest.mark.parametrize(
    ("number", "total", "expected"),
    [
        (1, 0, (1, None, None)),
        (1, 20, (1, None, None)),
        (1, 21, (2, None, "2")),
        (2, 50, (3, "1", "3")),
        (10_000, 10**9, (10_000, "9999", None)),
    ],
)
def test_pages_know_their_neighbours(number: int, total: int, expected: tuple[int, str, str]) -> None:
    pages = asked.pages(number, total, str)

    assert (pages.last, pages.previous, pages.following) == expected
