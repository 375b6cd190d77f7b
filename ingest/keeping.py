"""What became of feeds -> the store: many feeds in one transaction, and one that cannot be kept fails alone.

A feed's posts, the state of its fetch and the queue for the index are written together, so a run that is killed at
any moment has kept a feed wholly or not at all, and the next run goes on from there.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from ingest import boilerplate, schedule, work
from ingest.fetch import Answer
from ingest.work import Digested
from kb import feeds as kb_feeds
from kb import posts as kb_posts
from kb import privacy, raws, schema
from kb.errors import BadAddress, FeedError, Gone, Postponed, Spared
from kb.feeds import Heard
from kb.model import Digest, Feed, Origins
from kb.posts import NOTHING, Found, Kept
from kb.shelf import Shelf

log = logging.getLogger(__name__)

# A transaction costs a flush to the disk; a longer one keeps the site's forms waiting.
MOST_FEEDS = 250
MOST_POSTS = 200
# Some sites redirect everything to a page on their maintenance for a day or two.
DAYS_OF_MOVING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    feed: str
    reason: str
    is_ours: bool = False  # a mistake of this program, not of the feed
    is_offline: bool = False  # this machine reached nothing at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one feed."""

    feed: Feed
    changed: bool = False
    kept: Kept = NOTHING
    failure: Failure | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is to be kept of one feed: what its answer brought, or why there is none."""

    feed: Feed
    answer: Answer | None = None
    digested: Digested | None = None  # None for an answer whose body is the one of last time
    error: FeedError | None = None
    is_ours: bool = False


class Batch:
    """Results that wait to be kept together."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting: list[Result] = []
        self._posts = 0
        self._shelf = Shelf()

    def add(self, result: Result) -> list[Step]:
        """Take a result; return what became of the feeds that were kept thereupon."""
        self._waiting.append(result)
        self._posts += len(result.digested.news) if result.digested else 0
        is_full = len(self._waiting) >= MOST_FEEDS or self._posts >= MOST_POSTS
        return self.flush() if is_full else []

    def flush(self) -> list[Step]:
        """Keep what waits."""
        results, self._waiting, self._posts = self._waiting, [], 0
        if not results:
            return []
        try:
            return _keep_all(self._engine, results, self._shelf, self._clock())
        except OperationalError:  # the store's own trouble, such as a full disk, is no feed's
            raise
        except Exception:
            log.warning("%d feeds could not be kept together", len(results), exc_info=True)
            return [step for result in results for step in self._alone(result)]

    def _alone(self, result: Result) -> list[Step]:
        try:
            return _keep_all(self._engine, [result], self._shelf, self._clock())
        except OperationalError:
            raise
        except Exception:
            log.exception("%s could not be kept", privacy.shown(result.feed.url))
            ours = FeedError(result.feed.url, "Guidepost failed to keep it; the log says more")
            return _keep_all(
                self._engine, [Result(feed=result.feed, error=ours, is_ours=True)], self._shelf, self._clock()
            )


def _keep_all(engine: Engine, results: Sequence[Result], shelf: Shelf, now: datetime) -> list[Step]:
    with schema.writing(engine) as db:
        there = kb_feeds.existing(db, [result.feed.id for result in results])
        # A subscription may end while its feed is being fetched.
        wanted = [result for result in results if result.feed.id in there]
        kept = _posts(db, wanted, shelf, now)
        heard = [_heard(result, kept[result.feed.id], now) for result in wanted if result.answer]
        kb_feeds.answered(db, heard, now)
        return [
            _step(db, result, kept[result.feed.id], now)
            if result.feed.id in there
            else Step(feed=result.feed)
            for result in results
        ]


def _posts(db: Connection, results: Sequence[Result], shelf: Shelf, now: datetime) -> dict[int, Kept]:
    """Keep the news of all feeds at once; return what each of them, by its id, has brought."""
    found = [(result.feed.id, one) for result in results for one in _found(db, result, now)]
    for result in results:
        shelf.expect(result.digested.sought if result.digested else {})
    brought = defaultdict(list)
    for (feed_id, _), kept in zip(
        found, kb_posts.keep_all(db, [one for _, one in found], now, shelf), strict=True
    ):
        brought[feed_id].append(kept)
    return {result.feed.id: kb_posts.total(brought[result.feed.id]) for result in results}


def _found(db: Connection, result: Result, now: datetime) -> list[Found]:
    feed, digested = result.feed, result.digested
    if digested is None:
        return []
    raws.mark(db, feed.url, digested.marks)
    origins = Origins(source=feed.url, origin="feed", feed_id=feed.id)
    whole = _whole(db, feed, digested, now)
    return [
        Found(
            raw=one.raw,
            origins=origins,
            digests=whole.get(one.raw.name, [one.digest]),
            mark=one.mark,
            was=one.was,
            packed=one.packed,
        )
        for one in digested.news
    ]


def _step(db: Connection, result: Result, kept: Kept, now: datetime) -> Step:
    feed, answer, digested = result.feed, result.answer, result.digested
    if answer is None:
        assert result.error is not None  # noqa: S101 - one of the two is there
        return _fail(db, feed, result.error, now, is_ours=result.is_ours)
    if digested is None or digested.is_familiar:
        _follow(db, feed, answer, now)
    return Step(feed=feed, changed=digested is not None, kept=kept)


def _heard(result: Result, kept: Kept, now: datetime) -> Heard:
    """Return what an answer means for its feed."""
    feed, answer, digested = result.feed, result.answer, result.digested
    assert answer is not None  # noqa: S101 - as its caller has seen
    told = _validators(feed, answer)
    if digested and digested.head:
        told |= _said(feed, answer, digested)
    if kept.new >= boilerplate.LEAST_POSTS:
        told["learned"] = feed.posts + kept.new
    decided = schedule.after_answer(
        now,
        url=feed.url,
        pace=schedule.unpack(told.get("pace", feed.pace)),
        changed=kept != NOTHING,
        quiet_since=feed.changed_at,
        fresh_for=answer.fresh_for,
    )
    return Heard(feed_id=feed.id, next_due=decided.due, why=decided.why, news=kept != NOTHING, told=told)


def _whole(db: Connection, feed: Feed, digested: Digested, now: datetime) -> dict[str, list[Digest]]:
    """Return the digests of edited entries that were made whole from a page, as they stand until that is asked anew."""
    edited = {one.was: one.raw for one in digested.news if one.was}
    paged = raws.paged(db, feed.url, now, edited) if edited else {}
    return {
        edited[name].name: work.of_stored(replace(stored, raw=edited[name]), now, work.lessons(db))
        for name, stored in paged.items()
    }


def _said(feed: Feed, answer: Answer, digested: Digested) -> dict[str, Any]:
    """Return what the feed says of itself, and its server of it (WebSub, section 4: the header goes first)."""
    head, pace = digested.head, digested.pace
    assert head is not None and pace is not None  # noqa: PT018, S101 - they come together
    return {
        **kb_feeds.names(feed, head.title, head.site_url),
        "hub": answer.hub or head.hub,
        "self_url": answer.self_url or head.self_url,
        "pace": schedule.pack(pace),
        "repeats": sorted(digested.repeats),
    }


def _validators(feed: Feed, answer: Answer) -> dict[str, Any]:
    if answer.status == "unchanged":
        return {
            "etag": answer.etag or feed.etag,
            "last_modified": answer.last_modified or feed.last_modified,
        }
    return {
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "body_hash": answer.body_hash,
    }


def _follow(db: Connection, feed: Feed, answer: Answer, now: datetime) -> None:
    """Take over an address to which the feed has moved for good, once that was seen on several days."""
    to = answer.permanent_url if answer.permanent_url != feed.url else None
    if to is None and feed.moved_to is None:
        return
    if len(kb_feeds.seen_moving(db, feed.id, to, now.date())) >= DAYS_OF_MOVING and to:
        try:
            kb_feeds.move(db, feed.id, to)
        except BadAddress:  # another feed is subscribed there: a person may remove one of them
            log.info("%s has moved to the address of another feed", privacy.shown(feed.url))


def _fail(db: Connection, feed: Feed, error: FeedError, now: datetime, *, is_ours: bool) -> Step:
    failure = Failure(feed=privacy.shown(feed.url), reason=error.reason, is_ours=is_ours)
    wait = error.wait if isinstance(error, Postponed | Spared) else None
    if isinstance(error, Spared):
        decided = schedule.after_failure(now, url=feed.url, failures=1, wait=wait)
        kb_feeds.put_off(db, feed.id, next_due=decided.due, why=error.reason)
        return Step(feed=feed, failure=failure)
    gone = isinstance(error, Gone)
    decided = schedule.after_failure(now, url=feed.url, failures=feed.failures + 1, wait=wait)
    kb_feeds.failed(
        db, feed.id, now=now, next_due=decided.due, why=decided.why, reason=error.reason, gone=gone
    )
    return Step(feed=feed, gone=gone, failure=failure)
