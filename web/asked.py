"""What a search address asks for, and the addresses beside it: other filters, other pages."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from kb import privacy
from kb.query import LONGEST_QUERY
from web.present import clip, named

PER_PAGE = 20
LAST_PAGE = 10_000
LONGEST_FACET = 12  # values, the most frequent first; the chosen one is always shown
FACETS = (("Topic", "topic", "topic"), ("Source", "feed", "source"), ("Year", "year", "year"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One search address."""

    q: str = ""
    topic: str | None = None
    source: str | None = None
    year: int | None = None
    whole: bool = False  # whole posts instead of guidance
    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * PER_PAGE

    @property
    def shown_source(self) -> str | None:
        """Return the source as an address may hold it, without the secret of a private feed."""
        return self.source and privacy.shown(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a facet and where choosing it, or letting it go, leads."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where one stands in a long list."""

    number: int
    last: int
    previous: str | None
    following: str | None


def read(args: MultiDict[str, str]) -> Asked:
    """Return what the query string asks for; BadRequest where a number is none."""
    year = args.get("year", "").strip()
    return Asked(
        q=args.get("q", "")[:LONGEST_QUERY].strip(),
        topic=args.get("topic", "")[:LONGEST_QUERY] or None,
        source=args.get("source", "")[:LONGEST_QUERY] or None,
        year=number(year, "year", 9999) if year else None,
        whole=args.get("in") == "posts",
        page=page(args),
    )


def page(args: MultiDict[str, str]) -> int:
    """Return the page that the query string asks for."""
    return number(args.get("page", "1"), "page", LAST_PAGE)


def number(text: str, name: str, highest: int) -> int:
    """Return a whole number between 1 and *highest*; BadRequest for anything else."""
    usable = (
        text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and 1 <= int(text) <= highest
    )
    if not usable:
        raise BadRequest(f"The {name} in this address is no number from 1 to {highest:,}.")
    return int(text)


def at(asked: Asked, page: int) -> Asked:
    """Return the same search at another page."""
    return replace(asked, page=page)


def address(asked: Asked) -> str:
    """Return the address of a search, with nothing in it that says what is so anyway."""
    wanted: dict[str, Any] = {
        "q": asked.q,
        "topic": asked.topic,
        "source": asked.shown_source,
        "year": asked.year,
        "in": "posts" if asked.whole else None,
        "page": asked.page if asked.page > 1 else None,
    }
    return url_for("pages.search", **{name: value for name, value in wanted.items() if value})


def pages(number: int, total: int, go: Callable[[int], str]) -> Pages:
    """Return the way to the pages before and after; *go* makes the address of one."""
    last = min(max(1, ceil(total / PER_PAGE)), LAST_PAGE)
    return Pages(
        number=number,
        last=last,
        previous=go(number - 1) if number > 1 else None,
        following=go(number + 1) if number < last else None,
    )


def facets(
    asked: Asked, counts: Mapping[str, Mapping[str, int]], titles: Mapping[str, str]
) -> tuple[Facet, ...]:
    """Return what narrows an answer down; *titles* are those of topics and feeds, by their values."""
    return tuple(
        Facet(title=title, choices=choices)
        for title, name, field in FACETS
        if (choices := _choices(asked, field, counts.get(name, {}), titles))
    )


def sources(asked: Asked, counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the sources that the facet offers, which need a name."""
    return _offered(asked.source or "", counts.get("feed", {}))


def chosen(facets: Iterable[Facet]) -> list[Choice]:
    """Return the filters that are on."""
    return [choice for facet in facets for choice in facet.choices if choice.chosen]


def unfiltered(asked: Asked) -> str:
    """Return the address of the same search without filters."""
    return address(replace(asked, topic=None, source=None, year=None, page=1))


def within(asked: Asked, whole: bool) -> str:
    """Return the address of the same search in guidance or in whole posts."""
    return address(replace(asked, whole=whole, page=1))


def _choices(
    asked: Asked, field: str, counts: Mapping[str, int], titles: Mapping[str, str]
) -> tuple[Choice, ...]:
    on = str(getattr(asked, field) or "")
    shown = _offered(on, counts)
    if field == "year":
        shown.sort(reverse=True)
    labels = _labels(shown, titles)
    return tuple(
        Choice(
            label=labels[value],
            count=counts.get(value, 0),
            address=_turned(asked, field, None if value == on else value),
            chosen=value == on,
        )
        for value in shown
    )


def _offered(on: str, counts: Mapping[str, int]) -> list[str]:
    frequent = sorted(counts, key=lambda value: (-counts[value], value))[:LONGEST_FACET]
    return frequent if not on or on in frequent else [on, *frequent]


def _labels(values: Iterable[str], titles: Mapping[str, str]) -> dict[str, str]:
    """Return a label for each value; those that would share one are told apart by host or file."""
    first = {value: clip(titles.get(value) or named(value), 60) for value in values}
    often = Counter(first.values())
    return {
        value: f"{label} ({clip(named(value), 40)})" if often[label] > 1 else label
        for value, label in first.items()
    }


def _turned(asked: Asked, field: str, value: str | None) -> str:
    change: dict[str, Any] = {field: int(value) if value and field == "year" else value}
    return address(replace(asked, page=1, **change))
