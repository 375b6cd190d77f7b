"""Work on documents in processes of their own: on all cores, and within limits of time and memory.

A document that breaks a limit fails alone: its process is ended and another one takes its place.
"""

import gc
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 60.0  # for one document; the worst of those tried took 5
MOST_MEMORY = 2 * 1024**3  # bytes of addresses, shared libraries included; a 30 MB feed takes some 0.6 GiB
# Digesting makes many small objects that live as long as their post: looking for rings among them is in vain.
_GARBAGE = 50_000
_PRELOADED = ["ingest.digest"]


class Ended(Exception):
    """The process that worked on a document broke a limit or died."""


class Here(Executor):
    """Works at once, in the process and thread that asks."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Executor):
    """Works in *count* processes, which start when there is something to do.

    What is submitted must be pickleable: a module's function and its arguments.
    """

    def __init__(self, count: int, seconds: float = SECONDS, memory: int = MOST_MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._own = threading.local()  # each thread has a process of its own
        self._started: list[_Worker] = []
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="worker")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._threads.submit(self._run, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        for worker in self._started:
            worker.end()

    def _run(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None or not worker.is_alive:
            worker = self._own.worker = _Worker(self._memory)
            self._started.append(worker)
        found: T | _Raised = worker.ask((fn, args, kwargs), self._seconds)
        if isinstance(found, _Raised):
            raise found.error
        return found


@dataclass(frozen=True, slots=True)
class _Raised:
    """What went wrong in the process."""

    error: Exception


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, memory: int) -> None:
        context = _context()
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, memory), daemon=True)  # type: ignore[attr-defined]
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return not self._pipe.closed

    def ask(self, task: object, seconds: float) -> Any:
        try:
            self._pipe.send(task)
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise Ended("the process that read it came to a sudden end") from error
        self.end()
        raise Ended(f"reading it took longer than {seconds:g} seconds")

    def end(self) -> None:
        if self.is_alive:
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process.close()


def _context() -> BaseContext:
    """Return the way to start processes: from a server that has no threads and has loaded our modules once."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def _serve(pipe: Connection, memory: int) -> None:
    _limit(memory)
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    while True:
        try:
            fn, args, kwargs = pipe.recv()
            pipe.send_bytes(_outcome(fn, args, kwargs))
        except (EOFError, OSError):  # whoever asked is gone
            return


def _outcome(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    try:
        return pickle.dumps(fn(*args, **kwargs), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return _raised(error)


def _raised(error: Exception) -> bytes:
    try:
        packed = pickle.dumps(_Raised(error))
        pickle.loads(packed)  # noqa: S301 - our own; some errors can be packed and not unpacked
    except Exception:
        return pickle.dumps(_Raised(RuntimeError(repr(error))))
    return packed


def _limit(memory: int) -> None:
    if os.name == "posix":
        import resource  # noqa: PLC0415 - there is none elsewhere

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
