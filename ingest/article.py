"""A whole page -> its article: the part of the tree that holds it, and what the page says of itself.

The tree is lxml's: only the place of the article is found here, its text is `clean`'s business. What a page does not
say stays None.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest import body, dates
from ingest.blocks import fold
from ingest.clean import inline
from ingest.parse import address, person

_MOST_POSTS = 200  # of one index page
_LEAST_POSTS = 2
_MOST_LINES = 1_000  # looked at from either end of a page
_LONGEST_LINE = 200  # characters of a byline or a date

_POST_CLASSES = (
    "hentry",
    "post",
    "entry",
    "blog-post",
    "blogpost",
    "blog-entry",
    "blog-item",
    "post-item",
    "teaser",
)
_POSTS = f"//*[self::article or {' or '.join(map(body.WORDS.format, _POST_CLASSES))}]"
_SUMMARIES = ("description", "og:description")
_LINES = ("p", "li", "div", "span", "td", "dd")
_ARTICLE_TYPES = frozenset(
    {"Article", "BlogPosting", "NewsArticle", "TechArticle", "Report", "SocialMediaPosting"}
)
_PUBLISHED = re.compile(r"(?:published|posted|written|submitted)(?: on)?:? (.{6,40})", re.IGNORECASE)
_NAME = r"(?P<name>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3})"
_AUTHOR_BOX = re.compile(_NAME + r" has \d+ articles? (?:online|in (?:the|our)\b)")
_BYLINE = re.compile(
    rf"(?i:(?:posted |written |published )?by:?)\s+{_NAME}\s*(?:$|[|,•·–—(-]|\b(?:on|in|at)\b)"
)
_SITE_NAME = re.compile(r"\s+(?:[|»·•–—-]|&raquo;|::)\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article page, or one article of an index page; None where the page does not say."""

    markup: str
    title: str | None = None
    author: str | None = None
    published: datetime | None = None
    url: str | None = None
    summary: str | None = None  # what the page's head gives to search engines, and the blog often to its feed


def page(markup: str, url: str | None = None, excerpt: str = "") -> Page:
    """Return the article of the page *markup*, which came from *url*; *excerpt* is text that it is known to have."""
    root = body.tree(markup)
    meta, data = _meta(root), _linked_data(root)
    found = body.find(root, _stated(data), excerpt)
    body.strip(root)
    return Page(
        markup=found,
        title=_title(root, meta, data),
        author=_author(root, meta, data),
        published=_published(root, meta, data),
        url=_canonical(root, meta, url),
        summary=" ".join(filter(None, map(meta.get, _SUMMARIES))) or None,
    )


def index(markup: str, url: str | None = None) -> tuple[Page, ...]:
    """Return the posts of an index page, with what they show of themselves; none of a page that holds one article."""
    root = body.tree(markup)
    if _meta(root).get("og:type") == "article" or _linked_data(root):
        return ()
    body.strip(root)
    posts = [post for post in _outermost(root.xpath(_POSTS)) if _heading(post) is not None]
    sizes = [len(body.text(post)) for post in posts]
    # On the page of one article others are only pointed to: they are short beside it, or hold little of the page.
    if len(posts) < _LEAST_POSTS or max(sizes) * 3 > sum(sizes) * 2 or sum(sizes) * 2 < len(body.text(root)):
        return ()
    return tuple(_teaser(post, url) for post in posts[:_MOST_POSTS])


def byline(text: str) -> str | None:
    """Return the author whom a line such as "By Ann Bell | 3 March 2010" or "Ann Bell has 2 articles online" names."""
    found = _AUTHOR_BOX.match(text) or _BYLINE.match(text)
    return person(found["name"]) if found and len(text) <= _LONGEST_LINE else None


def publication(text: str) -> datetime | None:
    """Return the date that a line such as "This article was published on 2010/04/01" names."""
    found = _PUBLISHED.search(text) if len(text) <= _LONGEST_LINE else None
    return dates.moment(found[1]) if found else None


def _outermost(elements: list[Any]) -> Iterator[Any]:
    kept: set[Any] = set()
    for element in elements:
        ancestors = list(element.iterancestors())
        if not kept.intersection(ancestors) and not body.is_outside(element):
            kept.add(element)
            yield element


def _heading(post: Any) -> Any:
    """Return the heading of a *post* on an index page: it links to the post."""
    headings = post.iter("h1", "h2", "h3")
    linked = (one for one in headings if one.find(".//a[@href]") is not None or one.getparent().tag == "a")
    return next(linked, None)


def _teaser(post: Any, url: str | None) -> Page:
    heading = _heading(post)
    link = heading.find(".//a[@href]")
    link = heading.getparent() if link is None else link
    return Page(
        markup=body.markup(post),
        title=body.text(heading) or None,
        author=_named(post),
        published=_dated(post),
        url=address(link.get("href"), url or ""),
    )


def _meta(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if content := fold(element.get("content") or ""):
            found.setdefault(name.lower(), content)
    return found


def _linked_data(root: Any) -> Mapping[str, Any]:
    """Return the first article among the page's JSON-LD; empty where it has none."""
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for one in _objects(data):
            kinds = one.get("@type")
            if _ARTICLE_TYPES.intersection(kinds if isinstance(kinds, list) else [str(kinds)]):
                return one
    return {}


def _objects(data: Any) -> Iterator[Mapping[str, Any]]:
    for one in data if isinstance(data, list) else [data]:
        if isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from (node for node in graph if isinstance(node, dict)) if isinstance(graph, list) else ()


def _stated(data: Mapping[str, Any]) -> str:
    text = data.get("articleBody")
    return text if isinstance(text, str) else ""


def _title(root: Any, meta: Mapping[str, str], data: Mapping[str, Any]) -> str | None:
    headline = data.get("headline")
    if isinstance(headline, str) and fold(headline):
        return inline(headline)
    whole = meta.get("og:title") or fold(str(root.findtext(".//title") or ""))
    headings = [text for heading in root.iter("h1", "h2") if (text := body.text(heading))]
    shown = [text for text in headings if text.casefold() in whole.casefold()]
    # The page's own heading is the title without the name of its site.
    return (
        max(shown, key=len, default=None) or _without_site(whole, meta) or (headings[0] if headings else None)
    )


def _without_site(title: str, meta: Mapping[str, str]) -> str | None:
    parts = _SITE_NAME.split(title)
    return (title if meta.get("og:title") == title and len(parts) == 1 else parts[0]) or None


def _author(root: Any, meta: Mapping[str, str], data: Mapping[str, Any]) -> str | None:
    stated = data.get("author")
    people = stated if isinstance(stated, list) else [stated]
    names = [one.get("name") if isinstance(one, dict) else one for one in people]
    names = [*names, meta.get("author"), meta.get("article:author"), meta.get("dc.creator")]
    known = (person(name) for name in names if isinstance(name, str))
    return next((name for name in known if name), None) or _named(root)


def _named(element: Any) -> str | None:
    marked = element.xpath(f".//*[@rel='author' or @itemprop='author' or {body.WORDS.format('fn')}]")
    for one in marked[:_MOST_POSTS]:
        if name := person(body.text(one)[:_LONGEST_LINE]):
            return byline(name) or name
    return next((name for line in _lines(element) if (name := byline(line))), None)


def _lines(element: Any) -> Iterator[str]:
    """Yield the short texts at both ends of *element*, where who wrote it and when is said."""
    blocks = list(element.iter(*_LINES))
    ends = blocks if len(blocks) <= _MOST_LINES * 2 else blocks[:_MOST_LINES] + blocks[-_MOST_LINES:]
    return (fold(line) for block in ends if len(line := str(block.text_content())) <= _LONGEST_LINE * 2)


def _published(root: Any, meta: Mapping[str, str], data: Mapping[str, Any]) -> datetime | None:
    names = (
        "article:published_time",
        "og:published_time",
        "datepublished",
        "dc.date",
        "dc.date.issued",
        "pubdate",
        "date",
    )
    stated = [data.get("datePublished"), *(meta.get(name) for name in names)]
    known = (dates.moment(one) for one in stated if isinstance(one, str))
    return next((when for when in known if when), None) or _dated(root)


def _dated(element: Any) -> datetime | None:
    times = [time for time in element.iter("time") if "comment" not in str(time.getparent().get("class"))]
    marked = element.xpath(
        ".//*[contains(@class, 'date') or contains(@class, 'published') or contains(@class, 'byline')]"
    )
    stated = [time.get("datetime") for time in times[:1]] + [
        body.text(one)[:_LONGEST_LINE] for one in marked[:5]
    ]
    return next((when for one in stated if (when := dates.moment(one))), None) or next(
        (when for line in _lines(element) if (when := publication(line))), None
    )


def _canonical(root: Any, meta: Mapping[str, str], url: str | None) -> str | None:
    links = root.xpath("//link[@rel='canonical']/@href")
    stated = [*links, meta.get("og:url"), url]
    return next((found for link in stated if (found := address(link, url or ""))), None)
