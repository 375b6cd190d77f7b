"""The command `guidepost`, run as its users do: as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("guidepost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Guidepost:
    """Runs `guidepost ...` as its users do: as a process."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GUIDEPOST_")},
            "GUIDEPOST_HOME": str(home),
            "GUIDEPOST_ALLOW": "127.0.0.0/8",
            "GUIDEPOST_CONNECT_SECONDS": "2",
            "GUIDEPOST_GAP_SECONDS": "0",
        }

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *arguments],
            env={**self.environ, **more.pop("environ", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def __call__(self, *arguments: str, stdin: str | None = None, **environ: str) -> Done:
        with self.start(*arguments, environ=environ, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(stdin, timeout=120)
        return Done(status=process.returncode, out=out, err=err)
