"""What a command costs as a whole process, with everything it started. Linux only.

The command runs below a process of its own (this file as a script), to which the kernel hands whatever the command
leaves behind: else the processes of a fork server, which nobody waits for, would cost nothing.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_EVERY = 0.1  # seconds between two looks at memory
_LONGEST = 3_600  # seconds
_ENDS_WITHIN = 10  # seconds, whatever outlives the command
_BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    memory: float  # MiB: the most that all its processes held together, shared pages counted once


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> tuple[Cost, str]:
    """Run a command; return what it cost and what it printed."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told:
        above = [sys.executable, __file__, told.name, *command]
        done = subprocess.run(
            above, env=environ, stdout=subprocess.PIPE, text=True, errors="replace", check=True
        )
        return Cost(**json.load(told)), done.stdout


def main(told: Path, command: Sequence[str]) -> int:
    """Run a command, write its cost to a file, return its exit status."""
    ctypes.CDLL(None).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)
    most = [0.0]
    began = time.perf_counter()
    process = subprocess.Popen(command)
    threading.Thread(target=_watch, args=(process.pid, most), daemon=True).start()
    status = process.wait(_LONGEST)
    wall = time.perf_counter() - began
    _outlive()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = Cost(wall=round(wall, 2), cpu=round(used.ru_utime + used.ru_stime, 2), memory=round(most[0], 1))
    told.write_text(json.dumps(asdict(cost)), "utf-8")
    return status


def _outlive() -> None:
    """Wait for what the command left behind."""
    until = time.monotonic() + _ENDS_WITHIN
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0) or time.monotonic() < until:
            time.sleep(0.01)
    for child in _family(os.getpid()):
        if child != os.getpid():
            os.kill(child, signal.SIGKILL)


def _watch(pid: int, most: list[float]) -> None:
    while True:
        most[0] = max(most[0], sum(_held(one) for one in _family(pid)) / 1024)
        time.sleep(_EVERY)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in _threads(pid):
        for child in _read(thread / "children").split():
            yield from _family(int(child))


def _threads(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has just ended
        return []


def _held(pid: int) -> int:
    """Return the proportional set size of a process in KiB."""
    lines = (line.split() for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines())
    return next((int(line[1]) for line in lines if line[0] == "Pss:"), 0)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:  # it has just ended
        return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
