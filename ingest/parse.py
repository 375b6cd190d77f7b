"""Bytes of a feed -> its title and entries. feedparser lives here.

Its own sanitising and link resolving are off (they cost twice the parsing itself): `clean` keeps text only, and links
are resolved here. What is handed to it is text that was decoded before and begins at the root element, so that no
document type, entity declaration or junk in front of it counts.
"""

import hashlib
import html
import io
import json
import re
import sys
from calendar import timegm
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from ingest import clean, dates
from ingest.blocks import INVISIBLE, fold
from ingest.encoding import decode
from kb.errors import NotAFeed

LARGEST = 32 * 1024 * 1024
# What is beyond is not read: 200,000 tags take two to three seconds, and the longest feeds have some 5,000 entries.
MOST_ENTRIES = 10_000
MOST_TAGS = 100_000

_ROOT = re.compile(r"<(?:[\w-]{1,20}:)?(?:rss|rdf|feed|channel)[\s>/]", re.IGNORECASE)
_ENTRY = re.compile(r"<(?:[\w-]{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_PAGE = re.compile(r"\s*(?:<!doctype html|<html\b|<head\b|<body\b)", re.IGNORECASE)
_ENTITY = re.compile(r"&(#[0-9]{1,32}|#[xX][0-9a-fA-F]{1,32}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_CHARACTER = re.compile("[\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
_OPTIONS = {"sanitize_html": False, "resolve_relative_uris": False}
_UTF8 = {"content-type": "application/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as its feed gives it: plain text but for the two fields of markup."""

    key: str  # guid, else link, else a hash of its content
    title: str
    url: str | None = None
    author: str | None = None
    published: datetime | None = None  # aware, UTC
    updated: datetime | None = None
    html: str | None = None  # the longest of its contents
    summary_html: str | None = None
    tags: tuple[str, ...] = ()
    site_url: str | None = None  # of the blog it comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    title: str
    site_url: str | None
    entries: tuple[Entry, ...]


def feed(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed:
    """Return the feed in *body*, which came from *url*; its relative links count from there."""
    text = _document(body, url, content_type)
    parsed = feedparser.parse(io.BytesIO(text.encode()), response_headers=_UTF8, **_OPTIONS)
    if not parsed.get("version") and not parsed.entries:
        raise NotAFeed(url, "what came holds no feed")
    site_url = address(parsed.feed.get("link"), url)
    entries = [_entry(raw, url, site_url) for raw in parsed.entries]
    return ParsedFeed(
        title=_plain(parsed.feed, "title"), site_url=site_url, entries=tuple(_distinct(entries))
    )


def address(link: object, base: str) -> str | None:
    """Return *link*, seen from *base*, as a web address; None where it is none."""
    try:
        url = urljoin(base, fold(str(link or "")))
        parts = urlsplit(url)
    except ValueError:  # for example a bracket that is never closed
        return None
    return url if link and parts.scheme in ("http", "https") and parts.hostname else None


def person(name: str) -> str | None:
    """Return the name in *name*, such as "a@b.example (Ann Bell)"; None where there is only an address."""
    text = clean.inline(name)
    bare = fold(_MAIL.sub(" ", text)).replace("( )", "").replace("<>", "").replace("()", "").strip(" <>,;-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].strip()
    return bare if any(c.isalnum() for c in bare) and not bare.startswith(("http://", "https://")) else None


def pack(entry: Entry) -> bytes:
    """Return *entry* as bytes to keep, the same for the same entry."""
    return json.dumps(asdict(entry), default=datetime.isoformat, ensure_ascii=True, sort_keys=True).encode()


def unpack(packed: bytes) -> Entry:
    """Return the entry that `pack` made *packed* of."""
    fields = json.loads(packed)
    for name in ("published", "updated"):
        fields[name] = fields[name] and datetime.fromisoformat(fields[name])
    return Entry(**fields | {"tags": tuple(fields["tags"])})


def _document(body: bytes, url: str, content_type: str | None) -> str:
    if len(body) > LARGEST:
        raise NotAFeed(url, "what came is larger than any feed")
    text = decode(body, content_type)
    if not text.strip():
        raise NotAFeed(url, "an empty answer")
    root = _ROOT.search(text)
    if _PAGE.match(text) or not root:
        raise NotAFeed(
            url, "a web page, not a feed" if "<html" in text[:4096].lower() else "what came holds no feed"
        )
    beyond = next(islice(_ENTRY.finditer(text, root.start()), MOST_ENTRIES, None), None)
    return "".join(_readable(text[root.start() : beyond.start() if beyond else None]))


def _readable(text: str) -> Iterator[str]:
    """Yield *text* up to MOST_TAGS; entities that only HTML knows, which make XML unreadable, as numbers."""
    left = MOST_TAGS
    for data, markup in _sections(INVISIBLE.sub("", text)):
        tags = markup.split("<", left)
        yield data + _ENTITY.sub(_numbered, "<".join(tags[:left]))
        left -= len(tags)
        if left <= 0:
            return


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Part *text* into CDATA and the markup after it."""
    first, *rest = text.split("<![CDATA[")
    yield "", first
    for part in rest:
        data, end, markup = part.partition("]]>")
        yield f"<![CDATA[{data}{end}", markup


def _numbered(entity: re.Match[str]) -> str:
    if entity[1].startswith("#"):
        return entity[0] if _is_character(entity[1][1:]) else "\N{REPLACEMENT CHARACTER}"
    if entity[1] in _XML_NAMES:
        return entity[0]
    known = html.entities.html5.get(entity[1] + ";")
    return "".join(f"&#{ord(c)};" for c in known) if known else "&amp;" + entity[0][1:]


def _is_character(number: str) -> bool:
    """Tell whether XML has the character of this number; feedparser stumbles over half a surrogate pair."""
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return code <= sys.maxunicode and _CHARACTER.fullmatch(chr(code)) is not None


def _entry(raw: Mapping[str, Any], url: str, site_url: str | None) -> Entry:
    contents = [_markup(content) for content in _value(raw, "content") or ()]
    summary = _markup(_value(raw, "summary_detail") or {})
    # A feed proxy's own address says nothing of whose post it is.
    link = address(_value(raw, "feedburner_origlink"), url) or _link(raw, url)
    title = _plain(raw, "title")
    markup = max((content for content in contents if content), key=len, default=None)
    return Entry(
        key=fold(str(_value(raw, "id") or "")) or link or _digest(title, markup or summary or ""),
        title=title,
        url=link,
        author=_author(raw),
        published=_moment(raw, "published_parsed") or _moment(raw, "created_parsed"),
        updated=_moment(raw, "updated_parsed"),
        html=markup,
        summary_html=summary,
        tags=_tags(_value(raw, "tags") or ()),
        site_url=_source(raw, url) or site_url,
    )


def _link(raw: Mapping[str, Any], url: str) -> str | None:
    link = _value(raw, "link")
    # feedparser takes an id for the link where there is none, though it may be any number.
    return address(link, url if link != _value(raw, "id") else "")


def _plain(raw: Mapping[str, Any], field: str) -> str:
    value = _value(raw, field) or ""
    kind = (_value(raw, f"{field}_detail") or {}).get("type")
    return clean.inline(value) if kind != "text/plain" else fold(value)


def _value(raw: Mapping[str, Any], field: str) -> Any:
    """Return a field as it was given: feedparser's own look-up answers for missing dates with others, and warns."""
    return dict.get(raw, field) if isinstance(raw, dict) else None


def _markup(content: Mapping[str, Any]) -> str | None:
    value = content.get("value") or ""
    if content.get("type") == "text/plain":
        value = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", value))
        return value if value != "<p></p>" else None
    return value if value.strip() else None


def _author(raw: Mapping[str, Any]) -> str | None:
    named = [author.get("name") or "" for author in _value(raw, "authors") or ()]
    # What feedparser made of a single author's address and name may have lost letters.
    whole = [_value(raw, "author") or ""] if len(named) <= 1 else named
    return ", ".join(dict.fromkeys(name for author in whole if (name := person(author)))) or None


def _moment(raw: Mapping[str, Any], field: str) -> datetime | None:
    parsed = _value(raw, field)
    try:
        return dates.plausible(datetime.fromtimestamp(timegm(parsed), UTC)) if parsed else None
    except (ValueError, OverflowError):
        return None


def _tags(raw: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    terms = (clean.inline(str(tag.get("label") or tag.get("term") or "")) for tag in raw)
    return tuple(dict.fromkeys(term for term in terms if term))


def _source(raw: Mapping[str, Any], url: str) -> str | None:
    """Return the site that an entry of a collected feed comes from."""
    source = _value(raw, "source") or {}
    return address(source.get("link"), url) if isinstance(source, Mapping) else None


def _digest(title: str, markup: str) -> str:
    return "sha256:" + hashlib.sha256(f"{title}\n{markup}".encode()).hexdigest()


def _distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Give entries of one id but different links the link for a key; of true doubles keep the first."""
    unlike = list({(entry.key, entry.url): entry for entry in reversed(list(entries))}.values())[::-1]
    ids = Counter(entry.key for entry in unlike)
    keyed = (replace(entry, key=entry.url) if ids[entry.key] > 1 and entry.url else entry for entry in unlike)
    return list({entry.key: entry for entry in keyed}.values())
