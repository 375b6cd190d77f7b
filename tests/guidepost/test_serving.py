"""`guidepost up` and `guidepost serve`, with a real server."""

import signal
import socket
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from command import Guidepost
from filelock import FileLock

from guidepost import config, intake, program, wsgi

STARTER = Path(intake.__file__).with_name("starter")


def reached(guidepost: Guidepost, *arguments: str) -> tuple[Any, str]:
    """Start a server and wait for the line that names its address."""
    process = guidepost.start(*arguments, "--port", "0")
    for line in process.stderr:
        if "http://" in line:
            return process, "http://" + line.split("http://")[1].split()[0]
    raise AssertionError(process.communicate())


def read(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status, answer.read().decode()


def ended(process: Any) -> None:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def test_up_serves_the_starter_collection_when_nothing_can_be_reached(
    guidepost: Guidepost, tmp_path: Path
) -> None:
    with socket.socket() as taken:  # a port that nobody listens on
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    path = tmp_path / "list.opml"
    path.write_text(f'<opml><body><outline text="Dead" xmlUrl="http://127.0.0.1:{port}/feed"/></body></opml>')
    guidepost.environ = {**guidepost.environ, "GUIDEPOST_OPML": str(path)}

    process, address = reached(guidepost, "up")

    try:
        assert read(address)[0] == 200
        assert "responsib" in read(address + "search?q=take+responsibility")[1]
        assert "Dead" in read(address + "feeds")[1]
        assert read(address + "healthz")[0] == 200
    finally:
        ended(process)


def test_up_does_not_bring_back_what_was_removed(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text('<opml><body><outline text="Folder"/></body></opml>')
    guidepost.environ = {**guidepost.environ, "GUIDEPOST_OPML": str(path)}
    guidepost("starter", "load")
    guidepost("starter", "remove")

    process, _ = reached(guidepost, "up")
    ended(process)

    assert guidepost("search", "responsibility", "--json").json["total"] == 0


def test_up_serves_beside_a_run_that_is_under_way(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text('<opml><body><outline text="Folder"/></body></opml>')
    guidepost.environ = {**guidepost.environ, "GUIDEPOST_OPML": str(path)}
    guidepost.home.mkdir()
    with FileLock(guidepost.home / "ingest.lock"):
        process, address = reached(guidepost, "up")
    try:
        assert read(address)[0] == 200
    finally:
        ended(process)


def test_up_goes_on_with_a_starter_collection_that_was_loaded_in_part(
    guidepost: Guidepost, tmp_path: Path
) -> None:
    guidepost("starter", "load")
    with sqlite3.connect(guidepost.home / "guidepost.db") as db:  # as if killed before its last documents
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM raws WHERE id > 2")
        db.execute("DELETE FROM facts WHERE name LIKE 'starter%'")
    db.close()
    path = tmp_path / "list.opml"
    path.write_text('<opml><body><outline text="Folder"/></body></opml>')
    guidepost.environ = {**guidepost.environ, "GUIDEPOST_OPML": str(path)}

    process, _ = reached(guidepost, "up")
    ended(process)

    assert "already there" in guidepost("add", str(STARTER / "who-pays-your-wage.txt")).out


def test_a_taken_port_is_said(guidepost: Guidepost) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = guidepost("serve", "--port", str(taken.getsockname()[1]))

    assert (done.status, "cannot listen" in done.err) == (2, True)


def test_the_site_answers_to_its_own_names_only(guidepost: Guidepost) -> None:
    process, address = reached(guidepost, "serve")
    try:
        stranger = urllib.request.Request(address, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="400") as refused:
            urllib.request.urlopen(stranger, timeout=30)
        refused.value.close()
        assert read(address.replace("127.0.0.1", "localhost"))[0] == 200
    finally:
        ended(process)


def test_the_site_and_the_command_give_the_same_answer(fed: Guidepost) -> None:
    hits = fed("search", "letters departments names", "--json").json["hits"]
    process, address = reached(fed, "serve")
    try:
        page = read(address + "search?q=letters+departments+names")[1]
    finally:
        ended(process)

    places = [page.index(f'href="/principles/{hit["principle"]}"') for hit in hits]
    assert places == sorted(places)


def test_the_site_starts_while_another_process_writes_the_index(
    fed: Guidepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.index.LOCK_SECONDS", 0.01)
    settings = config.load({"GUIDEPOST_HOME": str(fed.home)})
    with FileLock(fed.home / "index.lock"), program.opened(settings) as opened:
        site = wsgi.build(opened)

        assert site.test_client().get("/search?q=department").status_code == 200
