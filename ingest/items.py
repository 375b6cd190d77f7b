"""A feed's document cut into its entries, so that those known already need no parsing. Pure.

The cut is blind: an item ends at the next closing tag. What makes it certain is that expat reads head, unknown items
and tail, and must find each item whole, in its place, and with nothing in it that feedparser carries from one entry
into the next. A mark covers an item's bytes and its frame, so a known mark says that this very item passed before.
"""

import codecs
import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from urllib.parse import urljoin
from xml.parsers import expat

from ingest import mend
from ingest.encoding import decode
from ingest.parsed import MOST_ENTRIES

# Nothing here may hold "<", so the root is the very one that `mend` finds.
_PROLOG = re.compile(rb"(?:\s|<\?[^<>]*>|<!DOCTYPE[^<>\[]*>|<!--[^<>]*-->)*+(?=<(?:rss|feed|rdf:RDF)[\s>])")
_OPENING = re.compile(rb"<(item|entry)[\s>]")
_GAP = re.compile(rb"\s*+(?=<(?:item|entry)[\s>])")
_TAIL = re.compile(rb"\s*+(?:</channel>\s*+</rss>|</feed>|</rdf:RDF>)(?:\s|<!--[^<>]*-->)*+")
# What may differ at every fetch and means nothing to an entry. Only letters, digits and the like count, so that the
# structure around is the same whatever stands there; "--" would end a comment.
_MOVING = re.compile(
    rb"<!\[CDATA\[(?s:.*?)(?:\]\]>|\Z)"
    rb"|<((?:\w+:)?(?:lastBuildDate|pubDate|updated|modified|date|totalResults))>(?:[\w\s:,+./()]|-(?!-)){0,99}</\1>"
    rb"|<rdf:li\s+(?:rdf:)?resource=\"[^<>\"]*\"\s*/>"
    rb"|<!--(?:[\w\s:;,.+/()=*'\"@#%!?]|-(?!-))*+-->"
)
_RSS_1 = "http://purl.org/rss/1.0/"
# The namespaces in which feedparser takes an element for one of a feed's own.
_FEED_SPACES = frozenset(
    {
        "",
        _RSS_1,
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
    }
)
# feedparser never forgets a prefix. These always stand for the same, so it does no harm when an item declares one.
_USUAL = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "gd": "http://schemas.google.com/g/2005",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_MEDIA = frozenset(
    {
        "http://search.yahoo.com/mrss/",
        "https://search.yahoo.com/mrss/",
        "http://search.yahoo.com/mrss",
        "http://www.rssboard.org/media-rss",
    }
)
_ITEM = frozenset({"item", "entry"})
_PLACES = (["rss", "channel"], ["feed"], ["rdf"])
_NEVER_IN_AN_ITEM = frozenset({"rss", "rdf", "feed", "channel", "textinput"})
# Elements that may hold markup of a page. feedparser counts them, and counts wrongly where one stands in another.
_MARKUP = frozenset(
    {"abstract", "body", "browserfriendly", "content", "copyright", "description", "encoded", "fullitem"}
    | {"info", "rights", "subtitle", "summary", "tagline", "title"}
)
# Elements and attributes whose text feedparser takes for an address, which counts from a base.
_ADDRESS = frozenset({"link", "guid", "id"})
_HREF = frozenset({"href", "url", "uri"})
_BASES = ("http://base.example/", "https://base.example/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A feed's document in UTF-8, in pieces."""

    head: bytes  # up to the first item
    items: tuple[bytes, ...]  # each whole, in order
    tail: bytes
    marks: tuple[
        str, ...
    ]  # of each item: SHA-256 of its bytes and of all around it that its meaning depends on


class _Uncertain(Exception): ...


def cut(
    body: bytes, content_type: str | None, *, url: str = "", known: Container[str] = frozenset()
) -> Cut | None:
    """Return the pieces of a feed's document; None where it is not certain that each item means the same alone.

    *url* is where it came from, which relative links count from. *known* may hold marks of earlier cuts, and no others:
    their items are not looked at again. What no mark can say is whether an entry's key is nobody else's.
    """
    # Lone surrogates are among the characters that nobody sees, which `mend` leaves out.
    whole = decode(body, content_type).encode("utf-8", "ignore")
    found = _pieces(whole)
    if found is None:
        return None
    head, *items, tail = found
    has_bases = whole.find(b"base=", len(head)) >= 0
    around = (url.encode("utf-8", "replace"), _MOVING.sub(_still, head), _MOVING.sub(_still, tail))
    frame = sha256(b"\0".join((b"%d" % has_bases, *around))).digest()
    marks = tuple(sha256(frame + item).hexdigest() for item in items)
    unknown = [item for item, mark in zip(items, marks, strict=True) if mark not in known]
    if unknown and not _stand_alone(head, unknown, tail, has_bases=has_bases):
        return None
    return Cut(head=head, items=tuple(items), tail=tail, marks=marks)


def only(pieces: Cut, wanted: Collection[int]) -> bytes:
    """Return the document with these items alone, by their positions; its first bytes say that it is UTF-8."""
    kept = (pieces.items[position] for position in sorted(wanted))
    return b"".join((codecs.BOM_UTF8, pieces.head, *kept, pieces.tail))


def _pieces(whole: bytes) -> list[bytes] | None:
    """Return head, items and tail; None where they are not plain to see, or more than `parse` reads."""
    first = _OPENING.search(whole)
    if not first or not _PROLOG.match(whole) or b"\0" in whole or whole.count(b"<") > mend.MOST_TAGS:
        return None
    bounds = list(_bounds(whole, first.start()))
    tail = whole[bounds[-1][1] :] if bounds else b""
    if len(bounds) > MOST_ENTRIES or not _TAIL.fullmatch(tail):
        return None
    return [whole[: first.start()], *(whole[start:end] for start, end in bounds), tail]


def _bounds(whole: bytes, start: int) -> Iterator[tuple[int, int]]:
    while opening := _OPENING.match(whole, start):
        closing = b"</%b>" % opening[1]
        end = whole.find(closing, start) + len(closing)
        if end < start:  # not found
            return
        yield start, end
        gap = _GAP.match(whole, end)
        start = gap.end() if gap else end


def _still(moving: re.Match[bytes]) -> bytes:
    return moving[0] if moving[0].startswith(b"<![") else b""


def _stand_alone(head: bytes, items: Sequence[bytes], tail: bytes, *, has_bases: bool) -> bool:
    """Tell whether each of the items, between head and tail, is an entry that leans on no other."""
    root = _PROLOG.match(head)
    parts = [_mended(part) for part in (head[root.end() if root else 0 :], *items, tail)]
    *starts, _ = accumulate(map(len, parts[:-1]))
    try:
        return all(map(_ends_as_markup, parts)) and _Reader(starts, has_bases).read(b"".join(parts))
    except (expat.ExpatError, _Uncertain):
        return False


def _mended(part: bytes) -> bytes:
    return mend.xml(part.decode()).encode()


def _ends_as_markup(part: bytes) -> bool:
    """Tell whether `mend`, which knows no comments, takes what follows for markup too."""
    return b"]]>" in part[max(part.rfind(b"<![CDATA["), 0) :] or b"<![CDATA[" not in part


class _Reader:
    """Reads a document that begins at its root; `_Uncertain` where an item may lean on another."""

    def __init__(self, starts: Sequence[int], has_bases: bool) -> None:
        self._starts = starts
        self._has_bases = has_bases
        self._seen = 0
        self._path: list[str] = []
        self._markup = 0  # how deep the open element stands that may hold markup
        self._address: list[str] = []  # the text of the open element that holds one
        self._declared: dict[str | None, str] = {}  # in the head
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, document: bytes) -> bool:
        """Tell whether the items are where they must be, and no others."""
        self._parser.Parse(document, True)
        return self._seen == len(self._starts)

    def _declare(self, prefix: str | None, uri: str) -> None:
        if self._parser.CurrentByteIndex < self._starts[0]:
            self._declared[prefix] = uri
        elif prefix is None:
            _insist(uri not in _USUAL.values() or uri == self._declared.get(None))
        elif self._declared.get(prefix) != uri:
            taken = prefix in self._declared or uri in self._declared.values()
            _insist(_USUAL.get(prefix) == uri and not taken)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        local = local.lower()
        if local in _ITEM:
            self._item(space)
        elif self._seen:
            _insist(local not in _NEVER_IN_AN_ITEM)
        if self._path:
            self._based(local, {key.rpartition(" ")[2].lower(): value for key, value in attributes.items()})
        else:
            _insist(local == "rdf" or space in _FEED_SPACES)
        self._path.append(local)
        if local in _MARKUP and not (local == "content" and self._is_media(space)):
            _insist(not self._markup)
            self._markup = len(self._path)

    def _item(self, space: str) -> None:
        _insist(space in _FEED_SPACES and self._path in _PLACES)
        _insist(self._path != ["rdf"] or _RSS_1 in self._declared.values())
        _insist(self._starts[self._seen : self._seen + 1] == [self._parser.CurrentByteIndex])
        self._seen += 1

    def _is_media(self, space: str) -> bool:
        return space in _MEDIA and space == self._declared.get("media")

    def _based(self, local: str, attributes: Mapping[str, str]) -> None:
        """In feedparser a base outlasts its element, so where items have some, addresses must need none."""
        _insist("base" not in attributes or (self._has_bases and self._seen > 0))
        if self._has_bases and self._seen:
            _insist(
                self._parser.CharacterDataHandler is None and not (local in _ITEM and "href" in attributes)
            )
            if local in _ADDRESS:
                _insist(all(_is_whole(attributes[key]) for key in _HREF & attributes.keys()))
                self._address = []
                self._parser.CharacterDataHandler = self._address.append

    def _end(self, name: str) -> None:
        if self._parser.CharacterDataHandler is not None:
            self._parser.CharacterDataHandler = None
            text = "".join(self._address).strip()
            _insist(not text or _is_whole(text))
        if self._markup == len(self._path):
            self._markup = 0
        self._path.pop()


def _is_whole(address: str) -> bool:
    """Tell whether an address is the same from any base."""
    try:
        return all(urljoin(base, address) == address for base in _BASES)
    except ValueError:
        return False


def _insist(condition: bool) -> None:
    if not condition:
        raise _Uncertain
