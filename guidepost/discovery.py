"""From whatever address a person gives, to the feeds behind it; and from a broken feed to what took its place."""

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from urllib.parse import urljoin, urlsplit

from guidepost import runs
from guidepost.config import Settings
from ingest import discover, fetch, parse
from ingest.fetch import Answer, Kind, Limits, Request
from kb import address
from kb.errors import BadAddress, FeedError, NotAFeed, Postponed, Spared, Unreachable
from kb.model import Discovered, Feed, Outline

# Where WordPress, Jekyll, Hugo, Ghost and other software have their feeds.
CUSTOMARY = ("feed", "rss.xml", "atom.xml", "index.xml", "feed.json", "rss")
MOST_TRIED = 6  # customary places of one address
MOST_CHECKED = 3  # announced feeds, before a site has no replacement
PATIENCE = 15.0  # seconds for one request; a person waits


def find(given: str, settings: Settings) -> Discovered:
    """Return the feeds at an address: itself, those that its page announces, or one in a customary place.

    An address that cannot be asked now is returned as it is, with the reason. Raises BadAddress, and FeedError where
    there is an answer but no feed.
    """
    url = address.typed(given)
    limits = _hasty(runs.limits(settings))
    try:
        answer = fetch.one(url, limits)
    except (Unreachable, Postponed, Spared) as error:
        return Discovered(feeds=(Outline(url=url),), reason=error.reason)
    try:
        return Discovered(feeds=(_outline(answer),), is_feed=True)
    except NotAFeed:
        return Discovered(feeds=_behind(answer, limits))


def _hasty(limits: Limits) -> Limits:
    # One answer at a time, or the next places would be asked while the first is still looked at.
    return replace(limits, total=min(limits.total, PATIENCE), at_once=1)


def _outline(answer: Answer) -> Outline:
    """Return the feed that came; NotAFeed where none did."""
    found = parse.feed(answer.body, answer.final_url, answer.content_type)
    return Outline(url=answer.permanent_url or answer.url, title=found.title or None, site_url=found.site_url)


def _behind(page: Answer, limits: Limits) -> tuple[Outline, ...]:
    announced = _distinct(discover.outlines(page.body, page.final_url))
    if len(announced) > 1:
        return announced
    if announced and (checked := _checked(announced[0], limits)):
        return (checked,)
    if placed := _placed(page.final_url, limits):
        return (placed,)
    raise NotAFeed(page.url, "there is no feed, and none is announced there or stands in a customary place")


def _distinct(found: Iterable[Outline]) -> tuple[Outline, ...]:
    """Leave out what cannot be subscribed, and of an address with http and with https the second."""
    kept: dict[tuple[str, str], Outline] = {}
    for outline in found:
        try:
            url = address.normal(outline.url)
        except BadAddress:
            continue
        kept.setdefault(address.alike(url), replace(outline, url=url))
    return tuple(kept.values())


def _checked(announced: Outline, limits: Limits) -> Outline | None:
    """Return the one feed of a page under its own title; None where it is none after all."""
    try:
        return _outline(fetch.one(announced.url, limits))
    except (Unreachable, Postponed, Spared):
        return replace(announced, title=None)
    except FeedError:
        return None


def _placed(url: str, limits: Limits) -> Outline | None:
    """Return the feed in a customary place; None where there is none, or the server wants to be left alone."""
    with closing(fetch.many(map(_request, _places(url)), limits)) as outcomes:
        for _, outcome in outcomes:
            if isinstance(outcome, Unreachable | Postponed | Spared):
                return None
            with suppress(FeedError):
                return _outline(_answer(outcome))
    return None


def _request(url: str) -> Request:
    return Request(url=url)


def _answer(outcome: Answer | FeedError) -> Answer:
    if isinstance(outcome, FeedError):
        raise outcome
    return outcome


def _places(url: str) -> Iterable[str]:
    """Return where a feed may be: in the folder of the page, then at the site's root."""
    last = urlsplit(url).path.rpartition("/")[2]
    folder = urljoin(url, "." if "." in last or not last else f"{last}/")
    places = [*(urljoin(folder, name) for name in CUSTOMARY[:3]), *(urljoin(url, f"/{n}") for n in CUSTOMARY)]
    return islice(dict.fromkeys(places), MOST_TRIED)


def replacement(feed: Feed, settings: Settings) -> str | None:
    """Return another address of a feed with entries that the site of *feed* announces now; None where there is none."""
    limits = runs.limits(settings)
    page = _ask(_home(feed), limits, kind="page")
    announced = _distinct(discover.outlines(page.body, page.final_url)) if page else ()
    others = (one.url for one in announced if one.url != feed.url and not discover.is_of_comments(one))
    return next((url for url in islice(others, MOST_CHECKED) if _has_entries(url, limits)), None)


def _home(feed: Feed) -> str:
    try:
        return address.normal(feed.site_url or "")
    except BadAddress:
        return urljoin(feed.url, "/")


def _has_entries(url: str, limits: Limits) -> bool:
    answer = _ask(url, limits)
    try:
        return bool(answer and parse.feed(answer.body, answer.final_url, answer.content_type).entries)
    except NotAFeed:
        return False


def _ask(url: str, limits: Limits, kind: Kind = "feed") -> Answer | None:
    """Return an answer if there is one. A page is our own idea, so the site's robots.txt has a say in it."""
    with closing(fetch.many([Request(url=url, kind=kind)], limits)) as outcomes:
        (outcome,) = (outcome for _, outcome in outcomes)
    return outcome if isinstance(outcome, Answer) else None
