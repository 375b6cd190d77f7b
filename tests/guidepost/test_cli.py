"""The commands, run as processes against a real server on the loopback interface."""

import os
import shutil
import signal
import socket
import sqlite3
import threading
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Guidepost
from feeds import item, numbered, rss
from filelock import FileLock
from loopback import Reply, Site, Visitor

from guidepost import config, intake, wsgi
from kb import topics

STARTER = Path(intake.__file__).with_name("starter")


def feed(guidepost: Guidepost, site: Site) -> None:
    """Subscribe and ingest a feed of six posts."""
    site["/feed"] = Reply(body=numbered(6), etag='"6"')
    assert guidepost("feeds", "add", site.url("/feed"), "--folder", "Shops").status == 0
    assert guidepost("ingest").status == 0


@pytest.fixture(scope="module")
def fed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Guidepost(tmp_path_factory.mktemp("fed") / "home")
    with Site() as site:
        feed(made, site)
    return made.home


@pytest.fixture
def fed(guidepost: Guidepost, fed_once: Path) -> Guidepost:
    """A home with one feed of six posts, ingested; the feed's server is gone."""
    shutil.copytree(fed_once, guidepost.home)
    return guidepost


@pytest.fixture
def live(guidepost: Guidepost, site: Site) -> Guidepost:
    """The same with the feed's server still there."""
    feed(guidepost, site)
    return guidepost


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
    guidepost("feeds", "add", site.url("/nowhere"))

    done = guidepost("ingest", "--json")

    assert done.status == 0
    assert done.json["errors"] == [{"feed": site.url("/nowhere"), "reason": done.json["errors"][0]["reason"]}]
    assert "404" in guidepost("feeds", "health").out


def test_a_second_run_gives_way_without_a_word(guidepost: Guidepost) -> None:
    guidepost.home.mkdir()
    with FileLock(guidepost.home / "ingest.lock"):
        done = guidepost("ingest")

    assert (done.status, done.out, done.err) == (75, "", "")


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


@pytest.mark.parametrize(
    "arguments", [("principle", "999"), ("post", "999"), ("feeds", "pause", "999"), ("post", "x")]
)
def test_what_is_not_there_is_a_usage_error(guidepost: Guidepost, arguments: tuple[str, ...]) -> None:
    done = guidepost(*arguments)

    assert done.status == 2
    assert "Traceback" not in done.err
    assert done.err


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


def test_subscriptions_go_in_and_out_as_opml(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text(
        '<opml version="1.0"><body><outline text="R&D"><outline text="One" xmlUrl="https://one.example/feed"/>'
        '<outline text="bad" xmlUrl="nonsense"/><outline text="Again" xmlUrl="https://one.example/feed"/></outline></body>'
    )

    done = guidepost("feeds", "import", str(path))

    assert done.status == 0
    assert done.out.splitlines()[-1] == "3 lines: 1 added, 1 already there, 1 refused"
    exported = guidepost("feeds", "export").out
    assert (
        guidepost("feeds", "import", "-", stdin=exported)
        .out.splitlines()[-1]
        .startswith("1 line: 0 added, 1 already")
    )
    assert guidepost("feeds", "list", "--json").json[0]["folder"] == ["R&D"]


def test_what_is_no_list_is_refused(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text("hello")

    assert guidepost("feeds", "import", str(path)).status == 2
    assert guidepost("feeds", "import", str(tmp_path / "none")).status == 2


def test_a_feed_can_be_paused_resumed_and_removed(live: Guidepost, site: Site) -> None:
    assert "Shops" in live("feeds", "list").out
    live("feeds", "pause", "1")
    assert live("ingest", "--all", "--json").json["feeds"]["due"] == 0
    live("feeds", "resume", site.url("/feed"))
    assert live("ingest", "--json").json["feeds"]["due"] == 1
    live("feeds", "remove", "1")
    assert live("feeds", "list", "--json").json == []
    assert "No feed" in live("feeds", "list").out
    assert live("search", "department", "--json").json["total"] == 1


def test_adding_a_feed_says_what_became_of_it(guidepost: Guidepost) -> None:
    assert "added" in guidepost("feeds", "add", "https://a.example/feed", "--title", "A").out
    assert "already there" in guidepost("feeds", "add", "https://a.example/feed").out
    refused = guidepost("feeds", "add", "javascript:alert(1)")
    assert (refused.status, "http" in refused.err) == (2, True)
    assert "All feeds are well." in guidepost("feeds", "health").out


def test_reindex_and_redo_keep_the_answers(fed: Guidepost) -> None:
    before = fed("search", "department letters", "--json").json

    assert "indexed" in fed("reindex").out
    assert "6 updated" in fed("redo").out

    after = fed("search", "department letters", "--json").json
    assert [hit["principle"] for hit in after["hits"]] == [hit["principle"] for hit in before["hits"]]


def test_the_starter_collection_comes_and_goes_with_one_command(guidepost: Guidepost) -> None:
    assert "new posts" in guidepost("starter", "load").out
    hits = guidepost("search", "take responsibility", "--json").json["hits"]
    assert hits[0]["sources"] > 1

    assert "removed" in guidepost("starter", "remove").out

    assert guidepost("search", "take responsibility", "--json").json["total"] == 0


def test_an_unknown_setting_is_a_usage_error(guidepost: Guidepost) -> None:
    done = guidepost("topics", GUIDEPOST_COLOUR="green")

    assert (done.status, "colour" in done.err, done.out) == (2, True, "")


def test_help_and_version_are_there(guidepost: Guidepost) -> None:
    assert "ingest" in guidepost("--help").out
    assert "0." in guidepost("--version").out


def test_text_from_strangers_cannot_steer_the_terminal(guidepost: Guidepost, site: Site) -> None:
    site["/feed"] = rss(item(1), title="Evil &#27;[2J blog\x9b")
    guidepost("feeds", "add", site.url("/feed"))
    guidepost("ingest")

    assert "\x1b" not in guidepost("feeds", "list").out + guidepost("search", "department").out


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
        guidepost("feeds", "add", site.url(path))
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


def test_a_document_whose_name_is_no_unicode_is_kept(guidepost: Guidepost, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = Path(os.fsdecode(bytes(folder) + b"/note\xff.txt"))
    path.write_text("Boxes\n\nAlways carry boxes to the car.")

    assert guidepost("digest", str(path), "--json").json["posts"][0]["source"] == str(path)
    assert "1 new post" in guidepost("add", str(folder)).out
    assert "already there" in guidepost("add", str(folder)).out


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


def test_the_site_starts_while_another_process_writes_the_index(
    fed: Guidepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.index.LOCK_SECONDS", 0.01)
    with FileLock(fed.home / "index.lock"):
        site = wsgi.build(config.load({"GUIDEPOST_HOME": str(fed.home)}))

        assert site.test_client().get("/search?q=department").status_code == 200
