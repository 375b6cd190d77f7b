"""What the commands print for people."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from textwrap import indent
from typing import TYPE_CHECKING

import click

from kb import privacy
from kb.model import (
    Digest,
    Discovered,
    Evidence,
    Feed,
    Hit,
    ImportLine,
    Outline,
    PostHit,
    PostRef,
    Principle,
    Results,
    StoredPost,
    Topic,
)
from kb.posts import Kept
from kb.shapes import moment

if TYPE_CHECKING:  # a search needs none of the packages for fetching
    from ingest.pipeline import Summary

_KEPT = "\n\u200c\u200d"  # the last two join or part the letters of many scripts, and the parts of an emoji


def plain(text: str) -> str:
    """Return *text* without control characters: a terminal obeys them, and titles come from strangers."""
    return "".join(c if c.isprintable() or c in _KEPT else _instead(c) for c in text)


def _instead(c: str) -> str:
    return "" if unicodedata.category(c) == "Cf" else " "  # a soft hyphen or a turn of direction has no width


def count(number: int, noun: str) -> str:
    """Return e.g. "1 post", "2 posts"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def summary(done: "Summary") -> str:
    """Return a run in one line."""
    if done.is_offline:
        return f"This machine reaches no server; what is due stays due: {count(done.due, 'feed')}."
    parts = [
        f"{count(done.due, 'feed')} asked: {done.changed} changed, {done.unchanged} unchanged",
        f"{done.failed} failed" if done.failed else "",
        f"{done.gone} gone" if done.gone else "",
        f"{count(done.new, 'new post')}, {done.updated} updated",
        f"{done.completed} made whole" if done.completed else "",
        f"{count(done.quotes, 'quote')} and {count(done.principles, 'principle')} more"
        if done.quotes > 0
        else "",
        f"{done.seconds:.1f} s",
    ]
    return "; ".join(part for part in parts if part)


def kept(done: Kept | None) -> str:
    """Return what storing a document did."""
    if done is None:
        return "already there"
    return f"{count(done.new, 'new post')}, {done.updated} updated"


def failures(done: "Summary") -> str:
    """Return why feeds failed, a line each."""
    return "\n".join(f"  {_address(failure.feed)}: {plain(failure.reason)}" for failure in done.failures)


_BECAME = {"added": "added", "known": "already there", "refused": "refused", "no feed": "not a feed"}


def lines(report: Sequence[ImportLine]) -> str:
    """Return what became of each line of a subscription list, and their counts."""
    counts = ", ".join(
        f"{sum(line.outcome == outcome for line in report)} {said}" for outcome, said in _BECAME.items()
    )
    return "\n".join([*map(_line, report), f"{count(len(report), 'line')}: {counts}"])


def _line(line: ImportLine) -> str:
    reason = f"  ({_address(line.url)}: {plain(line.reason)})" if line.reason else ""
    named = plain(privacy.shown(line.title or line.url)) or "(nothing)"
    return f"{line.number:>5}  {_BECAME[line.outcome]:<13}  {named}{reason}"


def _address(url: str, *, private: bool = False) -> str:
    return plain(url if private else privacy.shown(url))


def choice(url: str, found: Sequence[Outline]) -> str:
    """Return the feeds of a page that has several, numbered."""
    told = [
        f"{number:>3}. {_address(one.url)}" + (f"  {one.title}" if one.title else "")
        for number, one in enumerate(found, start=1)
    ]
    head = f"{_address(url)} has several feeds; add the one you mean, or take the first with --first:"
    return "\n".join([head, *told])


def added(line: ImportLine, found: Discovered) -> str:
    """Return what became of an address that was to be subscribed."""
    told = f"{_address(line.url)}: {_BECAME[line.outcome]}"
    if found.reason:
        return f"{told}, but it could not be asked now ({found.reason}); it is asked at the next run"
    return told if found.is_feed else f"{told}, the feed of that page"


def feeds(found: Iterable[Feed], *, private: bool = False) -> str:
    """Return subscriptions by folder; addresses with the secrets in them if *private*."""
    told, folder = [], None
    for feed in found:
        if feed.folder != folder:
            folder = feed.folder
            told.append(click.style(" / ".join(map(plain, folder)) or "No folder", bold=True))
        url = _address(feed.url, private=private)
        told.append(f"{feed.id:>5}  {_state(feed):<10}  {feed.posts:>5}  {plain(feed.title)}  {url}")
    return "\n".join(told) or "No feed is subscribed."


def _state(feed: Feed) -> str:
    if feed.state == "active" and feed.failures:
        return "failing"
    return "new" if feed.state == "active" and not feed.checked_at else feed.state


def health(found: Iterable[Feed]) -> str:
    """Return the feeds that need a look, and why."""
    told = [
        "\n       ".join([f"{feed.id:>5}  {plain(feed.title)}  {_address(feed.url)}", *worries])
        for feed in found
        if (worries := list(_worries(feed)))
    ]
    return "\n".join(told) or "All feeds are well."


def _worries(feed: Feed) -> Iterator[str]:
    if feed.failures or feed.state == "gone":
        since = f", failing since {_minute(feed.failing_since)}" if feed.failing_since else ""
        yield f"{plain(feed.reason or '')}{since}; {_again(feed)}"
    if feed.moved_to:
        yield f"its server says that it has moved to {_address(feed.moved_to)}"
    if feed.suggestion:
        told = f"its site now announces another feed: {_address(feed.suggestion)}"
        yield f"{told} (to use it: guidepost feeds move {feed.id})"


def _again(feed: Feed) -> str:
    if feed.state != "active":
        return f"{feed.state}, asked no more"
    return f"{count(feed.failures, 'failure')} in a row, next try {_minute(feed.next_due)}"


def _minute(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def results(found: Results) -> str:
    """Return hits, numbered."""
    told = [_hit(hit) for hit in found.hits] + [_post_hit(hit) for hit in found.posts]
    numbered = [f"{number:>3}. {text}" for number, text in enumerate(told, start=1)]
    asked = found.corrected or found.query
    return "\n".join([*numbered, f"{count(found.total, 'hit')} for {plain(asked)!r}"])


def _hit(hit: Hit) -> str:
    found = hit.principle
    filed = ", ".join(filing.topic for filing in found.topics) or "unfiled"
    best = found.evidence[0]
    return (
        f"{click.style(plain(found.text), bold=True)}\n"
        f"     {filed} · {count(found.sources, 'source')} · principle {found.id}\n"
        f"     {source(best.post)}"
    )


def _post_hit(hit: PostHit) -> str:
    title = click.style(plain(hit.post.title), bold=True)
    return f"{title}\n     {source(hit.post)} · post {hit.post.id}\n{indent(plain(hit.snippet), '     ')}"


def source(post: PostRef) -> str:
    """Return who said it, where and when, as far as that is known."""
    known = (post.title, post.author, post.feed or post.publisher, moment(post.published))
    return plain(" · ".join(part for part in known if part))


def principle(found: Principle, related: Sequence[Principle] = ()) -> str:
    """Return a principle with all its evidence, and others like it."""
    filed = (
        "\n".join(f"  {filing.topic}: {', '.join(filing.words)}" for filing in found.topics) or "  unfiled"
    )
    quotes = "\n\n".join(_evidence(quote) for quote in found.evidence)
    head = click.style(plain(found.text), bold=True)
    told = f"{head}\n{count(found.sources, 'independent source')}\nTopics\n{filed}\n\n{quotes}"
    like = [f"  {plain(one.text)} · {count(one.sources, 'source')} · principle {one.id}" for one in related]
    return "\n".join([told, "\nRelated", *like]) if like else told


def _evidence(quote: Evidence) -> str:
    address = f"\n    {plain(quote.post.url)}" if quote.post.url else ""
    return f"  “{plain(quote.text)}”\n    {source(quote.post)} · post {quote.post.id} · quote {quote.id}{address}"


def post(found: StoredPost) -> str:
    """Return a post's text and the guidance in it."""
    quotes = "\n".join(f"  “{plain(q.text)}” · principle {q.principle}" for q in found.quotes)
    head = click.style(plain(found.ref.title), bold=True)
    return (
        f"{head}\n{source(found.ref)} · {found.ref.completeness}\n\n{plain(found.text)}\n\nGuidance\n{quotes}"
    )


def digests(found: Iterable[Digest]) -> str:
    """Return what would be kept of a document."""
    return "\n\n".join(_digest(one) for one in found)


def _digest(one: Digest) -> str:
    known = (one.post.author, moment(one.post.published), one.post.url, one.post.completeness)
    quotes = "\n".join(
        f"  “{plain(quote.text)}”  {', '.join(filing.topic for filing in quote.topics) or 'unfiled'}"
        for quote in one.quotes
    )
    head = click.style(plain(one.post.title), bold=True)
    return f"{head}\n{plain(' · '.join(part for part in known if part))}\n{quotes or '  no guidance found'}"


def topics(found: Iterable[tuple[Topic, int]]) -> str:
    """Return the taxonomy with how many principles each topic has."""
    return "\n".join(f"{number:>6}  {topic.name:<16} {topic.title}" for topic, number in found)
