"""Sentences for people: dates, counts, states and reasons. Whatever a feed says stays plain text here."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from kb import privacy
from kb.model import Completeness, Feed, PostRef, Why
from kb.tensions import State

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LONGEST_LABEL = 200  # of a title in a list; its own page shows it whole
UNTITLED = "Untitled post"

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COMPLETENESS: Mapping[Completeness, str] = {
    "full": "This is the whole post.",
    "excerpt": "This is an excerpt: its source cuts the post off here. The rest is at the original.",
    "fetched": "The feed carried only part of this post; the rest was taken from the post's own page.",
    "failed": "Only part of this post could be read; the original may say more.",
}
MOST_RELATED = 3  # other words that are shown for one that was typed
_PLACES = {
    "quote": "in the quote",
    "heading": "in the heading over it",
    "context": "in the passage around it",
    "text": "in the text",
    "title": "in the title of its post",
    "topic": "in its topics",
}
_VIEWS: Mapping[State, str] = {
    "found": "found by comparing the wordings",
    "confirmed": "confirmed by a curator",
    "dismissed": "dismissed by a curator",
}
_NOT_WELL = {"failing": "failing", "gone": "gone", "paused": "paused", "new": "not asked yet"}
_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def visible(text: Any) -> Any:
    """Return what a template puts out; text loses its control characters and its overrides of direction.

    A turn of direction that is never taken back would go on over the rest of the line, out of any element.
    """
    # The exact type: markup was put together from parts that came through here.
    return _UNSEEN.sub("", text) if type(text) is str else text


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return e.g. "1 post" or "1,204 posts"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(moment: datetime) -> str:
    """Return e.g. "3 March 2014"."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long before *now* it was, in one unit."""
    passed = now - moment
    for length, unit in _UNITS:
        if passed >= length:
            return f"{count(passed // length, unit)} ago"
    return "just now"


def ahead(moment: datetime, now: datetime) -> str:
    """Return how long after *now* it will be, in one unit."""
    left = moment - now
    for length, unit in _UNITS:
        if left >= length:
            return f"in {count(left // length, unit)}"
    return "at the next run"


def clip(text: str, longest: int = LONGEST_LABEL) -> str:
    """Return *text* on one line, cut between words where it is too long."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return (line[: longest + 1].rpartition(" ")[0] or line[:longest]) + "…"


def sentence(text: str) -> str:
    """Return a reason, which stands in small letters after a name, as a sentence of its own."""
    line = clip(text)
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith((".", "…", "!", "?")) else ".")


def title(post: PostRef) -> str:
    """Return what to call a post in a list."""
    return clip(post.title) or UNTITLED


def blog(post: PostRef) -> str:
    """Return whose word a post is: its feed's title where there is one."""
    return clip(post.feed or named(post.publisher or post.source), 80)


def named(source: str) -> str:
    """Return what to call a source without a title: the host of an address, or the name of a file."""
    return host(source) or source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source


def completeness(value: Completeness) -> str:
    """Say how much of the post there is."""
    return _COMPLETENESS[value]


def external(address: str | None) -> str | None:
    """Return *address* when it is safe as a link: only http and https are, e.g. never javascript:."""
    if not address or not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return address if usable else None


def original(post: PostRef) -> str | None:
    """Return the link to the original of a post, where there is one to follow."""
    return None if post.origin == "starter" else external(post.url)


def host(address: str | None) -> str:
    """Return the host of a link, as it may stand on a button."""
    return (urlsplit(address).hostname or "").removeprefix("www.") if address and external(address) else ""


def health(feed: Feed) -> str:
    """Return one word for a feed's state, for its colour: paused, gone, new, failing or well."""
    if feed.state != "active":
        return feed.state
    if feed.failures:
        return "failing"
    return "well" if feed.checked_at else "new"


def feed_state(feed: Feed, now: datetime) -> str:
    """Say how a feed does."""
    if feed.state == "paused":
        return "Paused: it is not asked until you resume it."
    if feed.state == "gone":
        return "Gone: its server says that it was taken down for good. Its posts stay."
    if feed.checked_at is None:
        return "Not asked yet."
    return f"Asked {ago(feed.checked_at, now)}, {_brought(feed)}."


def _brought(feed: Feed) -> str:
    if feed.failures == 1:
        return "without success"
    if feed.failures:
        return f"without success, {feed.failures:,} times in a row"
    return "something new" if feed.changed_at == feed.checked_at else "nothing new"


def feeds_summary(feeds: Sequence[Feed]) -> str:
    """Say how many feeds there are, and how many of them need a look."""
    states = Counter(map(health, feeds))
    rest = [f"{states[state]:,} {word}" for state, word in _NOT_WELL.items() if states[state]]
    return (
        f"{count(len(feeds), 'feed')}: {listing(rest)}."
        if rest
        else f"{count(len(feeds), 'feed')}, all well."
    )


def listing(words: Iterable[str]) -> str:
    """Return e.g. "a, b and c"."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def why(reason: Why) -> str:
    """Say why something was found."""
    places: dict[tuple[str, ...], list[str]] = {}
    for word, where in reason.found.items():
        places.setdefault(where, []).extend(_quoted([word]))
    told = "; ".join(f"{listing(words)} {_standing(where)}" for where, words in places.items() if where)
    instead = "; ".join(
        f"{listing(_quoted(others[:MOST_RELATED]))} for {_quoted([typed])[0]}"
        for typed, others in reason.related.items()
    )
    missing = listing(_quoted(reason.missing)) if reason.missing else ""
    parts = (told and f"Found: {told}.", instead and f"Has {instead}.", missing and f"Not in it: {missing}.")
    return " ".join(filter(None, parts)) if told or instead or not missing else "Found by its meaning."


def _quoted(words: Iterable[str]) -> list[str]:
    bare = (word.strip('"') for word in words)  # a phrase comes in its own quotation marks
    return [f"“{clip(word, 40)}”" for word in bare]


def another_view(state: State) -> str:
    """Say how it is known that two principles pull against each other."""
    return _VIEWS[state]


def _standing(where: tuple[str, ...]) -> str:
    return listing(_PLACES.get(place, place) for place in where)


def words() -> dict[str, Any]:
    """Return what templates may call, by name."""
    made = (count, day, ago, ahead, clip, sentence, title, blog, completeness, external, original, host)
    of_feeds = (
        health,
        feed_state,
        feeds_summary,
        listing,
        why,
        another_view,
        privacy.shown,
        privacy.is_private,
    )
    return {one.__name__: one for one in (*made, *of_feeds)}
