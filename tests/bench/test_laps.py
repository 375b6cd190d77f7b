import pytest

from bench import laps
from bench.laps import Laps


def test_what_is_timed_returns_its_result() -> None:
    times = Laps()

    assert times.time(lambda: "tea") == "tea"
    assert len(times.walls) == len(times.cpus) == 1


def test_what_fails_does_not_count() -> None:
    times = Laps()

    with pytest.raises(KeyError):
        times.time(lambda: {}["tea"])

    assert times.walls == []


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_share_of_the_work_is_done_within_its_time(share: float, expected: float) -> None:
    assert laps.at(share, list(range(100, 0, -1))) == expected


def test_figures_are_in_milliseconds_and_none_where_there_are_no_times() -> None:
    assert laps.milliseconds("first ", [0.002, 0.004], "p50", "worst") == {
        "first p50 ms": 2,
        "first worst ms": 4,
    }
    assert laps.milliseconds("", [], "p50") == {}
