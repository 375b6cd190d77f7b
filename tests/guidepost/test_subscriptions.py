"""The commands under `guidepost feeds`."""

from pathlib import Path

from command import Guidepost
from loopback import Site


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
