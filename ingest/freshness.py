"""How long an answer stays fresh, or a refusal stands, by its headers (RFC 9110, RFC 9111). Pure: no clock.

Dates are read by the server's own clock, its `Date`, which need not agree with ours. What a server does not say
is not guessed: RFC 9111's heuristics are for caches that would otherwise ask at every click.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=31)  # "for ever", as some servers say, must not mean never again
_STALE = timedelta(0)
_MOST_SECONDS = 1e9  # 31 years
_NEVER_FRESH = frozenset({"no-cache", "no-store"})
# A quoted value may hold commas, and what looks like another directive.
_DIRECTIVE = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')


def lifetime(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long an answer stays fresh from now on; None where *headers* do not say."""
    control = dict(_directives(headers.get("Cache-Control", "")))
    if _NEVER_FRESH & control.keys():
        return _STALE
    # `s-maxage` is for caches that many people share (RFC 9111, 5.2.2.10).
    total = _seconds(control["max-age"]) or _STALE if "max-age" in control else _until_expiry(headers)
    if total is None:
        return None
    age = _seconds(headers.get("Age", "").partition(",")[0]) or _STALE
    return min(max(total - age, _STALE), LONGEST)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long a refusal asks us to wait."""
    value = headers.get("Retry-After", "")
    seconds = _seconds(value)
    return seconds if seconds is not None else _from_date_to(_moment(value), headers)


def _directives(control: str) -> Iterator[tuple[str, str]]:
    """Yield the directives of Cache-Control, the first of a name last, for that one counts (RFC 9111, 4.2.1)."""
    for directive in reversed(_DIRECTIVE.findall(control)):
        name, _, value = directive.partition("=")
        yield name.strip().lower(), value.strip().strip('"')


def _until_expiry(headers: Mapping[str, str]) -> timedelta | None:
    if "Expires" not in headers:
        return None
    expires = _moment(headers["Expires"])
    # Not a date, "0" above all, means that it has expired already (RFC 9111, 5.3).
    return _from_date_to(expires, headers) if expires else _STALE


def _from_date_to(then: datetime | None, headers: Mapping[str, str]) -> timedelta | None:
    now = _moment(headers.get("Date", ""))
    return max(then - now, _STALE) if then and now else None


def _seconds(text: str) -> timedelta | None:
    """Return a number of seconds; beyond what `timedelta` can hold it is cut."""
    digits = re.fullmatch(r"\s*0*([0-9]+)\s*", text, re.ASCII)
    return timedelta(seconds=min(float(digits[1]), _MOST_SECONDS)) if digits else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
