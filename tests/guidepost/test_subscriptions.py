"""The commands under `guidepost feeds`."""

from pathlib import Path

from command import Guidepost
from feeds import numbered
from filelock import FileLock
from loopback import Reply, Site

from kb import feeds, schema


def test_subscriptions_go_in_and_out_as_opml(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text(
        '<opml version="1.0"><body><outline text="R&D"><outline text="One" xmlUrl="https://one.example/feed"/>'
        '<outline text="bad" xmlUrl="nonsense"/><outline text="Again" xmlUrl="https://one.example/feed"/></outline></body>'
    )

    done = guidepost("feeds", "import", str(path))

    assert done.status == 0
    assert done.out.splitlines()[-1] == "3 lines: 1 added, 1 already there, 1 refused, 0 not a feed"
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
    assert "added" in guidepost("feeds", "add", "https://a.example/feed", "--title", "A", "--as-is").out
    assert "already there" in guidepost("feeds", "add", "https://a.example/feed", "--as-is").out
    refused = guidepost("feeds", "add", "javascript:alert(1)")
    assert (refused.status, "http" in refused.err) == (2, True)
    assert guidepost("feeds", "add", "javascript:alert(1)", "--as-is").status == 2
    assert "All feeds are well." in guidepost("feeds", "health").out


def page(*feeds: str) -> Reply:
    return Reply(body="".join(f"<link rel=feed href={feed} title=Posts>" for feed in feeds).encode())


def test_a_page_is_enough_to_subscribe_its_feed(guidepost: Guidepost, site: Site) -> None:
    site["/"], site["/rss"] = page("/rss"), Reply(body=numbered(1))

    done = guidepost("feeds", "add", site.url("/"))

    assert done.out == f"{site.url('/rss')}: added, the feed of that page\n"
    assert guidepost("feeds", "list", "--json").json[0]["title"] == "The shop blog"


def test_several_feeds_are_listed_to_choose_from(guidepost: Guidepost, site: Site) -> None:
    site["/"] = page("/one", "/two")

    done = guidepost("feeds", "add", site.url("/"))

    assert (done.status, done.out) == (2, "")
    assert f"  2. {site.url('/two')}  Posts" in done.err
    assert site.url("/one") in guidepost("feeds", "add", site.url("/"), "--first").out
    assert guidepost("feeds", "list", "--json").json[0]["title"] == site.url("/one")


def test_a_feed_that_cannot_be_asked_is_subscribed_and_one_that_is_none_is_not(
    guidepost: Guidepost, site: Site
) -> None:
    site["/busy"] = Reply(status=503, headers={"Retry-After": "9"})

    assert "503" in guidepost("feeds", "add", site.url("/busy")).out
    refused = guidepost("feeds", "add", site.url("/none?token=hunter2"))
    assert (refused.status, "404" in refused.err, "hunter2" in refused.err) == (2, True, False)
    assert len(guidepost("feeds", "list", "--json").json) == 1


def test_an_imported_list_can_be_asked_at_once(guidepost: Guidepost, site: Site, tmp_path: Path) -> None:
    site["/feed"] = Reply(body=numbered(2))
    path = tmp_path / "list.opml"
    path.write_text(f'<opml><outline xmlUrl="{site.url("/feed")}"/><outline text="Sort by date"/>')

    done = guidepost("feeds", "import", str(path), "--probe")

    assert "2 lines: 1 added, 0 already there, 0 refused, 1 not a feed" in done.out
    assert "1 feed asked: 1 changed" in done.err
    assert guidepost("feeds", "import", str(path), "--probe").err == ""


def test_a_list_is_imported_while_another_run_is_under_way(guidepost: Guidepost, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text('<opml><outline xmlUrl="https://a.example/"/>')
    guidepost.home.mkdir()

    with FileLock(guidepost.home / "ingest.lock"):
        done = guidepost("feeds", "import", str(path), "--probe")

    assert (done.status, "Another run is under way" in done.err) == (0, True)


def test_secrets_are_shown_and_exported_to_who_asks_for_them(guidepost: Guidepost) -> None:
    guidepost("feeds", "add", "https://a.example/feed?token=hunter2", "--as-is")

    for command in (("list",), ("list", "--json"), ("health",), ("export",)):
        done = guidepost("feeds", *command)
        assert "hunter2" not in done.out + done.err
    assert "1 feed left out" in guidepost("feeds", "export").err
    for command in (("list", "--private"), ("list", "--private", "--json"), ("export", "--private")):
        assert "token=hunter2" in guidepost("feeds", *command).out


def test_a_feed_can_be_given_another_address(guidepost: Guidepost) -> None:
    guidepost("feeds", "add", "https://a.example/feed", "--as-is")

    assert guidepost("feeds", "move", "1").status == 2
    assert guidepost("feeds", "move", "1", "b.example/feed").status == 0
    assert guidepost("feeds", "list", "--json").json[0]["url"] == "https://b.example/feed"


def test_a_suggested_address_is_shown_and_taken(guidepost: Guidepost) -> None:
    guidepost("feeds", "add", "https://a.example/feed", "--as-is")
    engine = schema.open_store(schema.at(guidepost.home / "guidepost.db"))
    with schema.writing(engine) as db:
        feeds.suggest(db, 1, "https://a.example/new")
    engine.dispose()

    assert "now announces another feed: https://a.example/new" in guidepost("feeds", "health").out
    guidepost("feeds", "move", "1")
    assert "All feeds are well." in guidepost("feeds", "health").out
    assert guidepost("feeds", "list", "--json").json[0]["url"] == "https://a.example/new"
