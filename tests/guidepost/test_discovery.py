from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW
from feeds import numbered, rss
from loopback import Reply, Site, redirect

from guidepost import config, discovery
from guidepost.config import Settings
from kb.errors import BadAddress, Forbidden, NotAFeed, Refused
from kb.model import Feed

HTML = {"Content-Type": "text/html"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return config.load(
        {"GUIDEPOST_HOME": str(tmp_path), "GUIDEPOST_ALLOW": "127.0.0.0/8", "GUIDEPOST_GAP_SECONDS": "0"}
        | {"GUIDEPOST_PORTS": ",".join(map(str, range(1024, 65536)))}
    )


def page(*links: str) -> Reply:
    markup = "".join(f"<link rel=alternate type=application/rss+xml {link}>" for link in links)
    return Reply(body=f"<!doctype html><title>Desk</title>{markup}<p>Hello.".encode(), headers=HTML)


def urls(site: Site, given: str, settings: Settings) -> list[str]:
    found = discovery.find(site.url(given), settings).feeds
    return [outline.url.removeprefix(site.url("")) for outline in found]


def feed(site: Site, **known: str) -> Feed:
    return Feed(id=1, url=site.url("/old.xml"), title="Old", added_at=NOW, next_due=NOW, **known)


def test_a_feed_is_itself(site: Site, settings: Settings) -> None:
    site["/f"] = Reply(body=numbered(1))

    found = discovery.find(site.url("/f"), settings)

    assert found.is_feed
    assert [(one.url, one.title, one.site_url) for one in found.feeds] == [
        (site.url("/f"), "The shop blog", "https://blog.example/")
    ]


def test_a_feed_that_has_moved_for_good_is_subscribed_where_it_is(site: Site, settings: Settings) -> None:
    site["/f"] = redirect("/new", 301)
    site["/new"] = Reply(body=numbered(1))

    assert urls(site, "/f", settings) == ["/new"]


def test_a_page_leads_to_the_feed_it_announces(site: Site, settings: Settings) -> None:
    site["/blog"] = page("href=posts.xml title=RSS")
    site["/posts.xml"] = Reply(body=numbered(1))

    found = discovery.find(site.url("/blog"), settings)

    assert not found.is_feed
    assert [(one.url, one.title) for one in found.feeds] == [(site.url("/posts.xml"), "The shop blog")]


def test_of_several_feeds_all_are_returned_and_none_is_asked(site: Site, settings: Settings) -> None:
    site["/"] = page(
        "href=/comments.xml", "href=/a.xml", "href=http://[broken", f"href={'/a' * 1500}", "href=/a.xml#x"
    )

    assert urls(site, "/", settings) == ["/a.xml", "/comments.xml"]
    assert [asked.path for asked in site.asked] == ["/"]


def test_a_page_that_announces_nothing_may_have_a_feed_in_a_customary_place(
    site: Site, settings: Settings
) -> None:
    site["/blog/"] = page()
    site["/blog/atom.xml"] = Reply(body=numbered(1))

    assert urls(site, "/blog/", settings) == ["/blog/atom.xml"]


def test_a_dead_announcement_does_not_hide_a_feed_in_a_customary_place(
    site: Site, settings: Settings
) -> None:
    site["/"] = page("href=/dead.xml")
    site["/feed"] = Reply(body=numbered(1))

    assert urls(site, "/", settings) == ["/feed"]


def test_at_most_six_places_are_tried_before_there_is_no_feed(site: Site, settings: Settings) -> None:
    site["/blog/post"] = page()

    with pytest.raises(NotAFeed, match="customary"):
        discovery.find(site.url("/blog/post"), settings)

    tried = [asked.path for asked in site.asked][1:]
    assert tried[:3] == ["/blog/post/feed", "/blog/post/rss.xml", "/blog/post/atom.xml"]
    assert len(tried) == discovery.MOST_TRIED


def test_a_server_that_wants_to_be_left_alone_is_not_asked_on(site: Site, settings: Settings) -> None:
    site["/"] = page()
    site["/feed"] = Reply(status=429, headers={"Retry-After": "60"})

    with pytest.raises(NotAFeed):
        discovery.find(site.url("/"), settings)

    assert len(site.asked) < discovery.MOST_TRIED


def test_an_announced_feed_that_cannot_be_asked_now_is_believed(site: Site, settings: Settings) -> None:
    site["/"] = page("href=/busy.xml title=RSS")
    site["/busy.xml"] = Reply(status=503, headers={"Retry-After": "60"})

    (outline,) = discovery.find(site.url("/"), settings).feeds

    assert (outline.url, outline.title) == (site.url("/busy.xml"), None)


def test_what_cannot_be_asked_now_can_be_subscribed_all_the_same(site: Site, settings: Settings) -> None:
    site["/"] = Reply(status=503, headers={"Retry-After": "60"})

    found = discovery.find(site.url("/"), settings)

    assert [one.url for one in found.feeds] == [site.url("/")]
    assert "503" in (found.reason or "")


def test_what_is_refused_or_forbidden_or_no_address_is_an_error(site: Site, settings: Settings) -> None:
    with pytest.raises(Refused, match="404"):
        discovery.find(site.url("/nothing"), settings)
    with pytest.raises(Forbidden):
        discovery.find(site.url("/"), replace(settings, allow=()))
    with pytest.raises(BadAddress):
        discovery.find("javascript:alert(1)", settings)


def test_a_site_that_announces_another_feed_has_a_replacement(site: Site, settings: Settings) -> None:
    site["/blog"] = page(
        "href=/old.xml", "href=/comments.xml", "href=/empty.xml", "href=/words.txt", "href=/new.xml"
    )
    site["/comments.xml"] = site["/new.xml"] = Reply(body=numbered(2))
    site["/empty.xml"] = Reply(body=rss())
    site["/words.txt"] = Reply(body=b"words")

    assert discovery.replacement(feed(site, site_url=site.url("/blog")), settings) == site.url("/new.xml")


def test_without_a_known_site_its_root_is_asked(site: Site, settings: Settings) -> None:
    site["/"] = page("href=/new.xml")
    site["/new.xml"] = Reply(body=numbered(2))

    assert discovery.replacement(feed(site, site_url="javascript:1"), settings) == site.url("/new.xml")


def test_there_is_no_replacement_where_nothing_answers_or_nothing_else_is_announced(
    site: Site, settings: Settings
) -> None:
    assert discovery.replacement(feed(site), settings) is None
    site["/"] = page("href=/old.xml", *(f"href=/dead{n}.xml" for n in range(9)))
    assert discovery.replacement(feed(site), settings) is None
    assert len([asked for asked in site.asked if "dead" in asked.path]) == discovery.MOST_CHECKED
