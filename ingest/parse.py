"""Bytes of a feed -> its title and entries. feedparser lives here; JSON Feed, which it has not, is read by `jsonfeed`.

Its own sanitising and link resolving are off (they cost twice the parsing itself): `clean` keeps text only, and links
are resolved here. What is handed to it was decoded by `encoding` and mended by `mend` before.
"""

import io
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser.api

from ingest import clean, dates, jsonfeed, mend, parsed
from ingest.blocks import fold
from ingest.encoding import decode
from ingest.parsed import Entry, Hints, ParsedFeed, pack, unpack
from ingest.people import person
from ingest.permalinks import address, permalink
from kb.errors import NotAFeed

__all__ = ["Entry", "Hints", "ParsedFeed", "address", "feed", "pack", "person", "text", "unpack"]

LARGEST = 32 * 1024 * 1024
_LONGEST_AUTHOR = 100  # characters
_MOST_NAMESPACES = 100
_LONGEST_BROKEN = 3_000_000  # characters; one tag without end may take 90 bytes of memory for each
_LONGEST_HINT = 40

_PAGE = re.compile(r"\s*(?:<!doctype html|<html\b|<head\b|<body\b)", re.IGNORECASE)
_SKIP = {field: re.compile(rf"</?skip{field}s\b", re.IGNORECASE) for field in ("hour", "day")}
_LONGEST_SKIP = 2_000
_VALUE = re.compile(r">\s{0,9}(\w{1,9})\s{0,9}<")
_OPTIONS = {"sanitize_html": False, "resolve_relative_uris": False}
_UTF8 = {"content-type": "application/xml; charset=utf-8"}


class _Bounded:
    """Where feedparser needs time by the square of what a feed may hold without end."""

    def _sync_author_detail(self, key: str = "author") -> None:
        author = self._get_context().get(key)  # type: ignore[attr-defined]
        # It looks for an address of mail from each letter on: 200,000 letters took minutes.
        if not author or len(author) <= _LONGEST_AUTHOR:
            super()._sync_author_detail(key)  # type: ignore[misc]

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        # It compares each with all before.
        if len(self._get_context().get("tags", ())) < parsed.MOST_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        # It looks through all of them with every tag.
        if len(self.namespaces_in_use) < _MOST_NAMESPACES:  # type: ignore[attr-defined]
            super().track_namespace(prefix, uri)  # type: ignore[misc]


class _Strict(_Bounded, feedparser.api.StrictFeedParser): ...  # type: ignore[misc]


class _Loose(_Bounded, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    def feed(self, data: str) -> None:
        super().feed(data[:_LONGEST_BROKEN])


# feedparser looks all three up anew for each document.
feedparser.api.StrictFeedParser = _Strict
feedparser.api.LooseFeedParser = _Loose
feedparser.api.PREFERRED_XML_PARSERS.insert(0, "ingest.expat")


def feed(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed:
    """Return the feed in *body*, which came from *url*; its relative links count from there."""
    whole = text(body, url, content_type)
    if jsonfeed.is_one(whole):
        return jsonfeed.read(whole, url)
    document = _mended(whole, url)
    del whole  # of 30 MB with emoji each copy takes 120
    outside = mend.outside(document)
    found = _read(document, url)
    if not found.get("version") and not found.entries:
        raise NotAFeed(url, "what came holds no feed")
    return _built(found, url, _hints(found.feed, outside))


def _read(document: str, url: str) -> Any:
    try:
        return feedparser.parse(io.BytesIO(document.encode()), response_headers=_UTF8, **_OPTIONS)
    except Exception as error:  # e.g. a TypeError for <abstract><width/></abstract>: anything at all
        raise NotAFeed(url, "it is so broken that it cannot be read") from error


def text(body: bytes, url: str, content_type: str | None = None) -> str:
    """Return *body* as text, before anything in it is mended; NotAFeed where it can be no feed."""
    if len(body) > LARGEST:
        raise NotAFeed(url, "what came is larger than any feed")
    whole = decode(body, content_type)
    if not whole.strip():
        raise NotAFeed(url, "an empty answer")
    return whole


def _mended(whole: str, url: str) -> str:
    start = mend.root(whole)
    if start is None or _PAGE.match(whole):
        is_page = "<html" in whole[:4096].lower()
        raise NotAFeed(url, "a web page, not a feed" if is_page else "what came holds no feed")
    return mend.xml(whole[start:])


def _built(found: Mapping[str, Any], url: str, hints: Hints) -> ParsedFeed:
    about = found["feed"]
    site_url = address(_value(about, "link"), url)
    is_atom = found.get("version", "").startswith("atom")
    # RFC 4287 counts links from the document; for RSS nothing says so, and readers count them from the site.
    base = url if is_atom or not site_url else site_url
    # RFC 4287, section 4.2.1; RSS has an editor there, who need not have written anything.
    author = _author(about) if is_atom else None
    entries = [_entry(raw, base, site_url, author) for raw in found["entries"]]
    return ParsedFeed(
        title=_plain(about, "title"),
        site_url=site_url,
        entries=parsed.distinct(entries),
        shares_ids=len({entry.key for entry in entries}) < len(entries),
        hints=hints,
        hub=_related(about, "hub", url),
        self_url=_related(about, "self", url),
    )


def _hints(about: Mapping[str, Any], outside: str) -> Hints:
    return Hints(
        ttl=_hint(about, "ttl"),
        period=_hint(about, "sy_updateperiod"),
        frequency=_hint(about, "sy_updatefrequency"),
        hours=_skipped("hour", outside),
        days=_skipped("day", outside),
    )


def _hint(about: Mapping[str, Any], field: str) -> str | None:
    value = _value(about, field)
    return fold(value[:_LONGEST_HINT]) or None if isinstance(value, str) else None


def _skipped(field: str, outside: str) -> tuple[str, ...]:
    """Return all of them; feedparser keeps only the last."""
    _, *rest = _SKIP[field].split(outside, maxsplit=1)
    listed = _SKIP[field].split("".join(rest)[:_LONGEST_SKIP], maxsplit=1)[0]
    return tuple(dict.fromkeys(_VALUE.findall(listed)))


def _related(about: Mapping[str, Any], rel: str, url: str) -> str | None:
    links = (link for link in _value(about, "links") or () if rel in str(link.get("rel")).split())
    return next((found for link in links if (found := address(link.get("href"), url))), None)


def _entry(raw: Mapping[str, Any], base: str, site_url: str | None, author: str | None) -> Entry:
    contents = [_markup(content) for content in _value(raw, "content") or ()]
    summary = _markup(_value(raw, "summary_detail") or {})
    link = _link(raw, base)
    title = _plain(raw, "title")
    markup = max((content for content in contents if content), key=len, default=None)
    return Entry(
        key=parsed.key(str(_value(raw, "id") or ""), link, title, markup or summary),
        title=title,
        url=link,
        author=_author(raw) or author,
        published=_moment(raw, "published") or _moment(raw, "created"),
        updated=_moment(raw, "updated"),
        html=markup,
        summary_html=summary,
        tags=_tags(_value(raw, "tags") or ()),
        site_url=_source(raw, base) or site_url,
    )


def _link(raw: Mapping[str, Any], base: str) -> str | None:
    # A feed proxy's own address says nothing of whose post it is.
    link = address(_value(raw, "feedburner_origlink"), base) or _alternate(raw, base)
    return permalink(link) if link else None


def _alternate(raw: Mapping[str, Any], base: str) -> str | None:
    link = _value(raw, "link")
    # feedparser takes an id for the link where there is none, though it may be any number.
    is_id = link == _value(raw, "id") and not str(link).startswith("/")
    return address(link, "" if is_id else base) or _related(raw, "alternate", base)


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
        return parsed.paragraphs(value)
    return value if value.strip() else None


def _author(raw: Mapping[str, Any]) -> str | None:
    named = [author.get("name") or "" for author in _value(raw, "authors") or ()]
    # What feedparser made of a single author's address and name may have lost letters.
    whole = [_value(raw, "author") or ""] if len(named) <= 1 else named
    return ", ".join(dict.fromkeys(name for author in whole if (name := person(author)))) or None


def _moment(raw: Mapping[str, Any], field: str) -> datetime | None:
    """Return a date as feedparser read it, or as we do where it could not."""
    read = _value(raw, f"{field}_parsed")
    if not read:
        return dates.moment(_value(raw, field))
    try:
        return dates.plausible(datetime.fromtimestamp(timegm(read), UTC))
    except (ValueError, OverflowError):
        return None


def _tags(raw: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    terms = (clean.inline(str(tag.get("label") or tag.get("term") or "")) for tag in raw)
    return tuple(dict.fromkeys(term for term in terms if term))


def _source(raw: Mapping[str, Any], base: str) -> str | None:
    """Return the site that an entry of a collected feed comes from."""
    source = _value(raw, "source") or {}
    return address(source.get("link"), base) if isinstance(source, Mapping) else None
