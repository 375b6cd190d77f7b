"""The programs that `bench/ingest.py` runs side by side: what each needs beforehand, and the command of one run."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from bench import measure
from bench.measure import Cost
from guidepost.config import Settings

WORKERS = 20  # threads or processes of the others: more make none of them faster
# Requests of our own run and of the bare GETs, which wait on one thread for as many as the settings say.
AT_ONCE = next(field.default for field in fields(Settings) if field.name == "at_once")


class Program(ABC):
    """One program; its files are in `home`."""

    name: str

    def __init__(self, home: Path, addresses: Sequence[str], port: int) -> None:
        self.home = home
        self.addresses = addresses
        self.port = port
        home.mkdir()

    @abstractmethod
    def prepare(self) -> None:
        """Subscribe the feeds; not part of any figure."""

    @abstractmethod
    def run(self) -> dict[str, Cost]:
        """Run once over all feeds; return what each part of it cost."""

    def entries(self) -> int | None:
        """Return how many entries it keeps by now; None where it keeps none."""
        return None


class Guidepost(Program):
    name = "guidepost"

    def prepare(self) -> None:
        opml = self.home / "feeds.opml"
        lines = "".join(f'<outline type="rss" xmlUrl="{url}"/>' for url in self.addresses)
        opml.write_text(f'<opml version="2.0"><body>{lines}</body></opml>', "utf-8")
        self._call("feeds", "import", str(opml))

    def run(self) -> dict[str, Cost]:
        cost, printed = self._call("ingest", "--all", "--json")
        summary = json.loads(printed)
        if summary["feeds"]["failed"]:
            raise RuntimeError(f"feeds failed: {summary['errors'][:3]}")
        return {self.name: cost}

    def entries(self) -> int:
        with sqlite3.connect(self.home / "guidepost.db") as db:
            return int(db.execute("SELECT count(*) FROM posts").fetchone()[0])

    def _call(self, *arguments: str) -> tuple[Cost, str]:
        wanted = {
            "gap_seconds": "0",
            "allow": "127.0.0.0/8",
            "ports": str(self.port),
        }
        known = {field.name for field in fields(Settings)}
        chosen = {f"GUIDEPOST_{name.upper()}": value for name, value in wanted.items() if name in known}
        environ = {**os.environ, "GUIDEPOST_HOME": str(self.home), **chosen}
        return measure.run([sys.executable, "-m", "guidepost", *arguments], environ)


class Bare(Program):
    """Nothing but GETs by the client that Guidepost uses, with the ETags of the last time."""

    name = "bare aiohttp GETs"

    _SCRIPT = f"""
import asyncio, json, pathlib, sys
import aiohttp
path = pathlib.Path(sys.argv[1])
kept = json.loads(path.read_text())
async def ask(session, turns, url):
    headers = {{"If-None-Match": kept[url]}} if kept[url] else {{}}
    async with turns, session.get(url, headers=headers) as response:
        await response.read()
        kept[url] = response.headers.get("ETag")
async def ask_all():
    turns = asyncio.Semaphore({AT_ONCE})
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(ask(session, turns, url) for url in list(kept)))
asyncio.run(ask_all())
path.write_text(json.dumps(kept))
"""

    def prepare(self) -> None:
        (self.home / "etags.json").write_text(json.dumps(dict.fromkeys(self.addresses)), "utf-8")

    def run(self) -> dict[str, Cost]:
        cost, _ = measure.run([sys.executable, "-c", self._SCRIPT, str(self.home / "etags.json")])
        return {self.name: cost}


class Reader(Program):
    """lemon24's reader with its workers; its search index is a run of its own."""

    name = "reader"
    python = "python3"

    _MAKE = "import sys; from reader import make_reader; reader = make_reader(sys.argv[1]); "

    def prepare(self) -> None:
        (self.home / "feeds.txt").write_text("\n".join(self.addresses), "utf-8")
        add = "[reader.add_feed(url) for url in open(sys.argv[2]).read().split()]; reader.enable_search()"
        self._call(add, str(self.home / "feeds.txt"))

    def run(self) -> dict[str, Cost]:
        # By itself it asks a feed once an hour only.
        update, _ = self._call(f"reader.update_feeds(workers={WORKERS}, scheduled=False)")
        index, _ = self._call("reader.update_search()")
        both = Cost(
            wall=round(update.wall + index.wall, 2),
            cpu=round(update.cpu + index.cpu, 2),
            memory=max(update.memory, index.memory),
        )
        return {"reader, update": update, "reader, search index": index, "reader, both": both}

    def entries(self) -> int:
        _, printed = self._call("print(reader.get_entry_counts().total)")
        return int(printed)

    def _call(self, statement: str, *arguments: str) -> tuple[Cost, str]:
        return measure.run(
            [self.python, "-c", self._MAKE + statement, str(self.home / "reader.db"), *arguments]
        )


class Sfeed(Program):
    name = "sfeed"

    def prepare(self) -> None:
        lines = "".join(f'\tfeed "{number}" "{url}"\n' for number, url in enumerate(self.addresses))
        settings = f'sfeedpath="{self.home}/feeds"\nmaxjobs={WORKERS}\nfeeds() {{\n{lines}}}\n'
        (self.home / "sfeedrc").write_text(settings, "utf-8")

    def run(self) -> dict[str, Cost]:
        cost, _ = measure.run(["sfeed_update", str(self.home / "sfeedrc")])
        return {self.name: cost}

    def entries(self) -> int:
        return sum(path.read_bytes().count(b"\n") for path in (self.home / "feeds").iterdir())


class Newsboat(Program):
    name = "newsboat"

    def prepare(self) -> None:
        (self.home / "urls").write_text("\n".join(self.addresses) + "\n", "utf-8")
        (self.home / "config").write_text(f"reload-threads {WORKERS}\n", "utf-8")

    def run(self) -> dict[str, Cost]:
        files = {"-u": "urls", "-c": "cache.db", "-C": "config"}
        given = [part for option, file in files.items() for part in (option, str(self.home / file))]
        environ = {**os.environ, "HOME": str(self.home)}
        cost, _ = measure.run(["newsboat", "-q", *given, "-x", "reload"], environ)
        return {self.name: cost}

    def entries(self) -> int:
        with sqlite3.connect(self.home / "cache.db") as db:
            return int(db.execute("SELECT count(*) FROM rss_item").fetchone()[0])


def versions(python: str) -> dict[str, str]:
    """Return the versions of the peers that are here."""
    commands: Mapping[str, Sequence[str]] = {
        "reader": [python, "-c", "import reader; print(reader.__version__)"],
        "newsboat": ["newsboat", "-v"],
        "sfeed": ["dpkg-query", "-W", "-f", "${Version}", "sfeed"],
    }
    found = {}
    for name, command in commands.items():
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            found[name] = done.stdout.partition("\n")[0].strip()
    return {name: version for name, version in found.items() if version}
