import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from selectors import DefaultSelector, SelectorKey

import pytest

from ingest.politeness import Turns
from kb.errors import Spared

FEED = "https://till.example/feed"
OTHER = "https://www.till.example/other"
ELSEWHERE = "https://desk.example/feed"


class _Clock(DefaultSelector):
    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class Leaping(asyncio.SelectorEventLoop):
    """An event loop whose clock leaps to what comes next instead of waiting for it."""

    def __init__(self) -> None:
        self.clock = _Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def run(main: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=Leaping) as runner:
        runner.run(main)


async def visit(turns: Turns, url: str, began: list[float], lasting: float = 10.0) -> None:
    """Take a turn and note when it began."""
    async with turns.turn(url, url):
        began.append(asyncio.get_running_loop().time() - 1000)
        await asyncio.sleep(lasting)


@pytest.mark.parametrize(("gap", "times"), [(2.0, [0, 12, 24]), (0.0, [0, 10, 20])])
def test_a_domain_is_asked_one_thing_at_a_time_with_a_pause_in_between(
    gap: float, times: list[float]
) -> None:
    async def main() -> None:
        turns, began = Turns(gap), list[float]()
        await asyncio.gather(*(visit(turns, url, began) for url in (FEED, OTHER, FEED)))
        assert began == pytest.approx(times)

    run(main())


def test_domains_do_not_wait_for_each_other() -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        await asyncio.gather(visit(turns, FEED, began), visit(turns, ELSEWHERE, began))
        assert began == [0, 0]

    run(main())


def test_a_pause_that_is_over_is_not_waited_for_again() -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        await visit(turns, FEED, began)
        await asyncio.sleep(30)
        await visit(turns, FEED, began)
        assert began == pytest.approx([0, 40])

    run(main())


def test_a_site_can_lengthen_the_pause_but_not_shorten_it() -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        turns.slow_down(FEED, 5.0)
        turns.slow_down(ELSEWHERE, 1.0)
        for url in (FEED, OTHER, ELSEWHERE, ELSEWHERE):
            await visit(turns, url, began, lasting=0)
        assert began == pytest.approx([0, 5, 5, 7])

    run(main())


def test_an_address_that_refused_is_not_asked_again_but_its_neighbour_is() -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        turns.refused(FEED, timedelta(minutes=5))
        await visit(turns, OTHER, began)
        with pytest.raises(Spared) as raised:
            await visit(turns, FEED, began)
        assert (raised.value.url, raised.value.wait) == (FEED, timedelta(minutes=5))
        assert len(began) == 1

    run(main())


@pytest.mark.parametrize(
    ("waits", "wait"),
    [
        ((None, None), None),
        ((timedelta(1), None), timedelta(1)),
        ((timedelta(1), timedelta(2)), timedelta(2)),
    ],
)
def test_after_two_addresses_that_refused_a_domain_is_left_alone(
    waits: tuple[timedelta | None, timedelta | None], wait: timedelta | None
) -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        for url, asked_to_wait in zip((FEED, OTHER), waits, strict=True):
            turns.refused(url, asked_to_wait)
        with pytest.raises(Spared) as raised:
            await visit(turns, "https://till.example/third", began)
        await visit(turns, ELSEWHERE, began)
        assert raised.value.wait == wait

    run(main())


def test_one_address_that_refuses_twice_is_one() -> None:
    async def main() -> None:
        turns, began = Turns(2.0), list[float]()
        turns.refused(FEED, None)
        turns.refused(FEED, None)
        await visit(turns, OTHER, began)
        assert began == [0]

    run(main())
