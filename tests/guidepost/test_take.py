"""The commands that take something in."""

import os
import signal
import threading
from pathlib import Path

import pytest
from command import Guidepost
from feeds import item, numbered, rss
from filelock import FileLock
from loopback import Reply, Site, Visitor


def test_ingest_reports_in_one_line_and_in_json(guidepost: Guidepost, site: Site) -> None:
    site["/feed"] = Reply(body=numbered(3), etag='"3"')
    guidepost("feeds", "add", site.url("/feed"))

    first = guidepost("ingest")
    site["/feed"] = Reply(body=numbered(4), etag='"4"')
    second = guidepost("ingest", "--all", "--json")
    third = guidepost("ingest", "--all", "--json")

    assert (first.status, first.err, first.out.count("\n")) == (0, "", 1)
    assert "3 new posts" in first.out
    assert second.json["posts"] == {"new": 1, "updated": 0}
    assert third.json["feeds"] == {"due": 1, "changed": 0, "unchanged": 1, "failed": 0, "gone": 0}
    assert third.json.keys() == {"feeds", "posts", "quotes", "principles", "seconds", "errors"}
    assert third.json["quotes"] == third.json["principles"] == 0
    assert '"4"' in site.asked[-1].headers["if-none-match"]


def test_a_feed_that_is_not_due_is_not_asked(live: Guidepost, site: Site) -> None:
    asked = len(site.asked)

    assert live("ingest", "--json").json["feeds"]["due"] == 0

    assert len(site.asked) == asked


def test_a_failing_feed_is_reported_but_no_fault_of_ours(guidepost: Guidepost, site: Site) -> None:
    guidepost("feeds", "add", "--as-is", site.url("/nowhere"))

    done = guidepost("ingest", "--json")

    assert done.status == 0
    assert done.json["errors"] == [{"feed": site.url("/nowhere"), "reason": done.json["errors"][0]["reason"]}]
    assert "404" in guidepost("feeds", "health").out


def test_a_second_run_gives_way_without_a_word(guidepost: Guidepost) -> None:
    guidepost.home.mkdir()
    with FileLock(guidepost.home / "ingest.lock"):
        done = guidepost("ingest")

    assert (done.status, done.out, done.err) == (75, "", "")


def test_digest_shows_a_document_and_stores_nothing(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("---\ntitle: Boxes\nauthor: Ann\n---\n\nAlways carry boxes to the car.\n")

    found = guidepost("digest", str(path), "--json").json

    (post,) = found["posts"]
    assert post.keys() == {
        "title", "author", "published", "url", "source", "completeness", "text", "quotes",
    }  # fmt: skip
    assert (post["title"], post["author"], post["published"], post["url"]) == ("Boxes", "Ann", None, None)
    assert post["source"] == str(path)
    assert (
        post["text"][post["quotes"][0]["start"] : post["quotes"][0]["end"]]
        == "Always carry boxes to the car."
    )
    assert "Always carry boxes" in guidepost("digest", str(path)).out
    assert not guidepost.home.exists()


def test_add_keeps_files_and_folders_once(guidepost: Guidepost, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / ".hidden").mkdir(parents=True)
    (folder / ".hidden" / "no.txt").write_text("No\n\nAlways skip this.")
    (folder / "a.txt").write_text("Boxes\n\nAlways carry boxes to the car.")
    (folder / "b.xml").write_bytes(numbered(2))

    assert guidepost("add", str(folder)).out.count("new post") == 2
    assert guidepost("add", str(folder)).out.count("already there") == 2

    assert guidepost("search", "boxes", "--json").json["total"] == 1


def test_add_says_which_document_it_could_not_read_and_goes_on(guidepost: Guidepost, tmp_path: Path) -> None:
    good, binary = tmp_path / "a.txt", tmp_path / "b.bin"
    good.write_text("Boxes\n\nAlways carry boxes to the car.")
    binary.write_bytes(bytes(range(256)) * 10)

    done = guidepost("add", str(tmp_path / "missing.txt"), str(binary), str(good))

    assert done.status == 2
    assert "missing.txt" in done.err
    assert "b.bin" in done.err
    assert "1 new post" in done.out


def test_adding_nothing_is_not_adding_the_folder_one_stands_in(guidepost: Guidepost) -> None:
    done = guidepost("add", "")

    assert (done.status, done.out) == (2, "")


def test_add_takes_a_page_from_the_web(guidepost: Guidepost, site: Site) -> None:
    site["/page"] = (
        b"<html><title>Boxes</title><article><h1>Boxes</h1><p>Always carry boxes to the car.</p></article>"
    )

    assert "1 new post" in guidepost("add", site.url("/page")).out
    assert guidepost("add", site.url("/none")).status == 2


def test_too_large_a_file_is_refused(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 1000)

    done = guidepost("add", str(path), GUIDEPOST_MAX_BYTES="100")

    assert (done.status, "larger than 100" in done.err) == (2, True)


def test_reindex_and_redo_keep_the_answers(fed: Guidepost) -> None:
    before = fed("search", "department letters", "--json").json

    assert "indexed" in fed("reindex").out
    assert fed("redo").out == "0 new posts, 0 updated\n"

    after = fed("search", "department letters", "--json").json
    assert [hit["principle"] for hit in after["hits"]] == [hit["principle"] for hit in before["hits"]]


def test_the_starter_collection_comes_and_goes_with_one_command(guidepost: Guidepost) -> None:
    assert "new posts" in guidepost("starter", "load").out
    hits = guidepost("search", "take responsibility", "--json").json["hits"]
    assert hits[0]["sources"] > 1

    assert "removed" in guidepost("starter", "remove").out

    assert guidepost("search", "take responsibility", "--json").json["total"] == 0


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_killed_run_loses_nothing_and_doubles_nothing(guidepost: Guidepost, site: Site, after: int) -> None:
    """Kill the run while a feed is in the middle of its answer, with *after* feeds answered before it."""
    held = threading.Event()

    def hold(visitor: Visitor) -> None:
        held.set()
        visitor.site.closing.wait(20)

    for number in range(6):
        path = f"/{number}"
        site[path] = hold if number == after else rss(item(number))
        guidepost("feeds", "add", "--as-is", site.url(path))
    process = guidepost.start("ingest")
    assert held.wait(30)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    site[f"/{after}"] = rss(item(after))

    done = guidepost("ingest", "--all", "--json")

    assert done.status == 0
    posts = guidepost("search", "shop", "--posts", "--json", "-n", "50").json
    assert sorted(hit["post"]["title"] for hit in posts["hits"]) == [f"Notes, part {n}" for n in range(6)]
    assert guidepost("search", "blog", "--json").status == 0


def test_a_document_whose_name_is_no_unicode_is_kept(guidepost: Guidepost, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = Path(os.fsdecode(bytes(folder) + b"/note\xff.txt"))
    path.write_text("Boxes\n\nAlways carry boxes to the car.")

    assert guidepost("digest", str(path), "--json").json["posts"][0]["source"] == str(path)
    assert "1 new post" in guidepost("add", str(folder)).out
    assert "already there" in guidepost("add", str(folder)).out
