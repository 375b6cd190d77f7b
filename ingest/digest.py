"""What an answer brought: its new and changed posts with the guidance in them. Pure; runs in worker processes.

Entries that are known and unchanged are recognised by their bytes, before anything is parsed.
"""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from ingest import (
    boilerplate,
    dates,
    discover,
    document,
    entry,
    extract,
    flaws,
    items,
    parse,
    schedule,
    whole,
)
from ingest.items import Cut
from ingest.parse import Entry, ParsedFeed
from ingest.schedule import Pace
from ingest.work import Digested, News, Task
from kb import fingerprint, privacy, shingles, sought
from kb.errors import NotAFeed, NotBetter
from kb.model import Digest, Known, Page, Post, Raw, StoredRaw
from kb.topics import UNTAUGHT, Lessons

# Of the confidence in a quote: the surest one of a flawed post comes behind the ordinary ones of others.
_FLAWED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The entries that had to be parsed, with their marks, and the keys of those that had not."""

    head: ParsedFeed | None
    entries: Sequence[tuple[Entry, str | None]]
    recognised: frozenset[str]


def answer(task: Task) -> Digested:
    """Return what the answer brought. Raises NotAFeed."""
    reading = _read(task)
    if reading.head is None:
        return Digested(repeats=frozenset(task.repeats))
    fresh, marks = _sorted(reading.entries, task.known)
    posts = [_wanting(_dated(entry.post(found, task.source), task.now)) for found, _, _ in fresh]
    repeats = frozenset(task.repeats) | boilerplate.learn((post.text, post.blocks) for post in posts)
    keys = reading.recognised | {found.key for found, _ in reading.entries}
    earlier = _Ladder(task.known, keys, posts, reading.head.site_url)
    news = tuple(
        News(
            raw=raw,
            packed=zlib.compress(raw.body),
            digest=of_post(boilerplate.without(post, repeats), task.lessons),
            mark=mark,
            was=earlier.name(post),
        )
        for (_, raw, mark), post in zip(fresh, posts, strict=True)
    )
    return Digested(
        news=news,
        marks=marks,
        is_familiar=not task.known or any(key in task.known for key in keys),
        repeats=repeats,
        head=replace(reading.head, entries=()),
        pace=_pace(reading, task),
        sought={quote.text: sought.of(quote.text) for one in news for quote in one.digest.quotes},
    )


def of_post(post: Post, lessons: Lessons | None = None) -> Digest:
    """Find the guidance in a post, and whether that is worth less since no person has worded it."""
    quotes, flaw = extract.quotes(post, lessons or UNTAUGHT), flaws.of(post.text)
    if flaw is not None:
        quotes = tuple(replace(quote, confidence=quote.confidence * _FLAWED) for quote in quotes)
    return Digest(post=replace(post, flaw=flaw), quotes=quotes, shingles=shingles.of(post.text))


def of_stored(stored: StoredRaw, now: datetime, lessons: Lessons | None = None) -> list[Digest]:
    """Digest what is kept of a source, as if it came in now."""
    if stored.raw.kind == "document":
        found = document.posts(stored.raw.body, stored.origins.source)
        return [of_post(post, lessons) for post in found]
    if stored.page is not None:
        try:
            return completed(stored, stored.page, now, lessons)
        except NotBetter:  # by the rules of today
            stored = replace(stored, is_refused=True)
    post = _of_entry(stored, now)
    if not stored.is_refused:
        post = _wanting(post)
    elif post.completeness == "excerpt":
        post = replace(post, completeness="failed")
    return _digested(post, stored, lessons)


def completed(stored: StoredRaw, page: Page, now: datetime, lessons: Lessons | None = None) -> list[Digest]:
    """Digest an entry made whole from its page. Raises NotBetter where the page is no better than the entry."""
    post = _of_entry(stored, now)
    if whole.is_truncated(post):
        post = whole.complete(post, page.body, page.url, page.content_type)
    return _digested(post, stored, lessons)


def _of_entry(stored: StoredRaw, now: datetime) -> Post:
    return _dated(entry.post(parse.unpack(stored.raw.body), stored.origins.source), now)


def _wanting(post: Post) -> Post:
    """Call what may be no more than a summary an excerpt, until its page was seen."""
    return replace(post, completeness="excerpt") if whole.is_truncated(post) else post


def _digested(post: Post, stored: StoredRaw, lessons: Lessons | None) -> list[Digest]:
    return [of_post(boilerplate.without(post, stored.repeats), lessons)]


def _read(task: Task) -> _Reading:
    """Parse what is not recognised: nothing, some of the entries, or the whole answer where the cut is not certain."""
    by_mark = {one.mark: key for key, one in task.known.items() if one.mark}
    cut = items.cut(task.body, task.content_type, url=task.url, known=by_mark.keys())
    if cut is not None:
        seen = [by_mark.get(mark) for mark in cut.marks]
        recognised = frozenset(key for key in seen if key is not None)
        unseen = [at for at, key in enumerate(seen) if key is None]
        if not unseen:
            return _Reading(head=None, entries=(), recognised=recognised)
        if recognised and (partly := _read_some(task, cut, unseen, recognised)):
            return partly
    found = _parsed(task, task.body)
    marks = cut.marks if cut and not found.shares_ids else None
    return _Reading(head=found, entries=_marked(found, marks), recognised=frozenset())


def _read_some(task: Task, cut: Cut, unseen: Sequence[int], recognised: frozenset[str]) -> _Reading | None:
    """Parse only the items at *unseen*; None where an entry's key also depends on the others in the feed."""
    found = _parsed(task, items.only(cut, unseen))
    keys = {one.key for one in found.entries}
    if found.shares_ids or len(keys) != len(unseen) or keys & recognised:
        return None
    marks = [cut.marks[at] for at in unseen]
    return _Reading(head=found, entries=_marked(found, marks), recognised=recognised)


def _parsed(task: Task, body: bytes) -> ParsedFeed:
    try:
        return parse.feed(body, task.url, task.content_type)
    except NotAFeed as error:
        announced = discover.feeds(task.body, task.url)
        if not announced:
            raise
        raise NotAFeed(
            error.url, f"what came is a web page; its feed is at {privacy.shown(announced[0])}"
        ) from error


def _marked(found: ParsedFeed, marks: Sequence[str] | None) -> list[tuple[Entry, str | None]]:
    """Join entries and marks where there is one for each: of true doubles only one became an entry."""
    every = marks if marks and len(marks) == len(found.entries) else [None] * len(found.entries)
    return list(zip(found.entries, every, strict=True))


def _sorted(
    entries: Iterable[tuple[Entry, str | None]], known: Mapping[str, Known]
) -> tuple[list[tuple[Entry, Raw, str | None]], dict[str, str]]:
    """Tell the entries that are new or differ from what is kept from those of which only the bytes do."""
    fresh, marks = [], {}
    for found, mark in entries:
        raw = Raw(kind="entry", name=found.key, body=parse.pack(found))
        kept = known.get(found.key)
        if kept is None or kept.hash != fingerprint.of_bytes(raw.body):
            fresh.append((found, raw, mark))
        elif mark and mark != kept.mark:
            marks[found.key] = mark
    return fresh, marks


def _dated(post: Post, now: datetime) -> Post:
    published, note = dates.judged(post.published, now)
    return replace(post, published=published, date_note=note) if note else post


def _pace(reading: _Reading, task: Task) -> Pace:
    assert reading.head is not None  # noqa: S101 - something was parsed
    hints = reading.head.hints
    said = schedule.pace(hints.ttl, hints.period, hints.frequency, hints.hours, hints.days)
    moments = [found.published or found.updated for found, _ in reading.entries]
    moments += [task.known[key].published for key in reading.recognised]
    return replace(said, gap=schedule.rhythm(moments, task.now))


class _Ladder:
    """Which kept entry a new one is under another name: the only one of its link, else of its text.

    Only entries that are no longer in the feed come into question.
    """

    def __init__(
        self, known: Mapping[str, Known], present: Collection[str], posts: Sequence[Post], home: str | None
    ) -> None:
        self._known = known
        left = {key: one for key, one in known.items() if key not in present}
        links = Counter(post.url for post in posts)
        self._linked = _unique(
            (one.url, key)
            for key, one in left.items()
            if links[one.url] == 1 and _names_a_post(one.url, home)
        )
        self._worded = _unique((one.fingerprint, key) for key, one in left.items())

    def name(self, post: Post) -> str | None:
        """Return the name that *post* is kept under, if any."""
        if post.key in self._known:
            return post.key
        found = self._linked.get(post.url or "") or self._worded.get(fingerprint.of_post(post.text) or "")
        self._linked = {link: key for link, key in self._linked.items() if key != found}
        self._worded = {text: key for text, key in self._worded.items() if key != found}
        return found


def _unique(pairs: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """Return the pairs whose first part no other has."""
    every = [(first, second) for first, second in pairs if first]
    counts = Counter(first for first, _ in every)
    return {first: second for first, second in every if counts[first] == 1}


def _names_a_post(url: str | None, home: str | None) -> bool:
    """Tell whether a link is one post's own: some feeds give every entry the address of the site."""
    return url is not None and url != home and urlsplit(url).path not in ("", "/")
