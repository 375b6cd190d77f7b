"""Dates as people and programs write them. A date that can be read in two ways is no date."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_YEAR = 1990  # nothing was blogged before; earlier years are the zero of some clock
_LAST_YEAR = 2200
# Of clocks and time zones that are wrong; what is dated further ahead is announced or mistaken, not published.
_AHEAD = timedelta(days=2)
_LONGEST = 80
MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_MONTHS = {name[:3]: n for n, name in enumerate(MONTH.split("|"), 1)}
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})\b"
_CLOCK = (
    r"(?:\D{1,8}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    r"(?:\s?(?P<half>[ap])\.?m\b)?)?"
)
_MAIL = re.compile(r"(?:[a-z]{3},? )?\d{1,2} [a-z]{3} \d{4} \d{1,2}:\d{2}", re.IGNORECASE)
_WRITTEN = tuple(
    re.compile(rf"\b{pattern}{_CLOCK}", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\b",
        rf"(?P<name>{MONTH})\.? {_DAY},? {_YEAR}",
        rf"{_DAY}[ -](?:of )?(?P<name>{MONTH})\.?,?[ -]{_YEAR}",
        # With slashes only a day above 12 tells which number is the month.
        rf"(?P<month>0?[1-9]|1[0-2])/(?P<day>1[3-9]|2\d|3[01])/{_YEAR}",
        rf"(?P<day>1[3-9]|2\d|3[01])/(?P<month>0?[1-9]|1[0-2])/{_YEAR}",
    )
)


def moment(written: str | None) -> datetime | None:
    """Return the moment that *written* names, in UTC; None where it names none for sure."""
    text = " ".join((written or "")[: _LONGEST * 2].split()).strip("'\" ")[:_LONGEST]
    for read in (datetime.fromisoformat, _from_mail, _from_words):
        try:
            return plausible(read(text))
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def plausible(when: datetime) -> datetime | None:
    """Return *when* in UTC, a time without zone being taken for UTC; None outside the years of the web."""
    if not FIRST_YEAR <= when.year <= _LAST_YEAR:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def judged(published: datetime | None, now: datetime) -> tuple[datetime | None, str | None]:
    """Return the date to keep of a post that is said to be *published* then, and what to say where there is none."""
    if published is None:
        return None, "its source gives no date that can be read"
    if published > now + _AHEAD:
        return None, f"its date lies in the future: {published:%Y-%m-%d}"
    return published, None


def _from_mail(text: str) -> datetime:
    if not _MAIL.match(text):
        raise ValueError(text)
    return parsedate_to_datetime(text)


def _from_words(text: str) -> datetime:
    for pattern in _WRITTEN:
        if found := pattern.search(text):
            return _built(found.groupdict())
    raise ValueError(text)


def _built(part: dict[str, str | None]) -> datetime:
    name = part.get("name")
    month = _MONTHS[name[:3].lower()] if name else int(part["month"] or 0)
    day = datetime(int(part["year"] or 0), month, int(part["day"] or 0), tzinfo=UTC)
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = hour % 12 + (12 if part["half"] in "pP" else 0)
    return day + timedelta(hours=hour, minutes=int(part["minute"] or 0), seconds=int(part["second"] or 0))
