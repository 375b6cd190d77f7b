"""What a feed says and shows of its rhythm, and how that is stored."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest import schedule
from ingest.schedule import Pace

NOW = datetime(2024, 3, 1, 12, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALWAYS = DAY * 365 * 100
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

nows = st.integers(-(30 * 366), 200 * 365).map(lambda days: NOW + DAY * days)
moments = st.datetimes(timezones=st.just(UTC))
texts = st.text() | st.integers().map(str) | st.floats().map(str)


def every(gap: timedelta, count: int = 20, newest: datetime = NOW) -> list[datetime]:
    return [newest - n * gap for n in range(count)]


def test_the_rhythm_is_the_median_of_the_newest_gaps() -> None:
    assert schedule.rhythm([*every(2 * DAY), NOW - 999 * DAY], NOW) == 2 * DAY
    assert schedule.rhythm([NOW, NOW - DAY, NOW - 10 * DAY], NOW) == 5 * DAY


def test_the_order_of_the_entries_does_not_matter() -> None:
    assert schedule.rhythm(reversed(every(3 * DAY, 5)), NOW) == 3 * DAY


def test_older_entries_than_the_newest_twenty_do_not_matter() -> None:
    long_ago = every(HOUR, 500, newest=NOW - 400 * DAY)

    assert schedule.rhythm([*every(7 * DAY, 20), *long_ago], NOW) == 7 * DAY


def test_a_feed_that_was_given_up_has_the_rhythm_of_its_silence() -> None:
    assert schedule.rhythm(every(DAY, newest=NOW - 900 * DAY), NOW) == 900 * DAY


def test_a_pause_of_a_few_gaps_is_no_end() -> None:
    assert schedule.rhythm(every(DAY, newest=NOW - 9 * DAY), NOW) == DAY


@pytest.mark.parametrize(
    "dates",
    [
        [],
        [NOW, NOW - DAY],
        [None, None, None, NOW, NOW - DAY],
        [NOW, NOW - DAY, NOW + DAY, NOW + 9 * DAY],
        [NOW, NOW - DAY, datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)],
    ],
)
def test_there_is_no_rhythm_in_fewer_than_three_sane_dates(dates: Iterable[datetime | None]) -> None:
    assert schedule.rhythm(dates, NOW) is None


@settings(deadline=None)
@given(st.lists(st.none() | moments), nows)
def test_whatever_the_dates_the_rhythm_is_no_absurd_one(dates: list[datetime | None], now: datetime) -> None:
    found = schedule.rhythm(dates, now)

    assert found is None or timedelta(0) <= found <= 260 * 366 * DAY


# --- what a feed says of itself


def said(
    ttl: str | None = None,
    period: str | None = None,
    frequency: str | None = None,
    hours: Iterable[str] = (),
    days: Iterable[str] = (),
) -> Pace:
    return schedule.pace(ttl, period, frequency, hours, days)


@pytest.mark.parametrize(
    ("ttl", "means"),
    [
        ("60", HOUR),
        (" 90\n", 90 * MINUTE),
        ("1.5", 1.5 * MINUTE),
        ("9" * 30, ALWAYS),
        ("0", None),
        ("-60", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("an hour", None),
        ("", None),
        ("1" * 100_000, ALWAYS),
    ],
)
def test_a_ttl_is_a_number_of_minutes(ttl: str, means: timedelta | None) -> None:
    assert said(ttl=ttl).ttl == means


@pytest.mark.parametrize(
    ("period", "frequency", "means"),
    [
        ("hourly", "1", HOUR),
        (" Daily ", "2", 12 * HOUR),
        ("weekly", None, 7 * DAY),
        ("yearly", "365", DAY),
        (None, "24", HOUR),
        ("daily", "0", DAY),
        ("daily", "-3", DAY),
        ("daily", "0.001", DAY),
        ("daily", "often", DAY),
        ("daily", "1e300", timedelta(0)),
        ("now and then", "1", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_how_often_a_feed_is_updated(
    period: str | None, frequency: str | None, means: timedelta | None
) -> None:
    assert said(period=period, frequency=frequency).update == means


def test_hours_to_skip_are_those_of_a_day_and_24_is_midnight() -> None:
    hours = ["7", " 08 ", "24", "7", "25", "-1", "noon", "", "2.5", "²", "9" * 10_000]

    assert said(hours=hours).skip_hours == (0, 7, 8)


def test_days_to_skip_are_known_by_their_english_names() -> None:
    assert said(days=["SUNDAY", "Sat", " friday ", "Someday", ""]).skip_days == (
        "Friday",
        "Saturday",
        "Sunday",
    )


def test_a_feed_cannot_ask_to_be_skipped_always() -> None:
    assert said(hours=map(str, range(24)), days=DAYS) == Pace()


@settings(deadline=None)
@given(st.none() | texts, st.none() | texts, st.none() | texts, st.lists(texts), st.lists(texts))
@example("1e-320", "hourly", "1e-320", ["0" * 5000], ["\udcff"])
def test_a_feed_may_say_what_it_likes(
    ttl: str | None, period: str | None, frequency: str | None, hours: list[str], days: list[str]
) -> None:
    found = said(ttl, period, frequency, hours, days)

    assert all(span is None or timedelta(0) <= span <= ALWAYS for span in (found.ttl, found.update))
    assert schedule.unpack(json.loads(json.dumps(schedule.pack(found)))) == found


# --- storing it


def test_what_is_known_of_a_rhythm_can_be_stored() -> None:
    known = Pace(ttl=HOUR, update=DAY, skip_hours=(0, 5), skip_days=("Sunday",), gap=timedelta(days=3.3))

    assert schedule.unpack(json.loads(json.dumps(schedule.pack(known)))) == known


def test_nothing_known_takes_no_room() -> None:
    assert schedule.pack(Pace()) == {}
    assert schedule.unpack({}) == schedule.unpack(None) == Pace()


@pytest.mark.parametrize(
    "stored",
    [
        [],
        "ttl",
        {"ttl": "soon"},
        {"ttl": float("nan")},
        {"gap": 1e300},
        {"update": [1]},
        {"skip_hours": 5},
        {"skip_hours": ["x", None, 99, 1e9]},
        {"skip_days": {"a": 1}},
    ],
)
def test_something_else_in_its_place_says_nothing(stored: object) -> None:
    assert schedule.unpack(stored) == Pace()  # type: ignore[arg-type]
