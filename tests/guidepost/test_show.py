from typing import Any

import click
import pytest
from builders import NOW

from guidepost import show
from ingest.keeping import Failure
from ingest.pipeline import Summary
from kb.model import Discovered, Feed, ImportLine, Outline

EVIL = "https://a.example/\x1b[2J?token=hunter2"


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("\x1b]0;owned\x07\x1b[31mSorry\x9b2J", " ]0;owned  [31mSorry 2J"),
        ("Be\u202e honest\u2066", "Be honest"),
        ("hes\xadi\xadtate", "hesitate"),
        ("two\nlines", "two\nlines"),
        ("\U0001f469\u200d\U0001f4bb می\u200cشود", "\U0001f469\u200d\U0001f4bb می\u200cشود"),
    ],
)
def test_a_terminal_is_given_nothing_to_obey(said: str, printed: str) -> None:
    assert show.plain(said) == printed


def feed(**known: Any) -> Feed:
    made: dict[str, Any] = {"id": 1, "url": EVIL, "title": "\x1b]0;Tills", "added_at": NOW, "next_due": NOW}
    return Feed(**made | known)


@pytest.mark.parametrize(
    "printed",
    [
        show.feeds([feed()]),
        show.feeds([feed(folder=(EVIL,), failures=1)]).replace(
            "?token=hunter2", ""
        ),  # a folder is no address
        show.health([feed(failures=2, reason="\x1b[2J", failing_since=NOW, moved_to=EVIL, suggestion=EVIL)]),
        show.lines([ImportLine(number=1, title=EVIL, url=EVIL, outcome="refused", reason="\x1b[2J")]),
        show.choice(EVIL, [Outline(url=EVIL, title="\x1b[2J")]),
        show.added(ImportLine(number=1, title=None, url=EVIL, outcome="added"), Discovered(reason="\x1b[2J")),
    ],
)
def test_nothing_of_a_feed_is_obeyed_or_gives_a_secret_away(printed: str) -> None:
    told = show.plain(click.unstyle(printed))

    assert "hunter2" not in told
    assert told == click.unstyle(printed)


def test_a_feed_needs_a_look_when_it_fails_is_gone_has_moved_or_another_is_announced() -> None:
    told = show.health(
        [
            feed(id=2, failures=2, reason="the server answered 500", failing_since=NOW),
            feed(id=3, state="gone", reason="gone for good"),
            feed(id=4, moved_to="https://b.example/"),
            feed(id=5, suggestion="https://c.example/"),
            feed(id=6),
        ]
    )

    assert "the server answered 500, failing since 2026-03-02 09:30 UTC; 2 failures in a row" in told
    assert "gone for good; gone, asked no more" in told
    assert "has moved to https://b.example/" in told
    assert "guidepost feeds move 5" in told
    assert "    6  " not in told


def test_a_run_without_network_says_so_in_one_line() -> None:
    failure = Failure(feed="https://a.example/", reason="no server", is_offline=True)

    told = show.summary(Summary(due=1, failed=1, failures=(failure,)))

    assert told == "This machine reaches no server; what is due stays due: 1 feed."


def test_a_run_says_what_it_made_whole() -> None:
    assert "2 made whole" in show.summary(Summary(due=1, changed=1, completed=2))
