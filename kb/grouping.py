"""Which senses stand under which: a grouping that depends on what is there and never on the order in which it came.

Senses have an order of their own. One that is like no leading sense before it leads; any other follows the most similar
leading sense before it. That is the lexicographically first maximal independent set of the graph of what says the
same, as in the pivot algorithm (Ailon, Charikar and Newman 2008, "Aggregating inconsistent information"): everything in
a group says the same as its leader, so groups do not chain from one meaning to the next. A sense that comes or goes
is worked in where it belongs; few others are touched (Behnezhad and others 2019, "Fully dynamic maximal
independent set with polylogarithmic update time").
"""

import heapq
from collections.abc import Iterable
from typing import Protocol

Order = tuple[float, str]
Alike = tuple[float, int]  # similarity and sense


class Senses(Protocol):
    """The senses that are grouped, by number."""

    def order(self, sense: int) -> Order:
        """Return its place among all senses."""

    def leader(self, sense: int) -> int | None:
        """Return the sense that it follows, itself where it leads, None where it has not been placed yet."""

    def nearness(self, sense: int) -> float:
        """Return the similarity to its leader."""

    def before(self, sense: int) -> Iterable[Alike]:
        """Yield the leading senses before it that say the same."""

    def after(self, sense: int) -> Iterable[Alike]:
        """Yield the placed senses after it that say the same."""

    def followers(self, leader: int) -> Iterable[int]:
        """Yield the senses that follow a leader, without itself."""

    def place(self, sense: int, leader: int, nearness: float) -> None:
        """Let it follow a leader, or lead."""


def settle(senses: Senses, waiting: Iterable[int]) -> None:
    """Place new senses, and those whose leader has gone; then whatever that changes."""
    left = [(senses.order(sense), sense) for sense in set(waiting)]
    heapq.heapify(left)
    while left:
        _, sense = heapq.heappop(left)
        for touched in _place(senses, sense):
            heapq.heappush(left, (senses.order(touched), touched))


def _place(senses: Senses, sense: int) -> list[int]:
    """Place one sense; return those after it that have to be looked at again."""
    led = senses.leader(sense) == sense
    best = min(senses.before(sense), key=lambda alike: _rank(senses, *alike), default=None)
    if best is None:
        if led:
            return []
        senses.place(sense, sense, 1.0)
        return _gather(senses, sense)
    touched = list(senses.followers(sense)) if led else []
    senses.place(sense, best[1], best[0])
    return touched


def _gather(senses: Senses, leader: int) -> list[int]:
    """Let those follow a new leader that would rather; return the leaders that it displaces."""
    displaced = []
    for nearness, other in list(senses.after(leader)):
        now = senses.leader(other)
        if now == other:
            displaced.append(other)
        elif now is not None and _rank(senses, nearness, leader) < _rank(senses, senses.nearness(other), now):
            senses.place(other, leader, nearness)
    return displaced


def _rank(senses: Senses, nearness: float, leader: int) -> tuple[float, Order]:
    return -nearness, senses.order(leader)
