"""Async work in a thread of its own, whose results are taken one by one elsewhere.

Whoever takes the results may be slow, and may stop half-way. Neither blocks the loop: the queue of results
has no limit, new work has. Work waits for room before it begins, and room is given back when its result is
taken, so that there are never more results under way or waiting than there is room.
Threads share one interpreter, though, and whoever holds it for seconds on end makes the loop miss its time-outs.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from selectors import DefaultSelector, SelectorKey
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_HELD_UP = 0.25  # seconds; less than that cannot matter to time-outs of seconds


class _Patient(DefaultSelector):
    """Looks again after having been held up, so that no time-out comes before data that was there in time."""

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        began = time.monotonic()
        events = super().select(timeout)
        while timeout is not None and time.monotonic() - began - timeout > _HELD_UP:
            began, timeout = time.monotonic(), 0.0
            events = super().select(timeout)
        return events


class Outlet(Generic[T]):
    """Where async work hands its results over."""

    def __init__(self, room: int) -> None:
        self.room = asyncio.Semaphore(room)
        self._queue: SimpleQueue[tuple[T] | asyncio.Task[None]] = SimpleQueue()

    def put(self, result: T) -> None:
        """Hand a result over; room for it must have been acquired."""
        self._queue.put((result,))

    def end(self, work: asyncio.Task[None]) -> None:
        """Say that nothing follows."""
        self._queue.put(work)

    def take(self) -> tuple[T] | asyncio.Task[None]:
        """Wait for the next result, or for the work that ended."""
        return self._queue.get()


class Place(Generic[T]):
    """One place in the room, for work that gives it back while it waits for something else."""

    def __init__(self, outlet: Outlet[T]) -> None:
        self._outlet = outlet
        self._is_taken = False

    async def take(self) -> None:
        """Wait until there is room, unless there is already."""
        if not self._is_taken:
            await self._outlet.room.acquire()
            self._is_taken = True

    def leave(self) -> None:
        """Give the place back if it is taken."""
        if self._is_taken:
            self._outlet.room.release()
            self._is_taken = False

    async def put(self, result: T) -> None:
        """Hand over a result, which keeps the place until somebody takes it."""
        await self.take()
        self._is_taken = False
        self._outlet.put(result)


Work = Callable[[Outlet[T]], Coroutine[None, None, None]]


def stream(work: Work[T], room: int) -> Generator[T, None, None]:
    """Yield the results of *work*; closing the generator cancels what is left and ends the thread."""
    outlet = Outlet[T](room)
    loop, stop = asyncio.SelectorEventLoop(_Patient()), asyncio.Event()
    # Name look-ups block a thread each. In the default handful of threads a few dead name servers would use
    # up the time-outs of every other host.
    loop.set_default_executor(ThreadPoolExecutor(room, thread_name_prefix="look-up"))
    # A daemon, so that a program that ends without closing this generator is not held up.
    thread = Thread(target=_drive, args=(loop, _serve(work, outlet, stop)), name="background", daemon=True)
    thread.start()
    try:
        while isinstance(taken := outlet.take(), tuple):
            loop.call_soon_threadsafe(outlet.room.release)
            yield taken[0]
        taken.result()
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def _drive(loop: asyncio.AbstractEventLoop, main: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main)


async def _serve(work: Work[T], outlet: Outlet[T], stop: asyncio.Event) -> None:
    """Keep the loop alive until nobody takes results any more; the runner then cancels what is left."""
    task = asyncio.create_task(work(outlet))
    task.add_done_callback(outlet.end)
    await stop.wait()
