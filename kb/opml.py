"""Subscription lists (OPML 1.0, 1.1, 2.0) in and out.

Most lists on the web are not well-formed XML (a bare `&` in a title is enough), and an XML parser's recovery loses
feeds there. An HTML parser takes every tag as it comes, knows no entities to expand, and OPML's `head`, `title` and
`body` are its own. So every list is read that way, the well-formed ones too.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from xml.etree import ElementTree

from lxml import etree

from kb import privacy
from kb.errors import DocumentError
from kb.feeds import DEEPEST
from kb.model import Feed, Outline

LARGEST = 16 * 1024 * 1024  # bytes; the largest lists met hold about 2,000 feeds in 1 MB
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UNFIT = re.compile(
    "[^\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what XML cannot hold, and line ends
# Bookmarks and lists of lists have `url`, and so have the feeds of some old lists, which name no such type.
_POINTERS = frozenset({"link", "include"})
_QUERIES = ("query:", "filter:")  # newsboat's searches and its scripts over feeds
# Feeds left open, with another line behind them. libxml2 reads 2,048 elements deep, so a longer list would be cut.
# A slash right behind a bare value, as in xmlUrl=http://a.example/>, belongs to the value.
_OPEN = re.compile(r"<outline\b[^<>]*(?<![\"'\s]/)(?=>\s*<outline\b)", re.IGNORECASE)
_MANY_OPEN = 500  # fewer may be feeds with lines of their own inside, which outliners write
# Some readers export titles as they stand in the feed's markup: escaped once more than XML needs.
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|div|em|font|h[1-6]|i|img|p|small|span|strong|su[bp]|u)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)


def read(body: bytes, name: str = "the list") -> list[Outline]:
    """Return the lines of a subscription list in its order, with the folders they stand in.

    Lines with an address that can't be a feed's are among them, so that a report can say what is wrong, and so are
    lines that are no feed: preferences, rules, bookmarks, notes.
    Raises DocumentError when nothing in *body* is an outline.
    """
    if len(body) > LARGEST:
        raise DocumentError(name, f"larger than {LARGEST // 1024 // 1024} MB")
    outlines = _root(body)
    if outlines is None:
        raise DocumentError(name, "not a subscription list: there is no <outline> in it")
    return list(outlines)


def _root(body: bytes) -> Iterator[Outline] | None:
    # Where a list leaves its outlines unclosed, each stands within the one before, far beyond the usual limit on depth.
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        tree = etree.fromstring(_closed(_text(body)), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if tree is None or not any(map(_is_outline, tree.iter())):
        return None
    return _outlines(tree)


def _is_outline(element: etree._Element) -> bool:
    # In a list that gives OPML a namespace it is `opml:outline`; comments have functions for tags.
    return isinstance(element.tag, str) and element.tag.rpartition(":")[2] == "outline"


def _closed(text: str) -> str:
    feeds = [match for match in _OPEN.finditer(text) if "xmlurl" in match[0].lower()]
    if len(feeds) < _MANY_OPEN:
        return text
    ends = [0, *(match.end() for match in feeds), len(text)]
    return " /".join(text[start:end] for start, end in pairwise(ends))


def _text(body: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff").replace("\0", "")
    declared = _DECLARED.search(body[:400])
    for encoding in (declared.group(1).decode() if declared else "utf-8", "utf-8", "windows-1252"):
        try:
            # The parser refuses text that declares an encoding, since it is decoded already.
            return re.sub(r"<\?xml[^>]*>", "", body.decode(encoding)).replace("\0", "")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1").replace("\0", "")


def _outlines(tree: etree._Element) -> Iterator[Outline]:
    """Walk without recursion: (element, folder it stands in) pairs, in document order."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(tree, ())]
    while waiting:
        element, folder = waiting.pop()
        inside = folder
        if _is_outline(element):
            line = _line(element, folder)
            if line.url or not any(map(_is_outline, element)):
                yield line
            # An outline left unclosed takes what follows for its children; a feed is no folder all the same.
            elif line.title and len(folder) < DEEPEST:
                inside = (*folder, line.title)
        waiting.extend((child, inside) for child in reversed(element) if isinstance(child.tag, str))


def _line(element: etree._Element, folder: tuple[str, ...]) -> Outline:
    feed, url = _attribute(element, "xmlurl"), _attribute(element, "url")
    is_feed = bool(feed) or (bool(url) and _attribute(element, "type").lower() not in _POINTERS)
    return Outline(
        url=feed or url,
        title=_plain(_attribute(element, "text")) or _plain(_attribute(element, "title")) or None,
        site_url=_attribute(element, "htmlurl") or None,
        folder=folder or _category(element),
        is_feed=is_feed and not feed.startswith(_QUERIES),
    )


def _attribute(element: etree._Element, name: str) -> str:
    return " ".join(str(element.get(name) or "").split())


def _plain(label: str) -> str:
    """Return a label without markup; what XML has unescaped already may have been escaped twice."""
    bare = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _MARKUP.sub("", label))
    return " ".join(bare.split())


def _label(text: str) -> str:
    """Return *text* such that `_plain` gives it back."""
    clean = _clean(text)
    return clean if _plain(clean) == clean else html.escape(clean, quote=False)


def _category(element: etree._Element) -> tuple[str, ...]:
    """Return the folder that a category attribute such as "/Business/Service,/Other" names first."""
    first = _attribute(element, "category").split(",")[0]
    return tuple(part.strip() for part in first.split("/") if part.strip())[:DEEPEST]


def write(feeds: Iterable[Feed], *, private: bool = False) -> bytes:
    """Return *feeds* as OPML 2.0 with their folders; `read` gives the same tree back.

    Lists are passed on, so feeds with secrets in their addresses are left out unless *private*.
    """
    opml = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(opml, "head"), "title").text = "Guidepost subscriptions"
    folders: dict[tuple[str, ...], ElementTree.Element] = {(): ElementTree.SubElement(opml, "body")}
    for feed in feeds:
        if private or not privacy.is_private(feed.url):
            ElementTree.SubElement(_folder(folders, feed.folder), "outline", _attributes(feed, private))
    ElementTree.indent(opml)
    text = ElementTree.tostring(opml, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _attributes(feed: Feed, private: bool) -> dict[str, str]:
    label = _label(feed.title)
    site = feed.site_url if (feed.site_url or "").startswith(("http://", "https://")) else None
    site = site if private or not privacy.is_private(site or "") else None
    named = {"type": "rss", "text": label, "title": label, "xmlUrl": _clean(feed.url)}
    return named | ({"htmlUrl": _clean(site)} if site else {})


def _folder(
    folders: dict[tuple[str, ...], ElementTree.Element], path: tuple[str, ...]
) -> ElementTree.Element:
    if path not in folders:
        label = _label(path[-1])
        folders[path] = ElementTree.SubElement(
            _folder(folders, path[:-1]), "outline", {"text": label, "title": label}
        )
    return folders[path]


def _clean(text: str) -> str:
    return _UNFIT.sub("", text)
