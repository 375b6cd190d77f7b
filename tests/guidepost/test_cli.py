"""The command itself: its exit status and what goes where."""

import sqlite3
from pathlib import Path

from command import Guidepost
from feeds import item, rss
from loopback import Site


def test_an_unknown_setting_is_a_usage_error(guidepost: Guidepost) -> None:
    done = guidepost("topics", GUIDEPOST_COLOUR="green")

    assert (done.status, "colour" in done.err, done.out) == (2, True, "")


def test_help_and_version_are_there(guidepost: Guidepost) -> None:
    assert "ingest" in guidepost("--help").out
    assert "0." in guidepost("--version").out


def test_text_from_strangers_cannot_steer_the_terminal(guidepost: Guidepost, site: Site) -> None:
    site["/feed"] = rss(item(1), title="Evil &#27;[2J blog\x9b")
    guidepost("feeds", "add", "--as-is", site.url("/feed"))
    guidepost("ingest")

    assert "\x1b" not in guidepost("feeds", "list").out + guidepost("search", "department").out


def test_a_store_that_cannot_be_used_is_said_in_one_line(guidepost: Guidepost) -> None:
    guidepost.home.mkdir()
    (guidepost.home / "guidepost.db").write_bytes(b"no database at all" * 100)

    for command in (("ingest",), ("search", "boxes"), ("serve", "--port", "0")):
        done = guidepost(*command)
        assert (done.status, done.err.count("\n"), "not a database" in done.err) == (1, 1, True)


def test_a_home_that_cannot_be_made_is_said_in_one_line(guidepost: Guidepost, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = guidepost("topics", GUIDEPOST_HOME=f"/dev/null/{tmp_path.name}", GUIDEPOST_CONFIG="/dev/null")

    assert (done.status, done.err.count("\n")) == (1, 1)


def test_a_mistake_of_ours_shows_where_it_was_made(fed: Guidepost) -> None:
    with sqlite3.connect(fed.home / "guidepost.db") as db:
        db.execute("DROP TABLE principle_topics")
    db.close()

    done = fed("topics")

    assert done.status == 1
    assert "Traceback" in done.err
    assert "principle_topics" in done.err
