"""Whose address it is: the registrable domain, by the public suffix list and hosts of many blogs. Pure."""

from functools import cache, lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

# Hosts of many unlike blogs that the public suffix list does not name.
_SHARED_HOSTS = (
    "typepad.com",
    "wordpress.com",
    "ghost.io",
    "tumblr.com",
    "substack.com",
    "medium.com",
    "livejournal.com",
    "posterous.com",
    "blogs.com",
)


@lru_cache(maxsize=4096)
def registrable(url: str) -> str:
    """Return the registrable domain of a web address; "" if it has no host.

    An address in numbers and a name of the local network are taken whole, an unlisted ending counts as one label.
    """
    return _registered(host(url))


def host(url: str) -> str:
    """Return the host of a web address in lower case; "" if it has none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").rstrip(".") if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _registered(name: str) -> str:
    if _is_number(name):
        return name
    shared = next((there for there in _SHARED_HOSTS if name.endswith(f".{there}")), None)
    if shared:
        return f"{name.removesuffix(f'.{shared}').rpartition('.')[2]}.{shared}"
    return _suffixes().privatesuffix(name) or ".".join(name.split(".")[-2:])


@cache
def _suffixes() -> PublicSuffixList:
    """Read the list that comes with the package, which takes 40 ms: a run with nothing to ask needs none of it."""
    return PublicSuffixList()


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
