"""What an answer's `Link` headers point to (RFC 8288). Pure."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin

# Each stops where the next one begins, so that no header takes longer than its length.
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


def targets(values: Iterable[str], base: str) -> dict[str, str]:
    """Return the web address of the first link of each relation, relative ones resolved against *base*."""
    found: dict[str, str] = {}
    for value in values:
        for target, parameters in _LINK.findall(value):
            for relation in _relations(parameters):
                address = _resolved(target, base)
                if address:
                    found.setdefault(relation, address)
    return found


def _relations(parameters: str) -> list[str]:
    """Return what a link is to the answer; nothing if it is a link of something else, its `anchor`."""
    given: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(parameters):
        given.setdefault(name.lower(), quoted or bare)
    return [] if "anchor" in given else given.get("rel", "").lower().split()


def _resolved(target: str, base: str) -> str | None:
    try:
        address = urljoin(base, target.strip())
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) and address.isprintable() else None
