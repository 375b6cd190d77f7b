from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import freshness

NOON = "Fri, 01 Mar 2024 12:00:00 GMT"
TEN_PAST = "Fri, 01 Mar 2024 12:10:00 GMT"
STALE = timedelta(0)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("control", "lifetime"),
    [
        ("max-age=60", MINUTE),
        ('Max-Age = "60", private', MINUTE),
        (" , ,public ,max-age=60,,", MINUTE),
        ("max-age=60, max-age=900", MINUTE),
        ('private="set-cookie, max-age=5", max-age=60', MINUTE),
        ('extension="no-store", max-age=60', MINUTE),
        ("s-maxage=900, max-age=60", MINUTE),
        ("max-age=60, no-cache", STALE),
        ('no-cache="Set-Cookie", max-age=60', STALE),
        ("NO-STORE, max-age=60", STALE),
        ("max-age=0", STALE),
        ("max-age=-1", STALE),
        ("max-age=soon", STALE),
        ("max-age", STALE),
        ("max-age=1.5", STALE),
        ("max-age=٣٠", STALE),
        ("max-age=" + "9" * 5000, freshness.LONGEST),
        ("s-maxage=900", None),
        ("xmax-age=60", None),
        ('"max-age=60', None),
        ("must-revalidate", None),
        ("", None),
    ],
)
def test_how_long_an_answer_is_fresh_by_its_cache_control(control: str, lifetime: timedelta | None) -> None:
    assert freshness.lifetime({"Cache-Control": control}) == lifetime


@pytest.mark.parametrize(
    ("expires", "lifetime"),
    [
        (TEN_PAST, timedelta(minutes=10)),
        ("Friday, 01-Mar-24 12:10:00 GMT", timedelta(minutes=10)),
        ("Fri Mar  1 12:10:00 2024", timedelta(minutes=10)),
        ("Thu, 29 Feb 2024 12:00:00 GMT", STALE),
        (NOON, STALE),
        ("0", STALE),
        ("-1", STALE),
        ("", STALE),
        ("Fri, 01 Mar 9999 12:00:00 GMT", freshness.LONGEST),
    ],
)
def test_how_long_an_answer_is_fresh_by_its_dates(expires: str, lifetime: timedelta) -> None:
    assert freshness.lifetime({"Expires": expires, "Date": NOON}) == lifetime


def test_without_the_servers_own_clock_a_date_says_nothing() -> None:
    assert freshness.lifetime({"Expires": TEN_PAST}) is None


@pytest.mark.parametrize("control", ["max-age=60", "max-age=oops", "no-cache"])
def test_cache_control_counts_before_expires(control: str) -> None:
    headers = {"Cache-Control": control, "Expires": TEN_PAST, "Date": NOON}

    assert freshness.lifetime(headers) == freshness.lifetime({"Cache-Control": control})


def test_nothing_is_guessed_from_the_last_change() -> None:
    assert freshness.lifetime({"Last-Modified": "Fri, 01 Mar 2019 12:00:00 GMT", "Date": NOON}) is None


@pytest.mark.parametrize(
    ("age", "left"),
    [("15", 45), ("15, 20", 45), ("90", 0), ("9" * 5000, 0), ("-5", 60), ("old", 60), ("", 60)],
)
def test_the_time_an_answer_lay_in_a_cache_is_taken_off(age: str, left: int) -> None:
    assert freshness.lifetime({"Cache-Control": "max-age=60", "Age": age}) == timedelta(seconds=left)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 0120 ", 120), ("0", 0), (TEN_PAST, 600), ("Fri, 01 Mar 2024 11:00:00 -0000", 0)],
)
def test_how_long_a_refusal_asks_us_to_wait(value: str, seconds: int) -> None:
    assert freshness.retry_after({"Retry-After": value, "Date": NOON}) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", "", "Fri, 99 Mar 99999 12:05:00 GMT", TEN_PAST])
def test_a_refusal_need_not_say_how_long(value: str) -> None:
    assert freshness.retry_after({"Retry-After": value}) is None


def test_no_wait_is_too_long_to_be_told() -> None:
    wait = freshness.retry_after({"Retry-After": "9" * 5000})

    assert wait is not None
    assert wait > timedelta(days=365)


NAMES = st.sampled_from(["Cache-Control", "Expires", "Date", "Age", "Retry-After"])
VALUES = st.text() | st.text('0123456789 ,="\\:-+GMTFriMar') | st.sampled_from([NOON, TEN_PAST])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault
@given(st.dictionaries(NAMES, VALUES))
def test_no_header_is_too_odd(headers: dict[str, str]) -> None:
    lifetime = freshness.lifetime(headers)

    assert lifetime is None or STALE <= lifetime <= freshness.LONGEST
    freshness.retry_after(headers)
