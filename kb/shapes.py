"""The JSON shapes that other tools rely on: plain data of our records. Unknown values are null, never invented."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from kb import privacy
from kb.model import Digest, Evidence, Feed, Hit, PostHit, PostRef, Principle, Results, StoredPost

Shape = dict[str, Any]


def moment(when: datetime | None) -> str | None:
    """Return ISO 8601 in UTC: only the day for midnight sharp, which is how a date without a time is kept."""
    if when is None:
        return None
    there = when.astimezone(UTC)
    return there.date().isoformat() if there.time() == time() else there.isoformat(timespec="seconds")


def digests(found: Iterable[Digest]) -> Shape:
    """Return what `guidepost digest --json` prints."""
    return {"posts": [_digest(digest) for digest in found]}


def _digest(digest: Digest) -> Shape:
    post = digest.post
    return {
        "title": post.title,
        "author": post.author,
        "published": moment(post.published),
        "url": post.url,
        "source": privacy.shown(post.source),
        "completeness": post.completeness,
        "text": post.text,
        "quotes": [
            {"text": q.text, "start": q.start, "end": q.end, "topics": [filing.topic for filing in q.topics]}
            for q in digest.quotes
        ],
    }


def results(found: Results) -> Shape:
    """Return what `guidepost search --json` prints, of principles or of posts."""
    return {
        "query": found.query,
        "corrected": found.corrected,
        "total": found.total,
        "hits": [*map(_hit, found.hits), *map(_post_hit, found.posts)],
        "facets": {facet: _shown(counts) for facet, counts in found.facets.items()},
    }


def _shown(counts: Mapping[str, int]) -> Shape:
    told: Counter[str] = Counter()
    for value, count in counts.items():
        told[privacy.shown(value)] += count  # two private feeds of one host may look alike
    return dict(told)


def _hit(hit: Hit) -> Shape:
    return {**principle(hit.principle), "score": hit.score, "why": _why(hit)}


def _post_hit(hit: PostHit) -> Shape:
    return {"post": post_ref(hit.post), "score": hit.score, "why": _why(hit), "snippet": hit.snippet}


def _why(hit: Hit | PostHit) -> Shape:
    found = {word: list(places) for word, places in hit.why.found.items()}
    related = {word: list(others) for word, others in hit.why.related.items()}
    return {"found": found, "related": related, "missing": list(hit.why.missing)}


def principle(found: Principle) -> Shape:
    """Return a principle with its evidence."""
    return {
        "principle": found.id,
        "text": found.text,
        "topics": [filing.topic for filing in found.topics],
        "sources": found.sources,
        "quotes": [{"id": quote.id, **_evidence(quote)} for quote in found.evidence],
    }


def _evidence(quote: Evidence) -> Shape:
    return {"text": quote.text, "post": post_ref(quote.post)}


def post_ref(ref: PostRef) -> Shape:
    """Return a post in short."""
    return {
        "id": ref.id,
        "title": ref.title,
        "url": ref.url,
        "source": privacy.shown(ref.source),
        "author": ref.author,
        "published": moment(ref.published),
        "feed": ref.feed,
    }


def post(found: StoredPost) -> Shape:
    """Return a stored post with its quotes."""
    quotes = [
        {"text": q.text, "start": q.start, "end": q.end, "topics": list(q.topics), "principle": q.principle}
        for q in found.quotes
    ]
    return {
        **post_ref(found.ref),
        "completeness": found.ref.completeness,
        "tags": list(found.tags),
        "text": found.text,
        "quotes": quotes,
    }


def feed(found: Feed, *, private: bool = False) -> Shape:
    """Return a subscription with what is known of its last fetch; its address with the secrets in it if *private*."""
    shown = str if private else privacy.shown
    return {
        "id": found.id,
        "url": shown(found.url),
        "title": found.title,
        "site_url": found.site_url and shown(found.site_url),
        "folder": list(found.folder),
        "state": found.state,
        "checked": moment(found.checked_at),
        "changed": moment(found.changed_at),
        "due": moment(found.next_due),
        "why": found.why,
        "failures": found.failures,
        "failing_since": moment(found.failing_since),
        "reason": found.reason,
        "moved_to": found.moved_to and shown(found.moved_to),
        "suggestion": found.suggestion and shown(found.suggestion),
        "hub": found.hub and shown(found.hub),
        "posts": found.posts,
    }
