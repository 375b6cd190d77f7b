"""The text of a JSON Feed, 1.0 or 1.1 -> the records of any feed. What is missing or of a wrong type is passed over.

Numbers stay as they are written: an id may be one, and an integer of a million digits would take long to become one.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ingest import dates, parsed
from ingest.blocks import INVISIBLE, fold
from ingest.parsed import Entry, ParsedFeed
from ingest.people import person
from ingest.permalinks import address, permalink
from kb.errors import NotAFeed

# Each costs up to 200 bytes of memory, however short it is in writing. Prose has one comma in 80 characters.
MOST_VALUES = 500_000

_VERSION = re.compile(r'"version"\s{0,99}:\s{0,99}"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\b')
_ITEMS = re.compile(r'"items"\s{0,99}:\s{0,99}\[')
_BETWEEN = re.compile(r"[\s,]*")
_HUB_TYPES = frozenset({"websub", "pubsubhubbub", ""})
_TEXTS = ("id", "url", "external_url", "title", "content_html", "content_text", "summary")


def is_one(text: str) -> bool:
    """Tell whether *text* is meant as a JSON Feed."""
    return text.lstrip().startswith("{") and bool(_VERSION.search(text) or _ITEMS.search(text))


def read(text: str, url: str) -> ParsedFeed:
    """Return the feed in *text*, which came from *url*; of one that is cut off, the items before the cut."""
    if sum(map(text.count, "[{,")) > MOST_VALUES:
        raise NotAFeed(url, "what came is larger than any feed")
    given = _document(text, url)
    if not _VERSION.search(text) and not _has_content(given):
        raise NotAFeed(url, "what came holds no feed")
    site_url = address(_text(given, "home_page_url"), url)
    author = _author(given)
    entries = parsed.distinct(
        _entry(item, site_url or url, site_url, author)
        for item in islice(_items(given), parsed.MOST_ENTRIES)
        if any(_text(item, name) for name in _TEXTS)
    )
    return ParsedFeed(
        title=_title(given),
        site_url=site_url,
        entries=entries,
        hub=_hub(given, url),
        self_url=address(_text(given, "feed_url"), url),
    )


def _document(text: str, url: str) -> Mapping[str, Any]:
    try:
        given = _decoder().decode(text)
    except (ValueError, RecursionError) as error:
        given = _salvaged(text)
        if not given.get("items"):
            raise NotAFeed(url, "what came holds no feed that can be read") from error
    return given if isinstance(given, dict) else {}


def _decoder() -> json.JSONDecoder:
    # strict=False lets line ends and other control characters stand in strings.
    return json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=False)


def _salvaged(text: str) -> dict[str, Any]:
    """Return what stands in front of the first fault of a document that is cut off or broken."""
    start = _ITEMS.search(text)
    if not start:
        return {}
    try:
        head = _decoder().decode(text[: start.start()].rstrip().removesuffix(",") + "}")
    except (ValueError, RecursionError):
        head = {}
    return {**head, "items": list(_read_items(text, start.end()))}


def _items(given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    items = given.get("items")
    return (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


def _has_content(given: Mapping[str, Any]) -> bool:
    """Tell a feed that names no version from other programs' lists of "items"."""
    return any("content_html" in item or "content_text" in item for item in _items(given))


def _read_items(text: str, at: int) -> Iterator[object]:
    decoder = _decoder()
    while True:
        try:
            item, at = decoder.raw_decode(text, _next(text, at))
        except (ValueError, RecursionError):
            return
        yield item


def _next(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _entry(item: Mapping[str, Any], base: str, site_url: str | None, author: str | None) -> Entry:
    link = address(_text(item, "url"), base) or address(_text(item, "external_url"), base)
    url = permalink(link) if link else None
    title = _title(item)
    markup = _text(item, "content_html").strip() or parsed.paragraphs(_text(item, "content_text"))
    summary = parsed.paragraphs(_text(item, "summary"))
    return Entry(
        key=parsed.key(_text(item, "id"), url, title, markup or summary),
        title=title,
        url=url,
        author=_author(item) or author,
        published=dates.moment(_text(item, "date_published")),
        updated=dates.moment(_text(item, "date_modified")),
        html=markup,
        summary_html=summary,
        tags=_tags(item.get("tags")),
        site_url=site_url,
    )


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return INVISIBLE.sub("", value) if isinstance(value, str) else ""


def _title(given: Mapping[str, Any]) -> str:
    # It is plain text by the book; WordPress writes its entities all the same.
    return fold(html.unescape(_text(given, "title")))


def _author(given: Mapping[str, Any]) -> str | None:
    """Return who is named by `authors` (1.1) or `author` (1.0), each an object or just a name."""
    several = given.get("authors")
    people = several if isinstance(several, list) and several else [several, given.get("author")]
    names = (_text(one, "name") if isinstance(one, dict) else one for one in people[: parsed.MOST_TAGS])
    known = (person(name) for name in names if isinstance(name, str))
    return ", ".join(dict.fromkeys(name for name in known if name)) or None


def _tags(given: object) -> tuple[str, ...]:
    several = given.split(",") if isinstance(given, str) else given
    if not isinstance(several, list):
        return ()
    terms = (fold(term) for term in several[: parsed.MOST_TAGS] if isinstance(term, str))
    return tuple(dict.fromkeys(term for term in terms if term))


def _hub(given: Mapping[str, Any], url: str) -> str | None:
    """Return the first hub that speaks WebSub; rssCloud, the other kind, is not ours."""
    hubs = given.get("hubs")
    ours = (
        hub
        for hub in (hubs if isinstance(hubs, list) else ())
        if isinstance(hub, dict) and _text(hub, "type").lower() in _HUB_TYPES
    )
    return next((found for hub in ours if (found := address(_text(hub, "url"), url))), None)
