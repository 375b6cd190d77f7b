"""Whose address it is: the registrable domain, by the public suffix list and hosts of many blogs. Pure."""

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import tldextract

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
# Its own snapshot of the list only: it never asks the network, nor keeps a cache.
_registry = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, extra_suffixes=_SHARED_HOSTS, include_psl_private_domains=True
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
    found = _registry(name).top_domain_under_public_suffix.lower()
    return found or ".".join(name.split(".")[-2:])


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
