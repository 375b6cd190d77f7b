"""When to ask a feed again, and why then, in one line for its page. Pure: the clock is an argument, and chance is
the feed's own address.

How often a feed posts, or how long it has been silent, sets the pace. What its server and the feed itself ask for
can only make it slower, each up to a limit, so that no feed is put to sleep by a number.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from heapq import nlargest
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import Any

from ingest import dates

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_AGES = 100 * _YEAR  # no answer depends on more

BUSY = _HOUR  # between questions to a feed of which nothing slower is known
FAILING = 2 * _DAY  # at most, to one that fails; it is never given up
# RFC 9111 lets a client ask even for what is still fresh; a server that names a time means it, as a rule. But feeds
# are also served with the year of a style sheet: NetNewsWire stopped listening (#4478), lemon24/reader stops at
# 31 days. We listen for as long as it takes the feed to post, from a day to a week.
FRESH = 7 * _DAY
HINTED = _DAY  # ttl and sy:update* are most often what the software's author filled in
LONGEST_WAIT = 7 * _DAY  # that a failing server may ask for
LONGEST_SKIP = 8 * _DAY  # an hour that is allowed once a week is never further off

# A feed that is silent for a day is asked hourly, for a week every 7 hours, from 24 days on daily; after years,
# once a day for each year. One that posts regularly is asked 16 times for each post: every 6 hours at 4 days.
_SILENCE_PER_QUESTION = 24
_SILENCE_PER_DAY = 365
_SLOWED = 1.5  # a gap of 4 days counts like a silence of 6
_SLOWEST = 7 * _DAY
_MOST_DOUBLINGS = 10  # far beyond FAILING, and no overflow after years of failures

_ENTRIES = 20  # the newest ones, which show how often a feed posts now
_FEWEST = 3
# If posts came at random, a silence of 10 median gaps would be one in a thousand: the rhythm is over.
_BROKEN_OFF = 10

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMED = {name.lower(): name for name in _DAYS} | {name[:3].lower(): name for name in _DAYS}
_HOURS = 24
_PERIODS = {"hourly": _HOUR, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 30 * _DAY, "yearly": _YEAR}
_UNITS = ((_YEAR, "year"), (_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"))
_LONGEST_NUMBER = 40
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a feed says and shows of its rhythm."""

    ttl: timedelta | None = None  # RSS <ttl>
    update: timedelta | None = None  # sy:updatePeriod / sy:updateFrequency
    skip_hours: tuple[int, ...] = ()  # RSS <skipHours>, 0-23 in GMT
    skip_days: tuple[str, ...] = ()  # RSS <skipDays>, "Monday" ... in GMT
    gap: timedelta | None = None  # between its newest entries, the median


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """When to ask again, and why then."""

    due: datetime
    why: str  # one line, without any address


def pace(
    ttl: str | None, period: str | None, frequency: str | None, hours: Iterable[str], days: Iterable[str]
) -> Pace:
    """Return what a feed's own words say of its rhythm; words that make no sense say nothing."""
    minutes = _number(ttl)
    return Pace(
        ttl=_times(_MINUTE, minutes) if minutes else None,
        update=_update(period, frequency),
        skip_hours=_skipped_hours(hours),
        skip_days=_skipped_days(days),
    )


def _number(text: str | None) -> float | None:
    """Return the positive number that *text* is."""
    try:
        number = float((text or "")[:_LONGEST_NUMBER])
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _times(unit: timedelta, number: float) -> timedelta:
    return unit * min(number, _AGES / unit)


def _update(period: str | None, frequency: str | None) -> timedelta | None:
    if not (period or frequency):
        return None
    # The module's own defaults: daily, once.
    lasts = _PERIODS.get((period or "daily").strip().lower())
    return lasts and _times(lasts, 1 / max(_number(frequency) or 1, 1))


def _skipped_hours(given: Iterable[str]) -> tuple[int, ...]:
    found = {number for text in given if (number := _hour(text)) is not None}
    return tuple(sorted(found)) if len(found) < _HOURS else ()


def _hour(text: str) -> int | None:
    """Return an hour of 0 to 23; RSS 0.91 counts from 1, and its 24 is our 0."""
    stripped = text.strip()[:_LONGEST_NUMBER]
    if not (stripped.isascii() and stripped.isdecimal()) or int(stripped) > _HOURS:
        return None
    return int(stripped) % _HOURS


def _skipped_days(given: Iterable[str]) -> tuple[str, ...]:
    found = {_NAMED.get(text.strip().lower()) for text in given}
    skipped = tuple(day for day in _DAYS if day in found)
    return skipped if len(skipped) < len(_DAYS) else ()


def rhythm(moments: Iterable[datetime | None], now: datetime) -> timedelta | None:
    """Return how long it takes from one entry to the next, judged by the newest; None where too few have a date.

    Dates before the web and in the future are left out. Where the newest entry is far older than its kind of
    rhythm explains, as in a feed that was given up years ago, its age is returned instead.
    """
    newest = nlargest(_ENTRIES, (moment for moment in moments if moment and _is_sane(moment, now)))
    if len(newest) < _FEWEST:
        return None
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    gap, silence = timedelta(seconds=median(gaps)), now - newest[0]
    return silence if silence > _BROKEN_OFF * gap else gap


def _is_sane(moment: datetime, now: datetime) -> bool:
    return moment.year >= dates.FIRST_YEAR and moment <= now


def after_answer(
    now: datetime,
    *,
    url: str,
    pace: Pace,
    changed: bool,
    quiet_since: datetime | None,
    fresh_for: timedelta | None,
) -> Decision:
    """Return when to ask the feed at *url* again after it answered.

    *quiet_since* is when it last brought something new; *fresh_for* is how long the answer stays good, as HTTP
    has it.
    """
    silence = now - quiet_since if quiet_since and not changed else None
    wait, why = max(
        (*_paced(pace, silence, changed, _spread(url)), *_asked_for(pace, fresh_for)), key=itemgetter(0)
    )
    due = _allowed(now + wait, pace)
    # Hours that are skipped are the last word, for they can only put it off.
    skipped = "; put off to a time that it does not ask to skip" if due > now + wait else ""
    return Decision(due=due, why=why + skipped)


def _paced(
    pace: Pace, silence: timedelta | None, changed: bool, spread: float
) -> Iterator[tuple[timedelta, str]]:
    """Yield how long to wait by the feed's own rhythm, each with the reason; of equals the first counts."""
    reasons = []
    if pace.gap is not None:
        reasons.append((_interval(min(pace.gap, _AGES) * _SLOWED), f"it posts {_often(pace.gap)}"))
    if silence is not None and silence >= _HOUR:
        reasons.append((_interval(silence), f"nothing new has come for {_span(silence)}"))
    if pace.update is not None:
        reasons.append((min(pace.update, HINTED), f"it says that it is updated {_often(pace.update)}"))
    news = "it has just brought something new" if changed else "nothing is known of its rhythm yet"
    reasons.append((BUSY, news))
    for interval, reason in reasons:
        if interval >= BUSY:
            yield interval * spread, f"about every {_each(interval)}: {reason}"


def _interval(silence: timedelta) -> timedelta:
    return max(BUSY, min(_DAY, silence / _SILENCE_PER_QUESTION), min(_SLOWEST, silence / _SILENCE_PER_DAY))


def _asked_for(pace: Pace, fresh_for: timedelta | None) -> Iterator[tuple[timedelta, str]]:
    """Yield what is asked of us to the second, which is therefore not spread."""
    if pace.ttl is not None:
        yield _obeyed(pace.ttl, HINTED, "it asks to be left alone for")
    if fresh_for is not None:
        longest = FRESH if pace.gap is None else min(max(pace.gap, _DAY), FRESH)
        yield _obeyed(fresh_for, longest, "its server says that the answer stays good for")


def _obeyed(asked: timedelta, longest: timedelta, words: str) -> tuple[timedelta, str]:
    wait = min(asked, longest)
    return wait, f"{'in' if wait == asked else 'already in'} {_span(wait)}: {words} {_span(asked)}"


def _allowed(due: datetime, pace: Pace) -> datetime:
    """Return *due*, or the beginning of the next hour that the feed does not ask to skip."""
    moment = due.astimezone(UTC)
    while moment.hour in pace.skip_hours or _DAYS[moment.weekday()] in pace.skip_days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
        if moment - due > LONGEST_SKIP:  # nothing is allowed
            return due
    return moment


def after_failure(
    now: datetime, *, url: str, failures: int, wait: timedelta | None = None, why: str = ""
) -> Decision:
    """Return when to ask the feed at *url* again after so many failures in a row, the last one for *why*.

    *wait* is what its server asked for.
    """
    backed_off = min(BUSY * (1 << max(0, min(failures - 1, _MOST_DOUBLINGS))), FAILING)
    times = f"it has failed {failures} times in a row" if failures > 1 else "it has failed once"
    waits = [(backed_off * _spread(url), f"in about {_span(backed_off)}: {times}")]
    if wait is not None:
        waits.append(_obeyed(wait, LONGEST_WAIT, "its server asked us to wait for"))
    longest, reason = max(waits, key=itemgetter(0))
    return Decision(due=now + longest, why=reason + _last(why))


def _last(why: str) -> str:
    """Return the last reason in brackets; one that names an address is not shown."""
    said = " ".join(why.split())[:_LONGEST_REASON]
    return f" ({said})" if said and "://" not in said else ""


def _spread(url: str) -> float:
    """Return a factor of 0.8 to 0.95, always the same for *url*, so that feeds do not fall due together.

    It only shortens: a feed due an hour and a minute after an hourly run would wait for the one after.
    """
    share = sha256(url.encode("utf-8", "replace")).digest()[0] / 255
    return 0.8 + 0.15 * share


def _span(time: timedelta) -> str:
    """Return a length of time in words, in the largest unit of which it has two or very nearly one."""
    for unit, name in _UNITS:
        if time >= 1.95 * unit:
            return f"{round(time / unit)} {name}s"
        if 0.97 * unit <= time <= 1.03 * unit:
            return f"1 {name}"
    return "less than 2 minutes"


def _each(time: timedelta) -> str:
    return _span(time).removeprefix("1 ")


def _often(time: timedelta) -> str:
    return f"about every {_each(time)}" if time >= BUSY else "more than once an hour"


def pack(pace: Pace) -> dict[str, Any]:
    """Return what is known, ready for JSON."""
    spans = {"ttl": pace.ttl, "update": pace.update, "gap": pace.gap}
    skips = {"skip_hours": list(pace.skip_hours), "skip_days": list(pace.skip_days)}
    seconds = {name: span.total_seconds() for name, span in spans.items() if span is not None}
    return {**seconds, **{name: skipped for name, skipped in skips.items() if skipped}}


def unpack(stored: Mapping[str, Any] | None) -> Pace:
    """Return what `pack` packed; nothing is known where something else is stored."""
    try:
        known = stored or {}
        return Pace(
            ttl=_seconds(known.get("ttl")),
            update=_seconds(known.get("update")),
            skip_hours=_skipped_hours(map(str, known.get("skip_hours", ()))),
            skip_days=_skipped_days(map(str, known.get("skip_days", ()))),
            gap=_seconds(known.get("gap")),
        )
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return Pace()


def _seconds(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(seconds=number)
