"""The commands under `guidepost tensions`."""

import pytest
from builders import FEED, NOW, digest, raw
from command import Guidepost

from kb import posts, schema, tensions

ADVICE = ("Script every call.", "Throw away the script.")


@pytest.fixture
def torn(guidepost: Guidepost) -> Guidepost:
    """A home with two principles that pull against each other."""
    guidepost.home.mkdir()
    engine = schema.open_store(schema.at(guidepost.home / "guidepost.db"))
    with schema.writing(engine) as db:
        posts.keep(db, raw("calls"), FEED, [digest(*ADVICE)], NOW)
    tensions.catch_up(engine)
    engine.dispose()
    return guidepost


def test_tensions_are_listed_for_people_and_programs(torn: Guidepost) -> None:
    told, (found,) = torn("tensions", "list").out, torn("tensions", "list", "--json").json

    assert "Throw away the script." in told
    assert "found" in told
    assert {found["one"]["text"], found["other"]["text"]} == set(ADVICE)
    assert (found["one"]["principle"], found["other"]["principle"], found["state"]) == (1, 2, "found")
    assert 0.4 <= found["score"] <= 1


def test_a_curator_confirms_and_dismisses(torn: Guidepost) -> None:
    assert torn("tensions", "confirm", "1", "2").out == "1 and 2: confirmed\n"
    assert torn("tensions", "list", "--state", "confirmed", "--json").json[0]["state"] == "confirmed"
    assert torn("tensions", "dismiss", "2", "1").out == "2 and 1: dismissed\n"
    assert torn("tensions", "list", "--state", "confirmed").out == "None found.\n"


def test_there_is_no_tension_with_what_is_not_there(torn: Guidepost) -> None:
    done = torn("tensions", "confirm", "1", "99")

    assert (done.status, done.out) == (2, "")
    assert "99" in done.err
