"""What follows a run over feeds, and probing new ones in the background."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import outline
from feeds import numbered
from loopback import Reply, Site
from sqlalchemy import select

from guidepost import program, runs
from guidepost.config import Settings
from guidepost.program import Program, now
from kb import feeds, posts, schema
from kb.model import Feed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, allow=(ip_network("127.0.0.0/8"),), gap_seconds=0, workers=1)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Program]:
    with program.opened(settings) as found:
        yield found


def subscribe(opened: Program, *urls: str) -> list[Feed]:
    with schema.writing(opened.engine) as db:
        feeds.subscribe(db, map(outline, urls), now())
        return feeds.all(db)


def fail(opened: Program, feed: Feed, times: int) -> None:
    for _ in range(times):
        with schema.writing(opened.engine) as db:
            feeds.failed(db, feed.id, now=now(), next_due=now(), why="", reason="404", gone=False)


def run(opened: Program) -> None:
    runs.once(opened, runs.due(opened, everything=False), lambda _: None)


def first(opened: Program) -> Feed:
    with opened.engine.connect() as db:
        return feeds.all(db)[0]


def test_a_broken_feed_gets_another_one_of_its_site_suggested(opened: Program, site: Site) -> None:
    site["/"] = b'<html><head><link rel="alternate" type="application/rss+xml" href="/new"></head></html>'
    site["/new"], site["/old"] = numbered(2), Reply(status=404)
    (feed,) = subscribe(opened, site.url("/old"))
    fail(opened, feed, min(runs.SUSPICIOUS) - 1)

    run(opened)

    assert (first(opened).suggestion, first(opened).url) == (site.url("/new"), site.url("/old"))


def test_a_single_failure_is_no_reason_to_look_around(opened: Program, site: Site) -> None:
    site["/old"] = Reply(status=404)
    subscribe(opened, site.url("/old"))

    run(opened)

    assert {asked.path for asked in site.asked} == {"/old"}


def test_a_site_that_announces_nothing_else_suggests_nothing(opened: Program, site: Site) -> None:
    (feed,) = subscribe(opened, site.url("/old"))
    fail(opened, feed, min(runs.SUSPICIOUS) - 1)

    run(opened)

    assert first(opened).suggestion is None


def test_hubs_are_asked_where_they_can_call_back(opened: Program, site: Site) -> None:
    feed = Reply(
        body=numbered(1),
        headers={"Link": f'<{site.url("/hub")}>; rel="hub", <{site.url("/feed")}>; rel="self"'},
    )
    site["/feed"] = feed  # a hub is asked with POST, which this server does not know
    subscribe(opened, site.url("/feed"))
    run(replace(opened, settings=replace(opened.settings, callback="https://kb.example")))

    with opened.engine.connect() as db:
        (called,) = db.execute(select(schema.hubs.c.hub, schema.hubs.c.reason))
    assert (called.hub, called.reason) == (site.url("/hub"), "the hub answered 501 Not Implemented")


def test_new_feeds_are_asked_in_the_background(opened: Program, settings: Settings, site: Site) -> None:
    site["/feed"], site["/more"] = numbered(2), numbered(3)
    asked = subscribe(opened, site.url("/feed"), site.url("/more"))
    prober = runs.Prober(settings)

    prober([asked[0].id])
    prober([asked[1].id, 999])
    while (thread := prober._thread) is not None:
        thread.join()

    with opened.engine.connect() as db:
        assert posts.totals(db).posts == 5


def test_a_probe_gives_way_to_a_long_run_and_survives_faults(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(runs, "PATIENCE", 0)
    prober = runs.Prober(settings)
    with program.alone(settings):
        prober([1])
        while (thread := prober._thread) is not None:
            thread.join()
    assert "another one is under way" in caplog.text
    monkeypatch.setattr(runs, "once", None)

    prober([1])
    while (thread := prober._thread) is not None:
        thread.join()

    assert "could not be asked" in caplog.text
