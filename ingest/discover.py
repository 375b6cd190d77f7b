"""The feeds that a web page announces."""

import codecs
import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer

from kb.model import Outline

LARGEST = (
    500_000  # characters looked at, for announcements stand in a page's head; nothing but tags takes 3 s
)
MOST = 20
_TYPES = frozenset(
    [f"application/{kind}" for kind in ("feed+json", "json", "xml", "x.atom+xml", "atom", "rss")]
    + [f"{family}/{kind}+xml" for family in ("application", "text") for kind in ("rss", "atom", "rdf")]
    + ["text/xml"]
)
_RELATIONS = frozenset({"feed", "service.feed"})  # the second is Blogger's of 2004
# WordPress announces its programming interface in the same way and under the same type as an old JSON Feed.
_INTERFACE = re.compile(r"/wp-json\b|[?&]rest_route=", re.IGNORECASE)
_LIKELY_END = re.compile(
    r"""(?: /(?:feed|rss2?|atom|rdf)/?
          | \.(?:rss|atom|rdf)
          | /(?:feed|rss2?|atom|rdf|index)\.(?:xml|json)
          | /feeds/posts/default
          | [?&](?:feed|format|alt)=(?:rss2?|atom|rdf|feed)
        )$""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENTS = re.compile(r"comment|repl(?:y|ies)\b|kommentare?\b", re.IGNORECASE)
_OLD_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed:(?=//)", re.IGNORECASE)  # feed://a is http://a
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def feeds(markup: bytes | str, url: str) -> tuple[str, ...]:
    """Return the addresses of the feeds of the page at *url*, the likeliest first."""
    return tuple(found.url for found in outlines(markup, url))


def outlines(markup: bytes | str, url: str) -> tuple[Outline, ...]:
    """Return the feeds that the page at *url* announces, those of comments last.

    Where it announces no other feed than such, those that it seems to link to come before them.
    """
    page = BeautifulSoup(_text(markup), "lxml", parse_only=SoupStrainer(["base", "link", "a"]))
    base = _absolute(url, _attribute(page.find("base"), "href")) or url
    announced = list(_announced(page, base))
    posts = [found for found in announced if not is_of_comments(found)] or list(_linked(page, base))
    found: dict[str, Outline] = {}
    for outline in (*posts, *filter(is_of_comments, announced)):
        if len(found) < MOST:
            found.setdefault(outline.url, outline)
    return tuple(sorted(found.values(), key=is_of_comments))


def is_of_comments(found: Outline) -> bool:
    """Tell whether a feed seems to carry what readers answered, and not the posts."""
    return bool(_COMMENTS.search(f"{found.title} {urlsplit(found.url).path}"))


def _text(markup: bytes | str) -> str:
    """Return the part of the page to look at; addresses and tags are ASCII in all but UTF-16."""
    if isinstance(markup, str):
        return markup[:LARGEST].encode("utf-8", "replace").decode()
    return markup[:LARGEST].decode("utf-16" if markup.startswith(_UTF_16) else "utf-8", "replace")


def _announced(page: BeautifulSoup, base: str) -> Iterator[Outline]:
    for link in page.find_all("link"):
        rel = set(_attribute(link, "rel").lower().split())
        kind = _attribute(link, "type").partition(";")[0].strip().lower()
        if rel & _RELATIONS or ("alternate" in rel and "stylesheet" not in rel and kind in _TYPES):
            address = _absolute(base, _attribute(link, "href"))
            if address is not None and not _INTERFACE.search(address):
                yield _outline(address, _attribute(link, "title"))


def _linked(page: BeautifulSoup, base: str) -> Iterator[Outline]:
    for anchor in page.find_all("a"):
        href = _attribute(anchor, "href")
        address = _absolute(base, href)
        if address is not None and (_OLD_SCHEME.match(href) or _LIKELY_END.search(address)):
            yield _outline(address, _attribute(anchor, "title"))


def _outline(address: str, title: str) -> Outline:
    return Outline(url=address, title=" ".join(title.split()) or None)


def _attribute(tag: object, name: str) -> str:
    value = tag.get(name) if isinstance(tag, Tag) else None
    return " ".join(value) if isinstance(value, list) else value or ""


def _absolute(base: str, href: str) -> str | None:
    """Return *href* as an address that can be asked, or None where it is none."""
    try:
        address = urldefrag(urljoin(base, _OLD_SCHEME.sub("", href.strip(), count=1))).url
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if href.strip() and parts.scheme in {"http", "https"} and parts.hostname else None
