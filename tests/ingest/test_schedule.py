from datetime import UTC, datetime, timedelta

import pytest

from ingest import schedule

NOW = datetime(2024, 3, 1, 12, 7, tzinfo=UTC)
URL = "https://example.org/feed"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def after(**known: object) -> timedelta:
    """Return how long a feed is left alone."""
    return schedule.next_due(NOW, **{"url": URL, "changed": False, **known}) - NOW  # type: ignore[arg-type]


def test_a_feed_that_changed_is_due_by_the_next_hourly_run() -> None:
    assert 0.8 * HOUR <= after(changed=True, quiet_since=NOW - 300 * DAY) < HOUR


def test_a_feed_of_which_nothing_is_known_is_asked_hourly() -> None:
    assert after() < HOUR


@pytest.mark.parametrize(("silent", "hours"), [(0, 1), (1, 1), (2, 2), (7, 7), (24, 24), (1000, 24)])
def test_the_longer_a_feed_is_silent_the_rarer_it_is_asked(silent: int, hours: int) -> None:
    wait = after(quiet_since=NOW - silent * DAY)

    assert hours * 0.8 * HOUR <= wait < hours * HOUR


@pytest.mark.parametrize(
    ("failures", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 32), (7, 48), (10**9, 48)]
)
def test_failures_are_backed_off_from_but_never_given_up(failures: int, hours: int) -> None:
    assert hours * 0.8 * HOUR <= after(failures=failures) < hours * HOUR


def test_a_server_is_not_asked_while_its_answer_is_fresh() -> None:
    assert after(changed=True, wait=5 * HOUR) == 5 * HOUR


def test_freshness_for_a_year_does_not_put_a_feed_to_sleep() -> None:
    assert after(changed=True, wait=365 * DAY) == DAY


def test_a_short_freshness_changes_nothing() -> None:
    assert after(wait=timedelta(seconds=60)) == after()


def test_a_failing_server_says_when_to_come_back() -> None:
    assert after(failures=1, wait=3 * DAY) == 3 * DAY


def test_a_failing_server_cannot_send_us_away_for_ever() -> None:
    assert after(failures=1, wait=timedelta(days=10_000)) == 7 * DAY


def test_feeds_spread_out_but_each_keeps_its_place() -> None:
    dues = [schedule.next_due(NOW, url=f"https://example.org/{n}", changed=True) for n in range(50)]

    assert len(set(dues)) > 25
    assert dues[0] == schedule.next_due(NOW, url="https://example.org/0", changed=True)


def test_a_clock_that_went_back_does_no_harm() -> None:
    assert timedelta(0) < after(quiet_since=NOW + 10 * DAY) < HOUR


def test_an_address_that_cannot_be_encoded_has_its_place_too() -> None:
    assert after(url="https://example.org/\udce9") < HOUR
