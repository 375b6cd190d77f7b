from collections.abc import Generator, Iterable
from xml.sax.saxutils import escape

import pytest
from feeds import rss
from home import FETCH, Home
from loopback import Reply, Site

from ingest import completion, upkeep, whole
from ingest.fetch import Outcome, Request
from kb import posts, raws, schema
from kb.model import StoredPost

TEASER = "When a guest comes back with a broken lamp, we used to ask for the receipt first."
REST = (
    "One winter we tried it the other way round, and our clerk Ruth simply took the lamp and said sorry.",
    "Always apologise before you ask for the receipt.",
    "The guests told their neighbours about it, and by spring the shop was as full as in December.",
    "We still ask for the receipt in the end, for the tax office wants it, but nobody minds any longer.",
)
PAGE = (
    "<html><head><title>Broken lamps</title></head><body><nav><a href='/'>Home</a> <a href='/about'>About</a></nav>"
    "<article><h1>Broken lamps</h1>{}</article><footer>Our shop</footer></body></html>"
).format("".join(f"<p>{one}</p>" for one in (TEASER, *REST)))


def teaser(site: Site, name: str = "lamps", text: str = TEASER + " [...]") -> str:
    return (
        f"<item><title>Broken lamps</title><link>{site.url('/' + name)}</link><guid>{name}</guid>"
        f"<description>{escape(f'<p>{text}</p>')}</description></item>"
    )


@pytest.fixture
def cut_off(home: Home, site: Site) -> Home:
    """A home that subscribes a feed of one teaser."""
    site["/feed"] = rss(teaser(site))
    home.subscribe(site.url("/feed"))
    return home


def page(body: str = PAGE, **reply: object) -> Reply:
    return Reply(body=body.encode(), headers={"Content-Type": "text/html; charset=utf-8"}, **reply)  # type: ignore[arg-type]


def only(home: Home) -> StoredPost:
    (post,) = home.posts()
    return post


def test_a_cut_off_post_is_made_whole_from_its_page(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()

    done = cut_off.run()

    assert (done.new, done.completed) == (1, 1)
    assert only(cut_off).ref.completeness == "fetched"
    assert only(cut_off).text.startswith(TEASER)
    assert "neighbours" in only(cut_off).text
    assert "About" not in only(cut_off).text
    assert cut_off.hits("apologise receipt") == ["Always apologise before you ask for the receipt."]


def test_a_page_is_asked_once(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()
    cut_off.run()
    site["/feed"] = rss(teaser(site, "more", "Another story. [...]"), teaser(site))

    cut_off.run()

    assert [asked.path for asked in site.asked].count("/lamps") == 1


def test_a_page_that_its_robots_txt_forbids_is_not_asked(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()
    site["/robots.txt"] = b"User-agent: *\nDisallow: /lamps\n"

    assert cut_off.run().completed == 0

    assert "/lamps" not in {asked.path for asked in site.asked}
    assert only(cut_off).ref.completeness == "failed"


def test_a_page_of_something_else_leaves_the_excerpt(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page("<html><body><h1>Log in</h1><p>Please log in to read on.</p></body></html>")

    assert cut_off.run().completed == 0

    assert only(cut_off).ref.completeness == "failed"
    assert only(cut_off).text == TEASER
    with cut_off.engine.connect() as db:
        assert raws.get(db, 1).is_refused


def test_a_page_that_cannot_be_had_is_asked_again_a_few_times(cut_off: Home, site: Site) -> None:
    site["/lamps"] = Reply(status=500)
    for run in range(completion.MOST_FAILURES):
        assert only(cut_off).ref.completeness == "excerpt" if run else True
        cut_off.run()

    assert only(cut_off).ref.completeness == "failed"
    site["/lamps"] = page()
    assert cut_off.run().completed == 0


def test_digesting_again_keeps_what_was_made_whole(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()
    cut_off.run()
    before = only(cut_off)

    done = upkeep.redo(cut_off.engine, cut_off.index, cut_off.workers, cut_off.now, lambda: None)

    assert (done.failed, only(cut_off)) == (0, before)


def test_an_edited_entry_keeps_its_page_until_it_is_read_anew(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()
    cut_off.run()
    site["/feed"] = rss(teaser(site, text=TEASER + " And more. [...]"))
    site["/lamps"] = page(PAGE.replace("Always apologise before", "Never forget to apologise before"))

    cut_off.run()

    assert only(cut_off).ref.completeness == "fetched"
    assert "Never forget" in only(cut_off).text
    assert "Always apologise" in only(cut_off).versions[0].text


def test_a_feed_of_whole_posts_asks_no_page(home: Home, site: Site) -> None:
    site["/feed"] = rss(teaser(site, text=TEASER + " " + " ".join(REST)))
    home.subscribe(site.url("/feed"))

    home.run()

    assert {asked.path for asked in site.asked} == {"/feed"}


def test_a_page_over_which_we_stumble_harms_no_run(
    cut_off: Home, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site["/lamps"] = page()
    monkeypatch.setattr(whole, "complete", None)

    done = cut_off.run()

    assert (done.new, done.completed, done.failed) == (1, 0, 0)
    assert "a page could not be digested" in caplog.text
    assert only(cut_off).ref.completeness == "failed"


def test_a_post_that_is_removed_while_its_page_is_asked_is_not_missed(cut_off: Home, site: Site) -> None:
    site["/lamps"] = page()

    def fetched(requests: Iterable[Request]) -> Generator[Outcome, None, None]:
        for request, outcome in FETCH(requests):
            if request.kind == "page":
                with schema.writing(cut_off.engine) as db:
                    posts.remove_origin(db, "feed")
            yield request, outcome

    assert cut_off.run(fetched).completed == 0
    assert cut_off.posts() == []
