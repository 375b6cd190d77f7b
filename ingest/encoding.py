"""Bytes to text. Never fails: what a page says of its own encoding is a hint, what its bytes say counts more."""

import codecs
import re

# Longest first: the mark of UTF-32-LE begins with that of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
# What web authors call Latin-1 or ASCII is Windows-1252 in every browser.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}
_HEAD = 1024  # how far a declaration is looked for


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of *body*, by its byte order mark, as UTF-8, as declared, else as Windows-1252."""
    if encoding := _unmistakable(body):
        return body.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, _declared((content_type or "").encode()) or _declared(body[:_HEAD]))


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


def _declared(head: bytes) -> str | None:
    found = _DECLARED.search(head)
    return found[1].decode("ascii").lower() if found else None


def _legacy(body: bytes, declared: str | None) -> str:
    name = _ALIASES.get(declared or "", declared)
    if name and name not in ("utf-8", "utf8", "cp1252"):
        try:
            return body.decode(name)
        except (LookupError, UnicodeError, ValueError):
            pass  # an unknown or a wrong name
    return body.decode("utf-8", "guidepost-1252")


def _as_1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252: right for old pages and for pages pasted from two sources."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("guidepost-1252", _as_1252)
