import os
import time
from collections.abc import Iterator

import pytest
from labour import die, double, hog, raise_what_cannot_travel, refuse

from ingest.workers import Ended, Here, Processes
from kb.errors import NotAFeed


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes(2, seconds=2, memory=1 << 30) as made:
        yield made


def test_work_is_done_in_other_processes(processes: Processes) -> None:
    assert [processes.submit(double, number).result() for number in range(5)] == [0, 2, 4, 6, 8]
    assert processes.submit(os.getpid).result() != os.getpid()


def test_an_error_comes_back_as_it_was_raised(processes: Processes) -> None:
    with pytest.raises(NotAFeed) as caught:
        processes.submit(refuse, "https://a.example/").result()

    assert (caught.value.url, caught.value.reason) == ("https://a.example/", "it is none")


def test_an_error_that_cannot_travel_is_told(processes: Processes) -> None:
    with pytest.raises(RuntimeError, match="here only"):
        processes.submit(raise_what_cannot_travel).result()


def test_work_that_takes_too_long_is_ended_and_alone(processes: Processes) -> None:
    slow, quick = processes.submit(time.sleep, 60), processes.submit(double, 2)

    assert quick.result() == 4
    with pytest.raises(Ended, match="longer than 2 seconds"):
        slow.result()
    assert processes.submit(double, 4).result() == 8


def test_a_process_that_dies_takes_only_its_own_work_along(processes: Processes) -> None:
    with pytest.raises(Ended, match="sudden end"):
        processes.submit(die).result()

    assert [processes.submit(double, number).result() for number in range(3)] == [0, 2, 4]


def test_work_that_wants_too_much_memory_fails(processes: Processes) -> None:
    with pytest.raises(MemoryError):
        processes.submit(hog).result()


def test_work_can_be_done_here_too() -> None:
    assert Here().submit(double, 2).result() == 4
    with pytest.raises(NotAFeed):
        Here().submit(refuse, "https://a.example/").result()
