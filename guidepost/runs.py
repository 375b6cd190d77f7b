"""A run over feeds with what follows it: suggestions for broken ones, and calls to hubs."""

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from guidepost import program
from guidepost.config import Settings
from guidepost.program import Program, now
from ingest import fetch, pipeline, websub
from ingest.fetch import Limits
from ingest.keeping import Step
from ingest.pipeline import Summary
from ingest.workers import Processes
from kb import feeds, schema
from kb.errors import Busy
from kb.model import Feed

log = logging.getLogger(__name__)

# Failures in a row after which a feed's site is looked at for another feed: soon, and then ever more seldom.
SUSPICIOUS = frozenset({3, 10, 30, 100})
MOST_LOOKED_AT = 5  # sites in one run
PATIENCE = 900  # seconds that a probe waits for another run to end


def limits(settings: Settings) -> Limits:
    """Return how far fetching may go."""
    return Limits(
        user_agent=settings.user_agent,
        total=settings.total_seconds,
        connect=settings.connect_seconds,
        read=settings.read_seconds,
        max_bytes=settings.max_bytes,
        at_once=settings.at_once,
        gap=settings.gap_seconds,
        allow=settings.allow,
        ports=frozenset(settings.ports),
    )


def processes(settings: Settings) -> Processes:
    """Return the worker processes that the settings ask for; none starts before there is work."""
    return Processes(settings.workers or os.cpu_count() or 1)


def due(program: Program, *, everything: bool) -> list[Feed]:
    """Return the feeds to ask now: those that are due, or all that are neither paused nor gone."""
    with program.engine.connect() as db:
        return list(feeds.active(db) if everything else feeds.due(db, now()))


def once(program: Program, asked: list[Feed], tick: Callable[[Step], None]) -> Summary:
    """Run once over these feeds."""
    asking = limits(program.settings)
    steps: list[Step] = []

    def hear(step: Step) -> None:
        steps.append(step)
        tick(step)

    with _seldom_garbage(), processes(program.settings) as workers:
        summary = pipeline.refresh(
            program.engine, program.index, asked, partial(fetch.many, limits=asking), workers, now, hear
        )
    program.semantic.catch_up(program.engine)
    broken = [step.feed for step in steps if _is_suspicious(step)]
    for feed in broken[:MOST_LOOKED_AT]:
        _look_for_another(program, feed)
    if program.settings.callback:
        websub.renew(program.engine, asking, program.settings.callback, now)
    return summary


@contextmanager
def _seldom_garbage() -> Iterator[None]:
    """Let Python look for unreachable rings of objects more seldom: a run makes millions and hardly any rings.

    That saves an eighth of the time of a first run.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _is_suspicious(step: Step) -> bool:
    failed = step.failure is not None and not (step.failure.is_ours or step.failure.is_offline)
    return failed and step.feed.failures + 1 in SUSPICIOUS


def _look_for_another(program: Program, feed: Feed) -> None:
    from guidepost import discovery  # noqa: PLC0415 - it takes a parser of feeds and one of pages

    found = discovery.replacement(feed, program.settings)
    if found:
        with schema.writing(program.engine) as db:
            feeds.suggest(db, feed.id, found)


class Prober:
    """Asks new feeds in the background, one batch after the other; what is left over comes with the next run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._wanted: set[int] = set()
        self._thread: threading.Thread | None = None

    def __call__(self, ids: list[int]) -> None:
        with self._lock:
            self._wanted.update(ids)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="probe", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while ids := self._next():
            try:
                self._probe(ids)
            except Busy:
                log.info("%d new feeds wait for the next run: another one is under way", len(ids))
            except Exception:
                log.exception("new feeds could not be asked")

    def _next(self) -> set[int]:
        with self._lock:
            ids, self._wanted = self._wanted, set()
            if not ids:
                self._thread = None
            return ids

    def _probe(self, ids: set[int]) -> None:
        with program.opened(self._settings) as opened, program.alone(self._settings, PATIENCE):
            # Those that another run has asked meanwhile are no longer due.
            once(opened, [feed for feed in due(opened, everything=False) if feed.id in ids], lambda _: None)
