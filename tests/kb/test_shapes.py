from datetime import UTC, datetime, timedelta, timezone

import pytest

from kb import shapes


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (None, None),
        (datetime(2010, 4, 1, tzinfo=UTC), "2010-04-01"),
        (datetime(2009, 9, 21, 18, 25, 4, tzinfo=UTC), "2009-09-21T18:25:04+00:00"),
        (datetime(2009, 9, 21, 18, tzinfo=timezone(timedelta(hours=2))), "2009-09-21T16:00:00+00:00"),
    ],
)
def test_a_day_is_not_given_a_time_it_never_had(when: datetime | None, said: str | None) -> None:
    assert shapes.moment(when) == said
