"""What a site's robots.txt asks of us (RFC 9309). Pure."""

import re

from protego import Protego

PRODUCT = "guidepost"  # the name by which a site can give us rules of our own, in any case
MOST_BYTES = 500 * 1024  # RFC 9309, 2.5: what must be read; the rest is left
_LONGEST_DELAY = 30.0  # seconds; some ask for hours, and mean crawlers of whole sites
_NAMED = re.compile(r"[a-z_-]*")  # RFC 9309, 2.2.1: a version may follow


class Rules:
    """What may be asked for, and how fast."""

    def __init__(self, body: bytes = b"") -> None:
        self._parsed = Protego.parse(_ours(body[:MOST_BYTES].decode("utf-8-sig", "replace")))

    def allow(self, url: str) -> bool:
        """Say whether *url* may be asked for."""
        return self._parsed.can_fetch(url, PRODUCT)

    @property
    def delay(self) -> float:
        """How many seconds to leave between two requests."""
        return min(self._parsed.crawl_delay(PRODUCT) or 0.0, _LONGEST_DELAY)


def _ours(text: str) -> str:
    """Return *text* with all robots but us under one name.

    The parser keeps every group's rules: thousands of names over thousands of rules would fill the memory.
    """
    return "\n".join(_told_apart(line) for line in text.splitlines() if ":" in line)


def _told_apart(line: str) -> str:
    field, _, value = line.partition("#")[0].partition(":")
    if field.strip().lower().replace(" ", "-") not in {"user-agent", "useragent"}:
        return line
    name = value.strip().lower()
    if name.startswith("*"):
        return "user-agent: *"
    named = _NAMED.match(name)
    return f"user-agent: {PRODUCT if named and named[0] == PRODUCT else 'another'}"
