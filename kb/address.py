"""Addresses of feeds, in the one form under which a feed is known."""

import re
from urllib.parse import urlsplit, urlunsplit

from kb.errors import BadAddress

LONGEST = 2000

_UNFIT = re.compile(r"[\x00-\x20\x7f\s\ud800-\udfff]")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST = re.compile(
    r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)"
)  # at the beginning of what is typed without a scheme


def normal(url: str) -> str:
    """Return *url* in the one form under which a feed is known; BadAddress when it can never be fetched."""
    stripped = url.strip()
    if stripped.lower().startswith("feed:"):  # how browsers once handed feeds to readers
        stripped = stripped[5:] if ":" in stripped[5:].partition("/")[0] else f"http:{stripped[5:]}"
    if not stripped or len(stripped) > LONGEST or _UNFIT.search(stripped):
        raise BadAddress("not a web address: empty, too long or with white space in it")
    try:
        parts = urlsplit(stripped)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise BadAddress("not a web address: its host or port makes no sense") from error
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise BadAddress("not a web address: it must begin with http:// or https:// and name a host")
    place = _authority(parts.netloc, host, port, parts.scheme)
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))


def typed(text: str) -> str:
    """Return what a person typed as a normal address; `blog.example/news` stands for https://blog.example/news."""
    stripped = text.strip()
    return normal(f"https://{stripped}" if _HOST.match(stripped) else stripped)


def _authority(netloc: str, host: str, port: int | None, scheme: str) -> str:
    credentials = netloc.rpartition("@")[0]
    named = f"[{host}]" if ":" in host else host
    with_port = named if port in (None, _DEFAULT_PORTS[scheme]) else f"{named}:{port}"
    return f"{credentials}@{with_port}" if credentials else with_port


def alike(url: str) -> tuple[str, str]:
    """Return the two addresses that are the same feed as a normal one: with https and with http."""
    rest = url.partition(":")[2]
    return f"https:{rest}", f"http:{rest}"
