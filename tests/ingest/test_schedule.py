"""When a feed is asked again, and what its page says of that."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest import schedule
from ingest.schedule import Decision, Pace

NOW = datetime(2024, 3, 1, 12, 7, tzinfo=UTC)  # a Friday
URL = "https://example.org/feed"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

spans = st.timedeltas()
nows = st.integers(-(30 * 366), 200 * 365).map(lambda days: NOW + DAY * days)
moments = st.datetimes(timezones=st.just(UTC))
paces = st.builds(
    Pace,
    ttl=st.none() | spans,
    update=st.none() | spans,
    skip_hours=st.lists(st.integers(-5, 30)).map(tuple),
    skip_days=st.lists(st.sampled_from((*DAYS, "Caturday"))).map(tuple),
    gap=st.none() | spans,
)


def answered(**known: object) -> Decision:
    """Return what is decided after an answer of which only *known* is known."""
    nothing = {"url": URL, "pace": Pace(), "changed": False, "quiet_since": None, "fresh_for": None}
    return schedule.after_answer(NOW, **{**nothing, **known})  # type: ignore[arg-type]


def wait(**known: object) -> timedelta:
    return answered(**known).due - NOW


def failed(failures: int = 1, **known: object) -> Decision:
    return schedule.after_failure(NOW, url=URL, failures=failures, **known)  # type: ignore[arg-type]


def is_about(found: timedelta, nominal: timedelta) -> bool:
    """Say whether *found* is *nominal*, shortened as every wait is that nobody asked for to the second."""
    return 0.8 * nominal <= found < nominal


# --- after an answer


def test_a_feed_of_which_nothing_is_known_is_asked_hourly() -> None:
    assert is_about(wait(), HOUR)
    assert answered().why == "about every hour: nothing is known of its rhythm yet"


def test_a_feed_that_just_woke_is_due_by_the_next_hourly_run() -> None:
    found = answered(changed=True, quiet_since=NOW - 300 * DAY)

    assert is_about(found.due - NOW, HOUR)
    assert found.why == "about every hour: it has just brought something new"


@pytest.mark.parametrize(
    ("gap", "interval"),
    [(timedelta(0), HOUR), (HOUR, HOUR), (4 * DAY, 6 * HOUR), (16 * DAY, DAY), (60 * DAY, DAY)],
)
def test_a_feed_is_asked_as_often_as_it_posts(gap: timedelta, interval: timedelta) -> None:
    assert is_about(wait(pace=Pace(gap=gap), changed=True), interval)


def test_the_line_for_the_page_tells_the_rhythm() -> None:
    assert answered(pace=Pace(gap=4 * DAY)).why == "about every 6 hours: it posts about every 4 days"
    assert answered(pace=Pace(gap=MINUTE)).why == "about every hour: it posts more than once an hour"


@pytest.mark.parametrize(
    ("silent", "hours"), [(0, 1), (1, 1), (2, 2), (7, 7), (24, 24), (365, 24), (730, 48), (9999, 168)]
)
def test_the_longer_a_feed_is_silent_the_rarer_it_is_asked(silent: int, hours: int) -> None:
    assert is_about(wait(quiet_since=NOW - silent * DAY), hours * HOUR)


def test_silence_counts_once_it_is_longer_than_the_rhythm_explains() -> None:
    pace = Pace(gap=4 * DAY)

    assert "it posts" in answered(pace=pace, quiet_since=NOW - 5 * DAY).why
    assert answered(pace=pace, quiet_since=NOW - 48 * DAY).why == (
        "about every day: nothing new has come for 48 days"
    )


def test_a_clock_that_went_back_does_no_harm() -> None:
    assert is_about(wait(quiet_since=NOW + 10 * DAY), HOUR)


def test_a_server_is_not_asked_while_its_answer_is_fresh() -> None:
    found = answered(changed=True, fresh_for=5 * HOUR)

    assert found.due == NOW + 5 * HOUR
    assert found.why == "in 5 hours: its server says that the answer stays good for 5 hours"


@pytest.mark.parametrize(("gap", "days"), [(None, 7), (HOUR, 1), (3 * DAY, 3), (90 * DAY, 7)])
def test_freshness_for_a_year_does_not_put_a_feed_to_sleep(gap: timedelta | None, days: int) -> None:
    found = answered(pace=Pace(gap=gap), changed=True, fresh_for=365 * DAY)

    assert found.due == NOW + days * DAY
    assert found.why.startswith("already in")
    assert found.why.endswith("good for 1 year")


def test_a_short_freshness_changes_nothing() -> None:
    assert answered(fresh_for=MINUTE) == answered()


def test_a_feed_is_left_alone_for_its_ttl() -> None:
    found = answered(pace=Pace(ttl=3 * HOUR))

    assert found.due == NOW + 3 * HOUR
    assert found.why == "in 3 hours: it asks to be left alone for 3 hours"


def test_a_ttl_of_months_is_taken_for_a_day() -> None:
    found = answered(pace=Pace(ttl=90 * DAY))

    assert found.due == NOW + DAY
    assert found.why == "already in 1 day: it asks to be left alone for 90 days"


@pytest.mark.parametrize(("update", "hours"), [(MINUTE, 1), (HOUR, 1), (12 * HOUR, 12), (7 * DAY, 24)])
def test_a_feed_that_says_how_often_it_is_updated_is_believed_up_to_a_day(
    update: timedelta, hours: int
) -> None:
    assert is_about(wait(pace=Pace(update=update), changed=True), hours * HOUR)


def test_the_line_for_the_page_tells_what_the_feed_says_of_itself() -> None:
    assert answered(pace=Pace(update=7 * DAY)).why == (
        "about every day: it says that it is updated about every 7 days"
    )


@pytest.mark.parametrize(
    ("skipped", "due"),
    [
        (Pace(skip_hours=(3,)), None),
        (Pace(skip_hours=(12, 13, 14)), datetime(2024, 3, 1, 15, tzinfo=UTC)),
        (Pace(skip_hours=(12, 13, 23, 0)), datetime(2024, 3, 1, 14, tzinfo=UTC)),
        (Pace(skip_days=("Friday", "Saturday", "Sunday")), datetime(2024, 3, 4, tzinfo=UTC)),
        (Pace(skip_days=("Friday",), skip_hours=(0, 1)), datetime(2024, 3, 2, 2, tzinfo=UTC)),
        (Pace(skip_days=DAYS), None),
        (Pace(skip_hours=tuple(range(24))), None),
    ],
)
def test_hours_and_days_are_skipped_as_the_feed_asks(skipped: Pace, due: datetime | None) -> None:
    found = answered(pace=skipped)

    assert found.due == (due or answered().due)
    assert ("put off to a time that it does not ask to skip" in found.why) == (due is not None)


def test_skipped_hours_are_those_of_greenwich() -> None:
    there = NOW.astimezone(datetime.fromisoformat("2024-01-01T00:00+09:00").tzinfo)
    pace = Pace(skip_hours=(12, 13))

    found = schedule.after_answer(there, url=URL, pace=pace, changed=True, quiet_since=None, fresh_for=None)

    assert found.due == datetime(2024, 3, 1, 14, tzinfo=UTC)


# --- after a failure


@pytest.mark.parametrize(
    ("failures", "hours"), [(0, 1), (1, 1), (2, 2), (3, 4), (5, 16), (6, 32), (7, 48), (10**9, 48)]
)
def test_failures_are_backed_off_from_but_never_given_up(failures: int, hours: int) -> None:
    assert is_about(failed(failures).due - NOW, hours * HOUR)


def test_the_line_for_the_page_tells_of_failures() -> None:
    assert failed(3, why="the server fell silent").why == (
        "in about 4 hours: it has failed 3 times in a row (the server fell silent)"
    )
    assert failed(1).why == "in about 1 hour: it has failed once"


def test_a_failing_server_says_when_to_come_back() -> None:
    found = failed(wait=3 * DAY, why="the server answered 429 Too Many Requests")

    assert found.due == NOW + 3 * DAY
    assert found.why == (
        "in 3 days: its server asked us to wait for 3 days (the server answered 429 Too Many Requests)"
    )


def test_a_failing_server_cannot_send_us_away_for_ever() -> None:
    found = failed(wait=10_000 * DAY)

    assert found.due == NOW + 7 * DAY
    assert found.why == "already in 7 days: its server asked us to wait for 27 years"


def test_a_server_that_asks_for_less_than_we_wait_anyway_changes_nothing() -> None:
    assert failed(4, wait=MINUTE) == failed(4)


def test_no_address_gets_into_the_line_for_the_page() -> None:
    assert failed(why="its feed is at https://example.org/?key=secret") == failed()


# --- spreading


def test_feeds_spread_out_but_each_keeps_its_place() -> None:
    dues = [wait(url=f"https://example.org/{n}") for n in range(50)]

    assert len(set(dues)) > 25
    assert dues[0] == wait(url="https://example.org/0")


def test_an_address_that_cannot_be_encoded_has_its_place_too() -> None:
    assert is_about(wait(url="https://example.org/\udce9"), HOUR)


# --- whatever is known

UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def is_true(why: str, found: timedelta) -> bool:
    """Say whether the time in the line for the page is the one that was found."""
    told = re.match(r"(?:about every|in about|in|already in) (?:(\d+) )?(minute|hour|day)s?: \S", why)
    assert told, why
    nominal = int(told[1] or 1) * UNITS[told[2]]
    return 0.65 * nominal <= found <= 1.25 * nominal


@settings(deadline=None)
@given(nows, st.text(), paces, st.booleans(), st.none() | moments, st.none() | spans)
def test_whatever_is_known_a_feed_is_asked_again_in_time_and_the_page_says_why(
    now: datetime,
    url: str,
    pace: Pace,
    changed: bool,
    quiet_since: datetime | None,
    fresh_for: timedelta | None,
) -> None:
    found = schedule.after_answer(
        now, url=url, pace=pace, changed=changed, quiet_since=quiet_since, fresh_for=fresh_for
    )

    assert 48 * MINUTE <= found.due - now <= 7 * DAY + schedule.LONGEST_SKIP
    assert len(found.why.splitlines()) == 1
    assert "put off" in found.why or is_true(found.why, found.due - now)


@settings(deadline=None)
@given(nows, st.text(), st.integers(), st.none() | spans, st.text())
@example(NOW, URL, 3, None, "two\u2028lines\x1cor three")
def test_whatever_fails_a_feed_is_asked_again_in_time_and_the_page_says_why(
    now: datetime, url: str, failures: int, wait: timedelta | None, why: str
) -> None:
    found = schedule.after_failure(now, url=url, failures=failures, wait=wait, why=why)

    assert 48 * MINUTE <= found.due - now <= 7 * DAY
    assert len(found.why.splitlines()) == 1
    assert is_true(found.why, found.due - now)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.none() | spans)
def test_more_failures_never_mean_less_patience(one: int, another: int, wait: timedelta | None) -> None:
    fewer, more = sorted((one, another))

    assert failed(fewer, wait=wait).due <= failed(more, wait=wait).due


@settings(deadline=None)
@given(spans, spans)
def test_a_longer_silence_never_means_more_questions(one: timedelta, another: timedelta) -> None:
    shorter, longer = (Pace(gap=gap) for gap in sorted((one, another)))

    assert answered(pace=shorter).due <= answered(pace=longer).due
