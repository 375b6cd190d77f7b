"""Cut-off posts are made whole from their pages, after a run and a few of each feed at a time."""

import logging
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor
from contextlib import closing
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from ingest import schedule, work
from ingest.fetch import Answer, Outcome, Request
from ingest.workers import Ended
from kb import posts, raws, schema
from kb.errors import Disallowed, FeedError, Forbidden, Gone, NotBetter, NotFound, TooLarge
from kb.model import Page
from kb.raws import Wanting

log = logging.getLogger(__name__)

PER_FEED = 10  # pages asked in one run; a feed's server gets no more than a reader's clicks would
MOST_FAILURES = 4  # then the excerpt is all that there is
# These stay as they are, however often one asks.
_FINAL = (Disallowed, Forbidden, Gone, TooLarge)

Fetch = Callable[[Iterable[Request]], Generator[Outcome, None, None]]


def complete(engine: Engine, fetch: Fetch, workers: Executor, clock: Callable[[], datetime]) -> int:
    """Ask the pages of cut-off posts and keep what is better than the excerpt; return how many posts are whole now."""
    with engine.connect() as db:
        wanted = {one.url: one for one in raws.wanting(db, clock(), PER_FEED)}
    if not wanted:
        return 0
    requests = [Request(url=url, kind="page") for url in wanted]
    with closing(fetch(requests)) as outcomes:
        return sum(
            _take(engine, wanted[request.url], outcome, workers, clock()) for request, outcome in outcomes
        )


def _take(
    engine: Engine, wanted: Wanting, outcome: Answer | FeedError, workers: Executor, now: datetime
) -> bool:
    try:
        return _taken(engine, wanted, outcome, workers, now)
    except NotFound:  # removed meanwhile
        return False


def _taken(
    engine: Engine, wanted: Wanting, outcome: Answer | FeedError, workers: Executor, now: datetime
) -> bool:
    try:
        if isinstance(outcome, FeedError):
            raise outcome
        _complete(engine, wanted, outcome, workers, now)
    except (FeedError, NotBetter, Ended) as error:
        _fail(engine, wanted, error, workers, now)
        return False
    except OperationalError:  # the store's own trouble is no page's
        raise
    except Exception:
        log.exception("a page could not be digested")
        _fail(engine, wanted, Ended("Guidepost failed to read its page; the log says more"), workers, now)
        return False
    return True


def _complete(engine: Engine, wanted: Wanting, answer: Answer, workers: Executor, now: datetime) -> None:
    page = Page(url=answer.final_url, content_type=answer.content_type, body=answer.body)
    with engine.connect() as db:
        stored = raws.get(db, wanted.raw_id)
        lessons = work.lessons(db)
    digests = workers.submit(work.completed, stored, page, now, lessons).result()
    with schema.writing(engine) as db:
        posts.redo(db, stored, digests, now, edited=stored.page is not None)
        raws.keep_page(db, wanted.raw_id, page, now)


def _fail(engine: Engine, wanted: Wanting, error: Exception, workers: Executor, now: datetime) -> None:
    reason = error.reason if isinstance(error, FeedError) else str(error)
    failures = wanted.failures + 1
    is_final = isinstance(error, (*_FINAL, NotBetter, Ended)) or failures >= MOST_FAILURES
    again = None if is_final else schedule.after_failure(now, url=wanted.url, failures=failures).due
    with schema.writing(engine) as db:
        raws.fail_page(db, wanted.raw_id, wanted.url, now, again=again, reason=reason, failures=failures)
        stored, lessons = raws.get(db, wanted.raw_id), work.lessons(db)
    if is_final:
        digests = workers.submit(work.of_stored, stored, now, lessons).result()
        with schema.writing(engine) as db:
            posts.redo(db, stored, digests, now)
