"""When to ask a feed again. Pure: the clock is an argument, and chance is the feed's own address."""

from datetime import datetime, timedelta
from hashlib import sha256

BUSY = timedelta(hours=1)  # between questions to a feed that has just changed
QUIET = timedelta(days=1)  # at most, to one that has long been silent
FAILING = timedelta(days=2)  # at most, to one that fails; it is never given up
LONGEST_WAIT = timedelta(days=7)  # that a failing server may ask for
# A feed that was silent for a day is asked hourly, for a week every 7 hours, from 24 days on daily.
_SILENCE_PER_INTERVAL = 24
_MOST_DOUBLINGS = 10  # far beyond FAILING, and no overflow after years of failures


def next_due(
    now: datetime,
    *,
    url: str,
    changed: bool,
    failures: int = 0,
    quiet_since: datetime | None = None,
    wait: timedelta | None = None,
) -> datetime:
    """Return when to ask the feed at *url* again.

    *quiet_since* is when it last brought something new; *wait* is what its server asked for: how long an
    answer stays fresh, or when to come back after a refusal.
    """
    if failures > 0:
        interval, longest = _backed_off(failures), LONGEST_WAIT
    else:
        interval, longest = _paced(now, quiet_since, changed), QUIET
    return now + max(interval * _spread(url), min(wait or timedelta(0), longest))


def _backed_off(failures: int) -> timedelta:
    return min(BUSY * (1 << min(failures - 1, _MOST_DOUBLINGS)), FAILING)


def _paced(now: datetime, quiet_since: datetime | None, changed: bool) -> timedelta:
    if changed or quiet_since is None:
        return BUSY
    return max(BUSY, min((now - quiet_since) / _SILENCE_PER_INTERVAL, QUIET))


def _spread(url: str) -> float:
    """Return a factor of 0.8 to 0.95, always the same for *url*, so that feeds do not fall due together.

    It only shortens: a feed due an hour and a minute after an hourly run would wait for the one after.
    """
    share = sha256(url.encode("utf-8", "replace")).digest()[0] / 255
    return 0.8 + 0.15 * share
