"""The text of a feed -> text that an XML parser gets through, if anything can help it.

It begins at the root element, so that no document type, entity declaration or junk in front of it counts; `&` and `<`
that begin nothing are escaped. What is broken inside its tags is left to feedparser's second, lenient parser.
"""

import re
import sys
from collections.abc import Iterator
from html.entities import html5
from itertools import islice

from ingest.blocks import INVISIBLE
from ingest.parsed import MOST_ENTRIES

# 100,000 tags take feedparser a second, in a broken document two.
MOST_TAGS = 100_000
LONGEST_TAG = 1 << 16  # characters; what is longer is an image in a `data:` address, or meant to harm

# An entry may also be a document of its own (RFC 4287, section 2).
_ROOT = re.compile(
    r"<((?:[\w-]{1,20}:)?(?:rss|rdf|feed|channel|entry(?=\s[^<>]{0,999}?(?:w3\.org/2005/atom|purl\.org/atom/))))[\s>/]",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"<(?:[\w-]{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_TAG = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<", re.DOTALL)
_WITHIN = re.compile(
    r"<((?:[\w-]{1,20}:)?(?:rss|rdf|feed|channel))[\s>]", re.IGNORECASE
)  # what entries stand in
_LONGEST_HEAD = 100_000  # characters, in which they begin
# `&` with the entity it begins, but for those that XML has without doubt; else `&` alone, and `<` where no tag begins.
_ODD = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[1-9][0-9]{2,3}|#x[2-9a-cA-C][0-9a-fA-F]{1,3});)"
    r"(?:(#[0-9]{1,32}|#[xX][0-9a-fA-F]{1,32}|[a-zA-Z][a-zA-Z0-9]{1,31});)?"
    r"|<(?![^\W\d]|[/!?:])"
)
_NUMBERS = {name: "".join(f"&#{ord(c)};" for c in html5[name]) for name in html5 if name.endswith(";")}
_CHARACTER = re.compile("[\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_NO_CHARACTER = re.compile("[\x0b\x0c\x1c-\x1f\ufffe\uffff]")


def root(text: str) -> int | None:
    """Return where the root element of a feed begins in *text*, None where there is none."""
    found = _ROOT.search(text)
    return found.start() if found else None


def xml(text: str) -> str:
    """Return the feed that begins with *text*, without what is beyond its end or its caps."""
    return "".join(_readable(_capped(_to_its_end(text))))


def outside(text: str) -> str:
    """Return what stands in front of the first entry of the feed *text* and behind the last."""
    first = _ENTRY.search(text)
    if not first:
        return text
    return text[: first.start()] + text[max(text.rfind("item>"), text.rfind("entry>"), first.end()) :]


def _to_its_end(text: str) -> str:
    """Cut off what follows the root element: there it makes XML unreadable."""
    found = _ROOT.match(text)
    end = text.rfind(f"</{found[1]}") if found else -1
    return text[: text.find(">", end) + 1] or text if end >= 0 else text


def _capped(text: str) -> str:
    """Cut *text* behind its last entry within the caps, and close what is open there: the rest must stay readable."""
    beyond = [
        found.start()
        for pattern, most in ((_ENTRY, MOST_ENTRIES), (_TAG, MOST_TAGS))
        if (found := next(islice(pattern.finditer(text), most, None), None))
    ]
    if not beyond:
        return text
    last = max(text.rfind(end, 0, min(beyond)) + len(end) for end in ("</item>", "</entry>"))
    head = text[: last if last > len("</entry>") else min(beyond)]
    opened = [name for name in _WITHIN.findall(head[:_LONGEST_HEAD]) if f"</{name}" not in head]
    return head + "".join(f"</{name}>" for name in reversed(opened))


def _readable(text: str) -> Iterator[str]:
    """Yield *text* with all that would make XML unreadable as numbers, or not at all."""
    for data, markup in _sections(_NO_CHARACTER.sub(" ", INVISIBLE.sub("", text))):
        yield data + _ODD.sub(_escaped, "<".join(tag for tag in markup.split("<") if not _is_endless(tag)))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Part *text* into CDATA and the markup after it."""
    first, *rest = text.split("<![CDATA[")
    yield "", first
    for part in rest:
        data, end, markup = part.partition("]]>")
        yield f"<![CDATA[{data}{end}", markup


def _is_endless(tag: str) -> bool:
    return len(tag) > LONGEST_TAG and ">" not in tag[:LONGEST_TAG]


def _escaped(odd: re.Match[str]) -> str:
    name = odd[1]
    if name is None:
        return "&lt;" if odd[0] == "<" else "&amp;"
    if name.startswith("#"):
        return odd[0] if _is_character(name[1:]) else "\N{REPLACEMENT CHARACTER}"
    return _NUMBERS.get(f"{name};") or f"&amp;{name};"


def _is_character(number: str) -> bool:
    """Tell whether XML has the character of this number; feedparser stumbles over half a surrogate pair."""
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return code <= sys.maxunicode and _CHARACTER.fullmatch(chr(code)) is not None
