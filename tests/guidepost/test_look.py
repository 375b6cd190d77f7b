"""The commands that look at what is there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import Guidepost

from kb import topics


def test_search_answers_people_and_programs(fed: Guidepost) -> None:
    told, found = fed("search", "blaming departments"), fed("search", "blaming departments", "--json").json

    assert "Never blame another department." in told.out
    hit = found["hits"][0]
    assert found.keys() == {"query", "corrected", "total", "hits", "facets"}
    assert hit.keys() == {"principle", "text", "topics", "sources", "score", "why", "quotes"}
    assert hit["text"] == hit["quotes"][0]["text"] == "Never blame another department."
    assert hit["quotes"][0]["post"] == {
        "id": hit["quotes"][0]["post"]["id"],
        "title": "Notes, part 1",
        "url": "https://blog.example/1",
        "source": hit["quotes"][0]["post"]["source"],
        "author": None,
        "published": "2024-01-02T08:00:00+00:00",
        "feed": "The shop blog",
    }
    assert found["facets"]["year"] == {"2024": found["total"]}


def test_search_finds_posts_too(fed: Guidepost) -> None:
    found = fed("search", "department", "--posts", "--json").json

    assert found["hits"][0]["post"]["title"] == "Notes, part 1"
    assert found["hits"][0].keys() == {"post", "score", "why", "snippet"}
    assert "Notes, part 1" in fed("search", "department", "--posts").out


def test_search_keeps_to_a_topic(fed: Guidepost) -> None:
    every = fed("search", "never", "--json").json
    topic = every["hits"][0]["topics"][0]

    kept = fed("search", "never", "--topic", topic, "--json").json

    assert all(topic in hit["topics"] for hit in kept["hits"])
    assert fed("search", "never", "--topic", "weather").status == 2


@pytest.mark.parametrize(
    "typed", ['"', "buck passing!! (urgent)", "", "AND", "*", "🙂", "'; DROP TABLE posts"]
)
def test_whatever_is_typed_is_answered(fed: Guidepost, typed: str) -> None:
    assert fed("search", "--json", "--", typed).json["query"] == typed


def test_principles_posts_and_topics_can_be_looked_at(fed: Guidepost) -> None:
    number = str(fed("search", "department", "--json").json["hits"][0]["principle"])

    assert fed("principle", number, "--json").json["text"] == "Never blame another department."
    assert "Notes, part 1" in fed("principle", number).out
    post = fed("post", "1", "--json").json
    assert post["text"][post["quotes"][0]["start"] : post["quotes"][0]["end"]] == post["quotes"][0]["text"]
    assert "Guidance" in fed("post", "1").out
    assert len(fed("topics", "--json").json) == len(topics.load())
    assert "responsibility" in fed("topics").out


def test_topics_can_be_corrected_and_the_correction_undone(fed: Guidepost) -> None:
    hit = fed("search", "department", "--json").json["hits"][0]
    before, number = hit["topics"], str(hit["principle"])

    corrected = fed("topics", "correct", number, "metrics, hiring")
    assert corrected.out.split()[2:4] == ["metrics,", "hiring:"]
    assert fed("principle", number, "--json").json["topics"] == ["metrics", "hiring"]
    assert fed("search", "department", "--topic", "metrics", "--json").json["total"] == 1

    fed("topics", "undo", corrected.out.split()[0])
    assert fed("principle", number, "--json").json["topics"] == before


def test_corrections_are_listed_for_people_and_programs(fed: Guidepost) -> None:
    assert fed("topics", "corrections", "--json").json == []
    fed("topics", "correct", "1", "metrics")

    (found,) = fed("topics", "corrections", "--json").json

    assert found.keys() == {"correction", "topics", "texts", "made", "undone"}
    assert found["topics"] == ["metrics"]
    assert "metrics" in fed("topics", "corrections").out


@pytest.mark.parametrize(
    "arguments",
    [("correct", "1", "weather"), ("correct", "999", "trust"), ("correct", "x", "trust"), ("undo", "999")],
)
def test_what_cannot_be_corrected_is_a_usage_error(fed: Guidepost, arguments: tuple[str, ...]) -> None:
    done = fed("topics", *arguments)

    assert done.status == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments", [("principle", "999"), ("post", "999"), ("feeds", "pause", "999"), ("post", "x")]
)
def test_what_is_not_there_is_a_usage_error(guidepost: Guidepost, arguments: tuple[str, ...]) -> None:
    done = guidepost(*arguments)

    assert done.status == 2
    assert "Traceback" not in done.err
    assert done.err


def test_a_search_builds_an_index_that_is_missing(fed: Guidepost) -> None:
    before = fed("search", "department", "--json").json
    shutil.rmtree(fed.home / "index")

    assert fed("search", "department", "--json").json == before


def test_a_search_after_the_store_was_made_anew_finds_nothing_of_the_old_one(fed: Guidepost) -> None:
    (fed.home / "guidepost.db").unlink()

    assert fed("search", "department", "--json").json["total"] == 0


def test_a_search_need_not_wait_for_a_run_that_writes(fed: Guidepost) -> None:
    with closing(sqlite3.connect(fed.home / "guidepost.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert fed("search", "department", "--json").json["total"] == 1


def test_a_principle_names_others_like_it_to_people_only(guidepost: Guidepost, tmp_path: Path) -> None:
    page = tmp_path / "excuses.txt"
    page.write_text(
        "Excuses\n\nOffer a solution rather than an excuse to every customer.\n\n"
        "Never give a customer an excuse when a solution is at hand.\n",
        "utf-8",
    )
    guidepost("add", str(page))

    assert "Related\n  Never give a customer an excuse" in guidepost("principle", "1").out
    assert "related" not in guidepost("principle", "1", "--json").json
