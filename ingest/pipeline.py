"""One run: fetch what is due, digest it, keep it, let the index catch up; and digesting again what is kept.

Each feed's posts, the state of its last fetch and the queue for the index are written in one transaction, so a run
that is killed at any moment has kept a feed wholly or not at all, and the next run goes on from there.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from ingest import discover, document, entry, extract, parse, schedule
from ingest.fetch import Answer, Outcome, Postponed, Request
from kb import feeds as kb_feeds
from kb import posts as kb_posts
from kb import schema
from kb.errors import FeedError, Gone, NotAFeed, NotFound
from kb.index import Index
from kb.model import Digest, Feed, Post, Raw
from kb.posts import NOTHING, Kept, Origins

log = logging.getLogger(__name__)

Fetch = Callable[[Iterable[Request]], Generator[Outcome, None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    feed: str
    reason: str
    is_ours: bool = False  # a mistake of this program, not of the feed


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
    quotes: int = 0  # more than before
    principles: int = 0  # more than before
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one feed."""

    feed: Feed
    changed: bool = False
    kept: Kept = NOTHING
    failure: Failure | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What digesting everything again did."""

    kept: Kept
    failed: int  # raw sources that could not be digested; a mistake of this program


def digest(post: Post) -> Digest:
    """Find the guidance in a post."""
    return Digest(post=post, quotes=extract.quotes(post))


def refresh(
    engine: Engine,
    index: Index,
    due: Sequence[Feed],
    fetch: Fetch,
    clock: Callable[[], datetime],
    tick: Callable[[Step], None],
) -> Summary:
    """Fetch *due*, keep what is new and let the index catch up; *tick* hears of each feed as it is done."""
    began = time.monotonic()
    with engine.connect() as db:
        before = kb_posts.totals(db)
    steps = []
    for step in _steps(engine, due, fetch, clock):
        tick(step)
        steps.append(step)
    index.catch_up(engine)
    with engine.connect() as db:
        after = kb_posts.totals(db)
    summary = _sum(steps)
    return replace(
        summary,
        quotes=after.quotes - before.quotes,
        principles=after.principles - before.principles,
        seconds=round(time.monotonic() - began, 3),
    )


def _steps(
    engine: Engine, due: Sequence[Feed], fetch: Fetch, clock: Callable[[], datetime]
) -> Iterator[Step]:
    by_url = {feed.url: feed for feed in due}
    asked = [Request(url=feed.url, etag=feed.etag, last_modified=feed.last_modified) for feed in due]
    with closing(fetch(asked)) as outcomes:
        for request, outcome in outcomes:
            yield _step(engine, by_url[request.url], outcome, clock())


def _step(engine: Engine, feed: Feed, outcome: Answer | FeedError, now: datetime) -> Step:
    try:
        return _take(engine, feed, outcome, now)
    except FeedError as error:
        return _fail(engine, feed, error, now)
    except NotFound:  # the subscription ended while its feed was being fetched
        return Step(feed=feed)
    except OperationalError:  # the store's own trouble, such as a full disk, is no feed's
        raise
    except Exception:
        log.exception("%s could not be digested", feed.url)
        ours = FeedError(feed.url, "Guidepost failed to digest it; the log says more")
        return _fail(engine, feed, ours, now, is_ours=True)


def _take(engine: Engine, feed: Feed, outcome: Answer | FeedError, now: datetime) -> Step:
    if isinstance(outcome, FeedError):
        raise outcome
    body_hash = hashlib.sha256(outcome.body).hexdigest()
    if outcome.status == "unchanged" or body_hash == feed.body_hash:
        return _note_unchanged(engine, feed, outcome, now)
    found = _parse(outcome)
    with engine.connect() as db:
        known = kb_posts.known(db, feed.url)
    fresh = [
        (raw, [digest(entry.post(found_entry, feed.url))]) for found_entry, raw in _news(found.entries, known)
    ]
    with schema.writing(engine) as db:
        kb_feeds.named(db, feed.id, title=found.title, site_url=found.site_url)
        origins = Origins(source=feed.url, origin="feed", feed_id=feed.id)
        kept = kb_posts.keep_all(db, fresh, origins, now)
        kb_feeds.answered(
            db,
            feed.id,
            now=now,
            next_due=_next(feed, outcome, now, news=bool(fresh)),
            news=bool(fresh),
            validators={"etag": outcome.etag, "last_modified": outcome.last_modified, "body_hash": body_hash},
        )
    return Step(feed=feed, changed=True, kept=kept)


def _parse(answer: Answer) -> parse.ParsedFeed:
    try:
        return parse.feed(answer.body, answer.final_url, answer.content_type)
    except NotAFeed as error:
        announced = discover.feeds(answer.body, answer.final_url)
        if not announced:
            raise
        raise NotAFeed(error.url, f"what came is a web page; its feed is at {announced[0]}") from error


def _news(entries: Iterable[parse.Entry], known: dict[str, str]) -> Iterator[tuple[parse.Entry, Raw]]:
    """Yield the entries that are new or differ from what is kept; of two with one key the first."""
    seen = set()
    for found in entries:
        raw = Raw(kind="entry", name=found.key, body=parse.pack(found))
        if found.key not in seen and known.get(found.key) != kb_posts.hash_of(raw):
            yield found, raw
        seen.add(found.key)


def _note_unchanged(engine: Engine, feed: Feed, answer: Answer, now: datetime) -> Step:
    due = _next(feed, answer, now, news=False)
    validators = {
        "etag": answer.etag or feed.etag,
        "last_modified": answer.last_modified or feed.last_modified,
    }
    with schema.writing(engine) as db:
        kb_feeds.answered(db, feed.id, now=now, next_due=due, news=False, validators=validators)
    return Step(feed=feed)


def _next(feed: Feed, answer: Answer, now: datetime, *, news: bool) -> datetime:
    quiet_since = feed.changed_at
    return schedule.next_due(now, url=feed.url, changed=news, quiet_since=quiet_since, wait=answer.fresh_for)


def _fail(engine: Engine, feed: Feed, error: FeedError, now: datetime, *, is_ours: bool = False) -> Step:
    gone = isinstance(error, Gone)
    wait = error.wait if isinstance(error, Postponed) else None
    due = schedule.next_due(now, url=feed.url, changed=False, failures=feed.failures + 1, wait=wait)
    with schema.writing(engine) as db:
        kb_feeds.failed(db, feed.id, now=now, next_due=due, reason=error.reason, gone=gone)
    return Step(feed=feed, gone=gone, failure=Failure(feed=feed.url, reason=error.reason, is_ours=is_ours))


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


def add(engine: Engine, raw: Raw, origins: Origins, now: datetime) -> Kept | None:
    """Keep a loose document's posts; None when a document of the same content is there already.

    Raises DocumentError when it cannot be read.
    """
    digests = [digest(post) for post in document.posts(raw.body, origins.source)]
    with schema.writing(engine) as db:
        if kb_posts.has_document(db, raw):
            return None
        return kb_posts.keep(db, raw, origins, digests, now)


def redo(engine: Engine, index: Index, now: datetime, tick: Callable[[], None]) -> Redone:
    """Digest everything again from the raw sources that are kept; what still stands keeps its ids."""
    with engine.connect() as db:
        ids = kb_posts.raw_ids(db)
    kept, failed = [], 0
    for raw_id in ids:
        try:
            kept.append(_redo(engine, raw_id, now))
        except NotFound:  # removed since
            pass
        except OperationalError:
            raise
        except Exception:  # its posts stay as they are
            log.exception("raw source %d could not be digested again", raw_id)
            failed += 1
        tick()
    index.catch_up(engine)
    return Redone(kept=kb_posts.total(kept), failed=failed)


def _redo(engine: Engine, raw_id: int, now: datetime) -> Kept:
    with engine.connect() as db:
        stored = kb_posts.raw(db, raw_id)
    digests = [digest(post) for post in _posts_of(stored.raw, stored.origins.source)]
    with schema.writing(engine) as db:
        return kb_posts.redo(db, stored, digests, now)


def _posts_of(raw: Raw, source: str) -> Sequence[Post]:
    if raw.kind == "entry":
        return [entry.post(parse.unpack(raw.body), source)]
    return document.posts(raw.body, source)
