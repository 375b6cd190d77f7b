"""Times of like pieces of work, and what is said of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_Result = TypeVar("_Result")
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "worst": 1.0}


@dataclass(frozen=True, slots=True)
class Laps:
    """Seconds of each piece of work, by the clock and of the processor (of all threads of this process)."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)

    def time(self, work: Callable[[], _Result]) -> _Result:
        """Return what *work* returns; it counts only if it does."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.walls.append(time.perf_counter() - wall)
        self.cpus.append(time.process_time() - cpu)
        return result


def at(share: float, times: Sequence[float]) -> float:
    """Return the time within which that share of the work was done."""
    ranked = sorted(times)
    return ranked[max(0, round(share * len(ranked)) - 1)]


def milliseconds(name: str, times: Sequence[float], *chosen: str) -> Mapping[str, float]:
    """Return figures of some times, such as "first p95 ms"; none where there are no times."""
    return {f"{name}{one} ms": 1000 * at(SHARES[one], times) for one in chosen if times}
