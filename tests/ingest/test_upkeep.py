from datetime import datetime

import pytest
from builders import DOCUMENT, NOW, STARTER, raw
from feeds import numbered
from home import Home
from loopback import Site
from sqlalchemy.exc import OperationalError

from ingest import digest, extract, loose, upkeep
from kb import posts, schema
from kb.errors import DocumentError
from kb.model import Digest, StoredRaw


def test_a_loose_document_is_added_once(home: Home) -> None:
    page = raw("A title\n\nAlways carry the boxes to the car.\n", name="/a/notes.txt", kind="document")

    kept = loose.add(home.engine, page, DOCUMENT, NOW)

    assert kept is not None
    assert kept.new == 1
    assert loose.add(home.engine, page, DOCUMENT, NOW) is None


def test_what_is_no_document_is_refused_and_leaves_nothing(home: Home) -> None:
    with pytest.raises(DocumentError):
        loose.add(home.engine, raw("", kind="document"), DOCUMENT, NOW)

    assert home.posts() == []


def test_digesting_again_changes_nothing_while_the_rules_are_the_same(home: Home, site: Site) -> None:
    site["/feed"] = numbered(5)
    home.subscribe(site.url("/feed"))
    home.run()
    loose.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    before = home.posts()
    ticks: list[None] = []

    done = upkeep.redo(home.engine, home.index, home.workers, NOW, lambda: ticks.append(None))

    assert home.posts() == before
    assert (done.kept.new, done.kept.updated, done.failed, len(ticks)) == (0, 0, 0, 6)


def test_one_source_that_cannot_be_digested_again_keeps_its_posts(
    home: Home, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site["/feed"] = numbered(2)
    home.subscribe(site.url("/feed"))
    home.run()
    before = home.posts()
    monkeypatch.setattr(extract, "quotes", None)

    done = upkeep.redo(home.engine, home.index, home.workers, NOW, lambda: None)

    assert done.failed == 2
    assert home.posts() == before


def test_a_run_over_nothing_still_lets_the_index_catch_up(home: Home) -> None:
    loose.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    assert home.hits("boxes") == []

    assert home.run().due == 0

    assert home.hits("boxes") == ["Always carry boxes to the car."]


def test_a_document_that_changes_while_it_is_digested_again_keeps_its_newest_form(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    newer = raw("Title\n\nNever blame another department.", kind="document")
    digests = digest.of_stored

    def meanwhile(old: StoredRaw, now: datetime, _lessons: object) -> list[Digest]:
        monkeypatch.undo()
        loose.add(home.engine, newer, DOCUMENT, NOW)
        return digests(old, now)

    monkeypatch.setattr(digest, "of_stored", meanwhile)

    done = upkeep.redo(home.engine, home.index, home.workers, NOW, lambda: None)

    assert (done.kept.updated, done.failed) == (0, 0)
    assert home.hits("blame departments") == ["Never blame another department."]
    assert home.hits("boxes") == []


def test_what_is_removed_while_everything_is_digested_again_is_not_missed(home: Home) -> None:
    for number in range(2):
        page = raw(f"Title {number}\n\nAlways carry box {number} to the car.", str(number), kind="document")
        loose.add(home.engine, page, STARTER, NOW)

    def remove() -> None:
        with schema.writing(home.engine) as db:
            posts.remove_origin(db, "starter")

    done = upkeep.redo(home.engine, home.index, home.workers, NOW, remove)

    assert (done.failed, home.posts(), home.hits("box")) == (0, [], [])


def test_trouble_of_the_store_is_no_sources_fault(home: Home) -> None:
    loose.add(home.engine, raw("Title\n\nAlways carry boxes to the car.", kind="document"), DOCUMENT, NOW)
    with schema.writing(home.engine) as db:
        db.exec_driver_sql("DROP TABLE quotes")

    with pytest.raises(OperationalError):
        upkeep.redo(home.engine, home.index, home.workers, NOW, lambda: None)
