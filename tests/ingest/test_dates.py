from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.dates import judged, moment, plausible

# A loaded machine is no fault.
NOW = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2010-04-01", datetime(2010, 4, 1, tzinfo=UTC)),
        ("2010/04/01", datetime(2010, 4, 1, tzinfo=UTC)),
        ("2012-05-09 12:37:00+02:00", datetime(2012, 5, 9, 10, 37, tzinfo=UTC)),
        ("'2015-11-01T22:12:03Z'", datetime(2015, 11, 1, 22, 12, 3, tzinfo=UTC)),
        ("Mon, 21 Sep 2009 18:25:04 +0000", datetime(2009, 9, 21, 18, 25, 4, tzinfo=UTC)),
        ("October 6 2015", datetime(2015, 10, 6, tzinfo=UTC)),
        ("Posted Sept. 3rd, 2011 at 4:05 pm", datetime(2011, 9, 3, 16, 5, tzinfo=UTC)),
        ("June 3, 2011 12:05 a.m.", datetime(2011, 6, 3, 0, 5, tzinfo=UTC)),
        ("the 2nd of May 2007", datetime(2007, 5, 2, tzinfo=UTC)),
        ("21-Sep-2009", datetime(2009, 9, 21, tzinfo=UTC)),
        ("9/21/2009", datetime(2009, 9, 21, tzinfo=UTC)),
        ("21/9/2009", datetime(2009, 9, 21, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_they_are_written(written: str, found: datetime) -> None:
    assert moment(written) == found


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "soon",
        "3/4/2010",
        "2010-13-01",
        "February 30, 2010",
        "1970-01-01",
        "Marvin 3 2010",
        "9999-12-31T23:00-20:00",
    ],
)
def test_what_names_no_day_for_sure_is_none(written: str | None) -> None:
    assert moment(written) is None


def test_a_time_without_zone_is_taken_for_utc() -> None:
    assert plausible(datetime(2010, 4, 1, 12)) == datetime(2010, 4, 1, 12, tzinfo=UTC)  # noqa: DTZ001  (its very point)


def test_a_date_is_kept_where_it_can_be_true() -> None:
    tomorrow = NOW + timedelta(days=1)  # somebody's clock or time zone

    assert judged(NOW, NOW) == (NOW, None)
    assert judged(tomorrow, NOW) == (tomorrow, None)


def test_a_date_in_the_future_is_none_and_said() -> None:
    assert judged(datetime(2099, 1, 2, tzinfo=UTC), NOW) == (None, "its date lies in the future: 2099-01-02")


def test_a_missing_date_is_said() -> None:
    assert judged(None, NOW) == (None, "its source gives no date that can be read")


@UNTIMED
@given(
    st.text() | st.datetimes().map(str) | st.from_regex(r"\d{1,4}[-/ ]\d{1,3}[-/ ]\d{1,5} \d{1,3}:\d\d [ap]m")
)
def test_no_text_breaks_it(written: str) -> None:
    found = moment(written)

    assert found is None or found.utcoffset() == timedelta(0)
