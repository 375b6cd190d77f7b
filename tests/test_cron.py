"""The crontab line of docs/cron.md, run by a real cron daemon. It takes up to a minute, cron's finest grain."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from loopback import Reply, Site, Visitor

from guidepost.config import Settings

CRON = shutil.which("cron", path="/usr/sbin:/usr/bin")
TABLES = Path("/etc/cron.d")
DOCS = Path(__file__).parents[1] / "docs" / "cron.md"
BIN = Path(sys.executable).parent
PATIENCE = 150  # seconds; cron starts within 60, the rest is for slow machines
FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The night desk</title><link>http://desk.example/</link>
<item><title>After the lights went out</title><guid>desk-1</guid><pubDate>Fri, 01 Mar 2024 22:00:00 GMT</pubDate>
<description>&lt;p&gt;Two trains stood still and the hall filled up.&lt;/p&gt;&lt;p&gt;Always tell waiting passengers
when you will speak to them next, even if you have nothing new to say.&lt;/p&gt;</description></item>
</channel></rss>
"""

needs_cron = pytest.mark.skipif(
    (CRON is None or os.geteuid() != 0) and os.environ.get("CI") != "true",
    reason="needs a cron daemon and root",
)


def documented(home: Path) -> str:
    """Return the documented crontab with only its paths and its time changed."""
    block = re.search(r"```crontab\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert block, "docs/cron.md shows no crontab"
    settings, _, line = block[1].strip().rpartition("\n")
    settings = re.sub(r"(?m)^MAILTO=.*", 'MAILTO=""', settings)
    settings = re.sub(r"(?m)^PATH=[^:]+", f"PATH={BIN}", settings)
    settings = re.sub(r"(?m)^GUIDEPOST_HOME=.*", f"GUIDEPOST_HOME={home}", settings)
    line, times = re.subn(r"^\d+ \* \* \* \* ", "* * * * * root ", line)  # system tables name the user
    assert times == 1
    return f"{settings}\nGUIDEPOST_ALLOW=127.0.0.0/8\n{line}\n"


@pytest.fixture
def guidepost(tmp_path: Path) -> Callable[..., str]:
    """The command itself, on an empty home."""
    environ = {**os.environ, "GUIDEPOST_HOME": str(tmp_path), "GUIDEPOST_ALLOW": "127.0.0.0/8"}

    def run(*arguments: str) -> str:
        done = subprocess.run([BIN / "guidepost", *arguments], env=environ, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


@contextmanager
def cron(table_text: str) -> Iterator[None]:
    """Have a cron daemon follow this table: ours, or the one that is at work on this machine already."""
    assert CRON is not None, "CI must have a cron daemon"
    table = TABLES / f"guidepost-test-{os.getpid()}"
    table.write_text(table_text, "utf-8")
    daemon = subprocess.Popen([CRON, "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        table.unlink()
        daemon.terminate()
        daemon.wait()


def found(guidepost: Callable[..., str]) -> list[str]:
    """Return the titles of the posts whose guidance answers a search."""
    answer = json.loads(guidepost("search", "tell waiting passengers", "--json"))
    return [quote["post"]["title"] for hit in answer["hits"] for quote in hit["quotes"]]


@needs_cron
def test_the_documented_crontab_line_finds_new_posts(
    site: Site, guidepost: Callable[..., str], tmp_path: Path
) -> None:
    asked = threading.Event()

    def feed(visitor: Visitor) -> None:
        asked.set()
        Reply(body=FEED, headers={"Content-Type": "application/rss+xml"})(visitor)

    site["/feed"] = feed
    guidepost("feeds", "add", "--as-is", site.url("/feed"))
    assert found(guidepost) == []

    with cron(documented(tmp_path)):
        assert asked.wait(PATIENCE), "cron never ran the line"
        # The run that asked holds this lock to its end.
        with FileLock(Settings(home=tmp_path).lock, timeout=PATIENCE):
            assert found(guidepost) == ["After the lights went out"]


@pytest.mark.parametrize(("status", "mail"), [(0, ""), (75, ""), (1, "what went wrong\n")])
def test_the_documented_line_makes_cron_send_a_mail_only_after_a_fault(
    tmp_path: Path, status: int, mail: str
) -> None:
    program = tmp_path / "guidepost"
    program.write_text(f"#!/bin/sh\necho what went wrong >&2\nexit {status}\n", "utf-8")
    program.chmod(0o755)
    command = documented(tmp_path).splitlines()[-1].removeprefix("* * * * * root ")
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GUIDEPOST_HOME": str(tmp_path)}

    done = subprocess.run(["/bin/sh", "-c", command], env=environ, capture_output=True, check=False)

    assert (done.stdout.decode(), done.stderr) == (mail, b"")
    assert (tmp_path / "ingest.log").read_text("utf-8") == "what went wrong\n"
