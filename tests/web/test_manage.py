import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from kb.errors import BadAddress, GuidepostError, NotAFeed
from kb.index import Index
from kb.model import Discovered, Outline
from web.app import create_app

Keep = Callable[..., int]
Page = Callable[[str], str]
Send = Callable[..., TestResponse]
Look = Callable[[Discovered | GuidepostError], FlaskClient]

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
SECRET = b"a secret of thirty-two bytes, no less"


def outline(url: str, title: str = "A blog") -> str:
    return f'<outline type="rss" text="{title}" xmlUrl="{url}"/>'


@pytest.fixture
def probed() -> list[list[int]]:
    """What was to be asked in the background."""
    return []


@pytest.fixture
def look(engine: Engine, index: Index, probed: list[list[int]]) -> Look:
    """Return a visitor of a site that finds this at any address, and asks for no tokens."""

    def finding(found: Discovered | GuidepostError) -> FlaskClient:
        def find(_: str) -> Discovered:
            if isinstance(found, GuidepostError):
                raise found
            return found

        app = create_app(engine, index, lambda: NOW, SECRET, find=find, probe=probed.append)
        app.config["WTF_CSRF_ENABLED"] = False
        return app.test_client()

    return finding


def upload(send: Send, text: str) -> TestResponse:
    return send("/feeds/import", list=(BytesIO(text.encode()), "feeds.opml"))


def test_a_feed_is_added_by_its_address(send: Send, page: Page) -> None:
    answer = send("/feeds", url=" https://tillside.example/feed ", folder="Service / Retail/")

    assert (answer.status_code, answer.location) == (303, "/feeds")
    text = page("/feeds")
    assert "Added https://tillside.example/feed" in text
    assert "<bdi>Retail</bdi>" in text


def test_what_was_said_is_said_once(send: Send, page: Page) -> None:
    send("/feeds", url="https://tillside.example/feed")

    assert 'role="status"' in page("/feeds")
    assert 'role="status"' not in page("/feeds")


def test_a_feed_that_is_there_is_not_added_again(send: Send, page: Page) -> None:
    send("/feeds", url="https://tillside.example/feed")
    send("/feeds", url="https://TILLSIDE.example/feed")

    assert "is subscribed already" in page("/feeds")
    assert "1 feed" in page("/feeds")


@pytest.mark.parametrize("url", ["", "no address", "javascript:alert(1)", "https://", "x" * 5000, "\0"])
def test_an_address_that_can_be_no_feed_is_refused_with_a_reason(send: Send, page: Page, url: str) -> None:
    send("/feeds", url=url)

    text = page("/feeds")
    assert 'role="alert">Could not add' in text
    assert "No feed is subscribed yet" in text


def test_lines_that_are_no_feed_are_counted_apart(send: Send) -> None:
    answer = upload(send, f'<opml>{outline("https://a.example/")}<outline text="Sort by date"/>')

    assert "2 lines: 1 added, 0 already there, 0 not usable, 1 not a feed." in answer.text
    assert "Sort by date" in answer.text


def test_what_is_typed_leads_to_its_feed(look: Look) -> None:
    client = look(Discovered(feeds=(Outline(url="https://a.example/rss", title="The Tillside"),)))

    assert client.post("/feeds", data={"url": "a.example"}).location == "/feeds"

    text = client.get("/feeds").text
    assert "Added https://a.example/rss, the feed of that page." in text
    assert "The Tillside" in text


def test_of_several_feeds_a_person_chooses(look: Look) -> None:
    found = tuple(Outline(url=f"https://a.example/{n}.xml", title=f"Feed {n}") for n in range(3))
    client = look(Discovered(feeds=found))

    text = client.post("/feeds", data={"url": "https://a.example/", "folder": "Shops/Tills"}).text

    assert text.count('type="radio"') == 3
    assert 'value="https://a.example/0.xml" checked' in text
    assert 'value="Shops / Tills"' in text
    assert "No feed is subscribed" in client.get("/feeds").text


def test_what_was_chosen_is_not_looked_at_again(look: Look) -> None:
    client = look(NotAFeed("https://a.example/1.xml", "there is no feed"))

    client.post("/feeds", data={"url": "https://a.example/1.xml", "folder": "Shops / Tills", "as_is": "yes"})

    text = client.get("/feeds").text
    assert "Added https://a.example/1.xml." in text
    assert "<bdi>Tills</bdi>" in text


def test_a_page_without_a_feed_is_said(look: Look) -> None:
    client = look(NotAFeed("https://a.example/?token=hunter2", "there is no feed"))

    text = client.post("/feeds", data={"url": "https://a.example/"}).text

    assert "there is no feed." in text
    assert "hunter2" not in text
    assert "No feed is subscribed" in client.get("/feeds").text


def test_what_cannot_be_asked_now_is_subscribed_and_said(look: Look) -> None:
    client = look(Discovered(feeds=(Outline(url="https://a.example/"),), reason="no answer in time"))

    client.post("/feeds", data={"url": "https://a.example/"})

    told = "It could not be asked now: no answer in time. It is asked at the next run."
    assert told in client.get("/feeds").text


def test_what_is_no_address_is_refused(look: Look) -> None:
    client = look(BadAddress("not a web address"))

    client.post("/feeds", data={"url": "javascript:1"})

    assert 'role="alert">Could not add' in client.get("/feeds").text


def test_new_feeds_are_asked_in_the_background(look: Look, probed: list[list[int]]) -> None:
    client = look(Discovered(feeds=(Outline(url="https://a.example/"),), is_feed=True))

    client.post("/feeds", data={"url": "https://a.example/"})
    assert "Its posts come in a moment." in client.get("/feeds").text
    client.post("/feeds", data={"url": "https://a.example/"})
    both = f"<opml>{outline('https://a.example/')}{outline('https://b.example/')}"
    answer = client.post("/feeds/import", data={"list": (BytesIO(both.encode()), "feeds.opml")})

    assert probed == [[1], [2]]
    assert "being asked now" in answer.text


def test_a_list_is_reported_line_by_line_with_counts_that_add_up(send: Send, subscribe: Keep) -> None:
    subscribe("https://known.example/feed")
    lines = [outline(f"https://a{number}.example/feed") for number in range(5)]
    lines += [outline("https://known.example/feed"), outline("mailto:x", "Nothing & <b>")]

    answer = upload(send, f"<opml><body>{''.join(lines)}</body></opml>")

    assert answer.status_code == 200
    assert "7 lines: 5 added, 1 already there, 1 not usable, 0 not a feed." in answer.text
    assert len(re.findall(r"<li value=", answer.text)) == 7
    assert "Not a web address" in answer.text


def test_a_list_of_known_feeds_adds_nothing(send: Send, subscribe: Keep) -> None:
    subscribe("https://known.example/feed")

    answer = upload(send, f"<opml><body>{outline('https://known.example/feed')}</body></opml>")

    assert "1 line: 0 added, 1 already there, 0 not usable, 0 not a feed." in answer.text


def test_a_file_that_is_no_list_is_refused_with_a_page(send: Send) -> None:
    answer = upload(send, "shopping: milk")

    assert answer.status_code == 400
    assert "outline" in answer.text


def test_no_file_is_asked_for(send: Send, page: Page) -> None:
    assert send("/feeds/import").status_code == 303
    assert "Choose a subscription list" in page("/feeds")


def test_a_feed_is_paused_and_resumed(send: Send, subscribe: Keep, page: Page) -> None:
    feed = subscribe()

    assert send(f"/feeds/{feed}/pause").location == f"/feeds/{feed}"
    assert "it is not asked until you resume it" in page(f"/feeds/{feed}")
    assert ">Resume<" in page("/feeds")

    send(f"/feeds/{feed}/resume")
    assert ">Pause<" in page(f"/feeds/{feed}")


def test_removing_asks_first(send: Send, subscribe: Keep, keep: Keep, page: Page) -> None:
    feed = subscribe(title="The Tillside")
    keep("One.", feed_id=feed)

    assert "Its post stays" in page(f"/feeds/{feed}/remove")
    assert "The Tillside" in page("/feeds")


def test_a_removed_feed_is_gone_and_its_posts_stay(
    send: Send, subscribe: Keep, keep: Keep, page: Page
) -> None:
    feed = subscribe(title="The Tillside")
    post = keep("Say sorry.", "Say sorry.", feed_id=feed)

    assert send(f"/feeds/{feed}/remove").location == "/feeds"

    assert "Removed The Tillside. Its posts stay." in page("/feeds")
    assert "Say sorry." in page(f"/posts/{post}")


@pytest.mark.parametrize("verb", ["pause", "resume", "remove"])
def test_no_feed_no_change(send: Send, verb: str) -> None:
    assert send(f"/feeds/7/{verb}").status_code == 404


@pytest.mark.parametrize("address", ["/feeds/1/pause", "/feeds/1/resume", "/feeds/import"])
def test_reading_an_address_of_a_form_changes_nothing(
    client: FlaskClient, subscribe: Keep, address: str
) -> None:
    subscribe()

    assert client.get(address).status_code in {404, 405}
