"""Bytes to text. Never fails: what a page says of its own encoding is a hint, what its bytes say counts more."""

import codecs
import re
from itertools import chain

# Longest first: the mark of UTF-32-LE begins with that of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # Without a mark a document still begins with "<" or "{" (XML 1.0, appendix F; RFC 4627, section 3).
    *((first.encode(name), name) for name in ("utf-32-le", "utf-32-be") for first in "<{"),
    ("<?xm".encode("cp037"), "cp037"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
# What authors call by the left name is the right one in every browser (WHATWG Encoding, section 4.2).
_ALIASES = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "chinese"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "korean"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("tis-620", "iso-8859-11"), "cp874"),
    "x-mac-roman": "mac-roman",
    "x-cp1251": "cp1251",
}
# Said of nearly everything without thought: they are what is tried anyway.
_SAID_OF_ALL = frozenset({"utf-8", "utf8", "cp1252", "windows-1252"})
_SEVEN_BITS = re.compile(r"iso-2022-(?:jp|kr)|hz(?:-gb-2312)?")  # text that looks like ASCII but is none
_ASCII = b"<?xml version='1.0'?> &amp; +ADw- \\u0041 {}[]"
# A byte that is no UTF-8, as Python marks it -> what it is in Windows-1252.
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")  # how each letter beyond ASCII begins in UTF-8
_HEAD = 1024  # how far a declaration is looked for
_MOST_FAULTS = 0.01  # of the characters, before another encoding is likelier


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of *body*, by its byte order mark, as UTF-8, as declared, else as Windows-1252."""
    if encoding := _unmistakable(body):
        return body.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    for name in chain(_declared((content_type or "").encode()), _declared(body[:_HEAD])):
        if (text is None or _SEVEN_BITS.fullmatch(name)) and (read := _as_declared(body, name)) is not None:
            return read
    return _mixed(body) if text is None else text


def _unmistakable(body: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding
    head = body[:200]
    # Text in UTF-16 without its mark: nearly every other byte of Western text is NUL.
    if head[1::2].count(0) * 4 > len(head) and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) * 4 > len(head) and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _declared(head: bytes) -> list[str]:
    found = _DECLARED.search(head)
    name = found[1].decode("ascii").lower() if found else ""
    name = _ALIASES.get(name, name)
    return [name] if name and name not in _SAID_OF_ALL else []


def _as_declared(body: bytes, name: str) -> str | None:
    """Return *body* as text in the encoding *name*; None where there is no such, or its bytes say otherwise."""
    try:
        # Encodings that do not read ASCII as ASCII are declared by mistake or by malice.
        if _ASCII.decode(name) != _ASCII.decode("ascii"):
            return None
        text = body.decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return None
    return text if text.count("\ufffd") <= len(text) * _MOST_FAULTS else None


def _mixed(body: bytes) -> str:
    """Read old pages, and pages pasted from two sources: what is no UTF-8 is Windows-1252."""
    if not _MULTIBYTE.search(body):
        return body.decode("cp1252", "replace")
    return body.decode("utf-8", "surrogateescape").translate(_STRAY)
