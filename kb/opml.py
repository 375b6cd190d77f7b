"""Subscription lists (OPML 1.0, 1.1, 2.0) in and out.

Most lists on the web are not well-formed XML (a bare `&` in a title is enough), and an XML parser's recovery loses
feeds there. An HTML parser takes every tag as it comes, knows no entities to expand, and OPML's `head`, `title` and
`body` are its own. So every list is read that way, the well-formed ones too.
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from lxml import etree

from kb.errors import DocumentError
from kb.model import Feed, Outline

LARGEST = 16 * 1024 * 1024  # bytes; the largest lists met hold about 2,000 feeds in 1 MB
DEEPEST = 32  # folders within folders
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UNFIT = re.compile(
    "[^\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what XML cannot hold, and line ends
_ADDRESSES = ("xmlurl", "url")  # an outline of type "link" or an old list's feed has only `url`


def read(body: bytes, name: str = "the list") -> list[Outline]:
    """Return the feeds of a subscription list in its order, with the folders they stand in.

    Lines with an address that can't be a feed's are kept, so that a report can say what is wrong with them.
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
        tree = etree.fromstring(_text(body), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if tree is None or tree.find(".//outline") is None:
        return None
    return _outlines(tree)


def _text(body: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff").replace("\0", "")
    declared = _DECLARED.search(body[:400])
    for encoding in (declared.group(1).decode() if declared else "utf-8", "utf-8", "windows-1252"):
        try:
            # The parser refuses text that declares an encoding, since it is decoded already.
            return re.sub(r"<\?xml[^>]*>", "", body.decode(encoding), count=1).replace("\0", "")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1").replace("\0", "")


def _outlines(tree: etree._Element) -> Iterator[Outline]:
    """Walk without recursion: (element, folder it stands in) pairs, in document order."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(tree, ())]
    while waiting:
        element, folder = waiting.pop()
        url = _attribute(element, *_ADDRESSES) if element.tag == "outline" else ""
        label = _attribute(element, "text", "title") if element.tag == "outline" else ""
        if url:
            yield Outline(
                url=url,
                title=label or None,
                site_url=_attribute(element, "htmlurl") or None,
                folder=folder or _category(element),
            )
        # An outline left unclosed takes what follows for its children; a feed is no folder all the same.
        inside = (*folder, label) if label and not url and len(folder) < DEEPEST else folder
        waiting.extend((child, inside) for child in reversed(element) if isinstance(child.tag, str))


def _attribute(element: etree._Element, *names: str) -> str:
    for name in names:
        value = " ".join(str(element.get(name) or "").split())
        if value:
            return value
    return ""


def _category(element: etree._Element) -> tuple[str, ...]:
    """Return the folder that a category attribute such as "/Business/Service,/Other" names first."""
    first = _attribute(element, "category").split(",")[0]
    return tuple(part.strip() for part in first.split("/") if part.strip())[:DEEPEST]


def write(feeds: Iterable[Feed], title: str = "Guidepost subscriptions") -> bytes:
    """Return *feeds* as OPML 2.0 with their folders; `read` gives the same tree back."""
    opml = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(opml, "head"), "title").text = _clean(title)
    folders: dict[tuple[str, ...], ElementTree.Element] = {(): ElementTree.SubElement(opml, "body")}
    for feed in feeds:
        label = _clean(feed.title)
        attributes = {"type": "rss", "text": label, "title": label, "xmlUrl": _clean(feed.url)}
        if feed.site_url:
            attributes["htmlUrl"] = _clean(feed.site_url)
        ElementTree.SubElement(_folder(folders, feed.folder), "outline", attributes)
    ElementTree.indent(opml)
    text = ElementTree.tostring(opml, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _folder(
    folders: dict[tuple[str, ...], ElementTree.Element], path: tuple[str, ...]
) -> ElementTree.Element:
    if path not in folders:
        label = _clean(path[-1])
        folders[path] = ElementTree.SubElement(
            _folder(folders, path[:-1]), "outline", {"text": label, "title": label}
        )
    return folders[path]


def _clean(text: str) -> str:
    return _UNFIT.sub("", text)
