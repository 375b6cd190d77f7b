import random
from collections.abc import Iterable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from kb import grouping
from kb.grouping import Alike, Order

COUNT = 9  # senses, numbered in their order


class Graph:
    """Senses and how alike they are, all in memory."""

    def __init__(self, alike: dict[frozenset[int], float]) -> None:
        self.alike = alike
        self.stands: dict[int, tuple[int, float]] = {}

    def order(self, sense: int) -> Order:
        return float(sense), ""

    def leader(self, sense: int) -> int | None:
        return self.stands[sense][0] if sense in self.stands else None

    def nearness(self, sense: int) -> float:
        return self.stands[sense][1]

    def _alike(self, sense: int) -> Iterator[Alike]:
        for other in self.stands:
            if nearness := self.alike.get(frozenset((sense, other)), 0.0):
                yield nearness, other

    def before(self, sense: int) -> Iterable[Alike]:
        return [one for one in self._alike(sense) if one[1] < sense and self.leader(one[1]) == one[1]]

    def after(self, sense: int) -> Iterable[Alike]:
        return [one for one in self._alike(sense) if one[1] > sense]

    def followers(self, leader: int) -> Iterable[int]:
        return [one for one in self.stands if self.leader(one) == leader != one]

    def place(self, sense: int, leader: int, nearness: float) -> None:
        self.stands[sense] = leader, nearness

    def drop(self, sense: int) -> list[int]:
        left = list(self.followers(sense))
        del self.stands[sense]
        return left


def at_once(alike: dict[frozenset[int], float], senses: Iterable[int]) -> dict[int, int]:
    """Group by the definition, from the first sense to the last."""
    leaders: dict[int, int] = {}
    for sense in sorted(senses):
        near = [
            (alike[frozenset((sense, one))], -one)
            for one, leader in leaders.items()
            if one == leader and frozenset((sense, one)) in alike
        ]
        leaders[sense] = -max(near)[1] if near else sense
    return leaders


graphs = st.dictionaries(
    st.frozensets(st.integers(0, COUNT - 1), min_size=2, max_size=2), st.sampled_from([0.7, 0.8, 0.9])
)


@settings(deadline=None, max_examples=400)
@given(graphs, st.randoms(use_true_random=False))
def test_the_groups_are_those_of_the_definition_whatever_comes_and_goes(
    alike: dict[frozenset[int], float], luck: random.Random
) -> None:
    graph = Graph(alike)
    for _ in range(3 * COUNT):
        sense = luck.randrange(COUNT)
        grouping.settle(graph, graph.drop(sense) if sense in graph.stands else [sense])

        assert {one: graph.leader(one) for one in graph.stands} == at_once(alike, graph.stands)


@settings(deadline=None)
@given(graphs)
def test_many_at_once_come_to_the_same(alike: dict[frozenset[int], float]) -> None:
    graph = Graph(alike)

    grouping.settle(graph, range(COUNT))

    assert {one: graph.leader(one) for one in graph.stands} == at_once(alike, range(COUNT))


def test_groups_do_not_chain() -> None:
    graph = Graph({frozenset((0, 1)): 0.7, frozenset((1, 2)): 0.7})

    grouping.settle(graph, range(3))

    assert [graph.leader(sense) for sense in range(3)] == [0, 0, 2]


def test_of_two_leaders_the_nearer_is_followed_and_of_equals_the_first() -> None:
    graph = Graph(
        {frozenset((0, 2)): 0.7, frozenset((1, 2)): 0.9, frozenset((0, 3)): 0.8, frozenset((1, 3)): 0.8}
    )

    grouping.settle(graph, range(4))

    assert [graph.leader(sense) for sense in (2, 3)] == [1, 0]
