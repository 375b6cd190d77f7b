"""One run: fetch what is due, digest it, keep it, let the index catch up."""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine

from ingest import boilerplate, completion, domains, upkeep, work
from ingest.fetch import Answer, Outcome, Request
from ingest.keeping import Batch, Failure, Result, Step
from ingest.work import Digested, Task
from ingest.workers import Ended
from kb import posts as kb_posts
from kb import principles, privacy, raws, tensions
from kb.errors import Busy, FeedError, Offline, Unreachable
from kb.index import Index
from kb.model import Feed

if TYPE_CHECKING:
    from kb.topics import Lessons

log = logging.getLogger(__name__)

Fetch = Callable[[Iterable[Request]], Generator[Outcome, None, None]]

# Answers that are being digested or wait for it, and their bytes: enough to keep all cores busy while others are kept.
MOST_DIGESTING = 64
MOST_BYTES = 48 * 1024 * 1024
INDEXED_AT_ONCE = 4_000  # posts; the index takes some 5 kB of memory for each
_SOME_HOSTS = 3  # that are all silent make the machine suspect rather than each of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did."""

    due: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    gone: int = 0
    new: int = 0
    updated: int = 0
    completed: int = 0  # cut-off posts made whole from their pages
    quotes: int = 0  # more than before
    principles: int = 0  # more than before
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()

    @property
    def is_offline(self) -> bool:
        """Tell whether this machine reached nothing at all."""
        return any(failure.is_offline for failure in self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digesting:
    """An answer, without its body, that is being digested."""

    feed: Feed
    answer: Answer
    size: int  # of its body, in bytes


def refresh(
    engine: Engine,
    index: Index,
    due: Sequence[Feed],
    fetch: Fetch,
    workers: Executor,
    clock: Callable[[], datetime],
    tick: Callable[[Step], None],
) -> Summary:
    """Fetch *due*, keep what is new and let the index catch up; *tick* hears of each feed as it is done."""
    began = time.monotonic()
    with engine.connect() as db:
        before = principles.counts(db)
    steps, unindexed = [], 0
    for step in _steps(engine, due, fetch, workers, clock):
        tick(step)
        steps.append(step)
        unindexed += step.kept.new + step.kept.updated
        if unindexed >= INDEXED_AT_ONCE:  # while the workers go on
            with suppress(Busy):  # another process is at it; the end of the run will wait for it
                index.catch_up(engine)
            unindexed = 0
    done = _sum(steps)
    completed = completion.complete(engine, fetch, workers, clock) if steps and not done.is_offline else 0
    upkeep.learn(engine, [step.feed.id for step in steps if _has_grown(step)], workers, clock())
    index.catch_up(engine)
    if done.new or done.updated or completed:  # a run that finds nothing new should take no time
        tensions.catch_up(engine)
    with engine.connect() as db:
        after = principles.counts(db)
    return replace(
        done,
        completed=completed,
        quotes=after[0] - before[0],
        principles=after[1] - before[1],
        seconds=round(time.monotonic() - began, 3),
    )


def _steps(
    engine: Engine,
    due: Sequence[Feed],
    fetch: Fetch,
    workers: Executor,
    clock: Callable[[], datetime],
) -> Iterator[Step]:
    batch = Batch(engine, clock)
    silent: list[Result] = []
    online = False
    with closing(_results(engine, due, fetch, workers, clock)) as results:
        for result in results:
            if isinstance(result.error, Unreachable) and not online:
                silent.append(result)  # until it is known whether anybody can be reached
                continue
            online = online or _is_answer(result)
            for one in [*silent, result] if online else [result]:
                yield from batch.add(one)
            silent = [] if online else silent
    if silent and _is_offline(silent):
        yield from map(_unasked, silent)
    else:
        for one in silent:
            yield from batch.add(one)
    yield from batch.flush()


def _results(
    engine: Engine,
    due: Sequence[Feed],
    fetch: Fetch,
    workers: Executor,
    clock: Callable[[], datetime],
) -> Generator[Result, None, None]:
    """Yield what is to be kept of each feed, as it is known."""
    by_url = {feed.url: feed for feed in due}
    asked = [Request(url=feed.url, etag=feed.etag, last_modified=feed.last_modified) for feed in due]
    digesting: dict[Future[Digested], _Digesting] = {}
    lessons: Lessons | None = None
    with closing(fetch(asked)) as outcomes:
        for request, outcome in outcomes:
            feed = by_url[request.url]
            if isinstance(outcome, FeedError):
                yield Result(feed=feed, error=outcome)
            elif outcome.status == "unchanged" or outcome.body_hash == feed.body_hash:
                yield Result(feed=feed, answer=outcome)
            else:
                lessons = lessons or _lessons(engine)
                future = workers.submit(work.answer, _task(engine, feed, outcome, clock(), lessons))
                bare = replace(outcome, body=b"")
                digesting[future] = _Digesting(feed=feed, answer=bare, size=len(outcome.body))
            yield from _done(digesting, MOST_DIGESTING, MOST_BYTES)
    yield from _done(digesting, 0, 0)


def _lessons(engine: Engine) -> "Lessons":
    with engine.connect() as db:
        return work.lessons(db)


def _task(engine: Engine, feed: Feed, answer: Answer, now: datetime, lessons: "Lessons") -> Task:
    with engine.connect() as db:
        known = raws.known(db, feed.url)
    return Task(
        source=feed.url,
        url=answer.final_url,
        body=answer.body,
        content_type=answer.content_type,
        known=known,
        repeats=feed.repeats,
        now=now,
        lessons=lessons,
    )


def _done(digesting: dict[Future[Digested], _Digesting], most: int, most_bytes: int) -> Iterator[Result]:
    """Yield what has been digested; wait until no more than so many answers and bytes are left."""
    while digesting:
        is_full = len(digesting) > most or sum(one.size for one in digesting.values()) > most_bytes
        done, _ = wait(digesting, None if is_full else 0, return_when=FIRST_COMPLETED)
        if not done:
            return
        for future in done:
            yield _result(future, digesting.pop(future))


def _result(future: Future[Digested], asked: _Digesting) -> Result:
    feed, answer = asked.feed, asked.answer
    try:
        return Result(feed=feed, answer=answer, digested=future.result())
    except FeedError as error:
        return Result(feed=feed, error=error)
    except Ended as error:
        log.error("%s: %s", privacy.shown(feed.url), error)
        return Result(feed=feed, error=FeedError(feed.url, f"it cannot be digested: {error}"))
    except Exception:
        log.exception("%s could not be digested", privacy.shown(feed.url))
        ours = FeedError(feed.url, "Guidepost failed to digest it; the log says more")
        return Result(feed=feed, error=ours, is_ours=True)


def _has_grown(step: Step) -> bool:
    """Tell whether a feed has brought so much, little by little, that what repeats in it may show now."""
    growth = step.feed.posts + step.kept.new - step.feed.learned
    return 0 < step.kept.new < boilerplate.LEAST_POSTS <= growth


def _is_answer(result: Result) -> bool:
    """Tell whether a server was reached, whatever it said."""
    return not isinstance(result.error, Unreachable) and type(result.error) is not FeedError


def _is_offline(silent: Sequence[Result]) -> bool:
    """Tell whether it is this machine that is cut off, when nobody at all was reached."""
    if any(isinstance(result.error, Offline) for result in silent):
        return True
    return len({domains.registrable(result.feed.url) for result in silent}) >= _SOME_HOSTS


def _unasked(result: Result) -> Step:
    reason = "this machine reaches no server; the feed stays due"
    return Step(
        feed=result.feed,
        failure=Failure(feed=privacy.shown(result.feed.url), reason=reason, is_offline=True),
    )


def _sum(steps: Sequence[Step]) -> Summary:
    kept = kb_posts.total(step.kept for step in steps)
    failures = tuple(step.failure for step in steps if step.failure)
    changed = sum(step.changed for step in steps)
    return Summary(
        due=len(steps),
        changed=changed,
        unchanged=len(steps) - changed - len(failures),
        failed=sum(not step.gone for step in steps if step.failure),
        gone=sum(step.gone for step in steps),
        new=kept.new,
        updated=kept.updated,
        failures=failures,
    )
