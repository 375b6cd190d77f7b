"""Digesting again what is kept."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from ingest import boilerplate, work
from kb import feeds, posts, raws, schema, tensions
from kb.errors import NotFound
from kb.index import Index
from kb.model import Digest, StoredRaw
from kb.posts import Kept

if TYPE_CHECKING:
    from kb.topics import Lessons

log = logging.getLogger(__name__)

COMPARED = 30  # newest posts of a feed, to see what stands under all of them
NEWS_TO_LEARN_FROM = 5  # posts
AHEAD = 8  # sources that are being digested while others are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What digesting again did."""

    kept: Kept
    failed: int  # raw sources that could not be digested; a mistake of this program


def redo(engine: Engine, index: Index, workers: Executor, now: datetime, tick: Callable[[], None]) -> Redone:
    """Digest everything again from the raw sources that are kept; what still stands keeps its ids."""
    with engine.connect() as db:
        ids = raws.ids(db)
    done = _redo_all(engine, ids, workers, now, tick)
    index.catch_up(engine)
    tensions.catch_up(engine)
    return done


def learn(engine: Engine, feed_ids: Iterable[int], workers: Executor, now: datetime) -> None:
    """Find out what feeds that grow slowly put under all of their posts, and remove it from those that are kept."""
    for feed_id in feed_ids:
        with engine.connect() as db:
            feed = feeds.get(db, feed_id)
            newest = posts.many(db, [ref.id for ref in posts.of_feed(db, feed_id, COMPARED)])
        repeats = boilerplate.learn((post.text, post.blocks) for post in newest) - {*feed.repeats}
        with schema.writing(engine) as db:
            feeds.learned(db, feed_id, {*feed.repeats, *repeats}, feed.posts)
        if repeats:
            with engine.connect() as db:
                ids = raws.ids(db, feed_id)
            _redo_all(engine, ids, workers, now, lambda: None)


def _redo_all(
    engine: Engine, ids: Iterable[int], workers: Executor, now: datetime, tick: Callable[[], None]
) -> Redone:
    kept, failed = [], 0
    for raw_id, digested in _digested(engine, ids, workers, now):
        try:
            stored, digests = digested()
            with schema.writing(engine) as db:
                kept.append(posts.redo(db, stored, digests, now))
        except NotFound:  # removed since
            pass
        except OperationalError:
            raise
        except Exception:  # its posts stay as they are
            log.exception("raw source %d could not be digested again", raw_id)
            failed += 1
        tick()
    return Redone(kept=posts.total(kept), failed=failed)


Digested = Callable[[], tuple[StoredRaw, list[Digest]]]


def _digested(
    engine: Engine, ids: Iterable[int], workers: Executor, now: datetime
) -> Iterator[tuple[int, Digested]]:
    """Yield each raw source digested, while the next ones are being digested already."""
    ahead: deque[tuple[int, Digested]] = deque()
    with engine.connect() as db:
        lessons = work.lessons(db)
    for raw_id in ids:
        ahead.append((raw_id, _begun(engine, raw_id, workers, now, lessons)))
        if len(ahead) >= AHEAD:
            yield ahead.popleft()
    yield from ahead


def _begun(engine: Engine, raw_id: int, workers: Executor, now: datetime, lessons: "Lessons") -> Digested:
    try:
        with engine.connect() as db:
            stored = raws.get(db, raw_id)
    except NotFound as error:
        return partial(_raise, error)
    future = workers.submit(work.of_stored, stored, now, lessons)
    return lambda: (stored, future.result())


def _raise(error: Exception) -> tuple[StoredRaw, list[Digest]]:
    raise error
