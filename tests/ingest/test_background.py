import asyncio
import threading
from contextlib import closing

import pytest

from ingest import background
from ingest.background import Outlet, Place


async def count(outlet: Outlet[int]) -> None:
    for number in range(50):
        await outlet.room.acquire()
        outlet.put(number)


async def wait_for_ever(outlet: Outlet[int]) -> None:
    outlet.put(1)
    await asyncio.Event().wait()


def is_running() -> bool:
    return any(thread.name == "background" for thread in threading.enumerate())


def test_results_come_in_order_and_the_thread_ends() -> None:
    assert list(background.stream(count, room=3)) == list(range(50))
    assert not is_running()


def test_work_never_runs_ahead_further_than_there_is_room() -> None:
    begun = 0

    async def work(outlet: Outlet[int]) -> None:
        nonlocal begun
        for number in range(50):
            await outlet.room.acquire()
            begun += 1
            outlet.put(number)

    for taken, _ in enumerate(background.stream(work, room=3), start=1):
        assert begun <= taken + 3


def test_no_work_yields_nothing() -> None:
    async def work(outlet: Outlet[int]) -> None: ...

    assert list(background.stream(work, room=1)) == []


def test_a_fault_in_the_work_reaches_whoever_takes_the_results() -> None:
    async def work(outlet: Outlet[int]) -> None:
        outlet.put(1)
        raise LookupError("odd")

    results = background.stream(work, room=1)

    assert next(results) == 1
    with pytest.raises(LookupError, match="odd"):
        next(results)
    assert not is_running()


def interrupted(error: BaseException) -> None:
    with closing(background.stream(wait_for_ever, room=2)) as results:
        next(results)
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_stopping_half_way_ends_the_thread(error: type[BaseException]) -> None:
    with pytest.raises(error):
        interrupted(error())

    assert not is_running()


def test_results_that_were_never_asked_for_start_nothing() -> None:
    background.stream(wait_for_ever, room=1).close()

    assert not is_running()


def test_work_that_is_stopped_can_tidy_up() -> None:
    tidied = []

    async def work(outlet: Outlet[int]) -> None:
        try:
            await wait_for_ever(outlet)
        finally:
            tidied.append(True)

    with closing(background.stream(work, room=1)) as results:
        next(results)

    assert tidied == [True]


def test_a_place_is_taken_once_and_given_back_once() -> None:
    async def work(outlet: Outlet[int]) -> None:
        place, other = Place(outlet), Place(outlet)
        for step in (place.take, place.take):
            await step()
        place.leave()
        place.leave()
        await other.put(1)
        await place.put(2)

    assert list(background.stream(work, room=1)) == [1, 2]


def test_a_selector_that_was_held_up_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 9.0, 9.0, 9.0])
    monkeypatch.setattr("ingest.background.time.monotonic", lambda: next(times))

    assert background._Patient().select(0) == []
    assert next(times, None) is None
