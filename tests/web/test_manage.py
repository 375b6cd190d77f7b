import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Keep = Callable[..., int]
Page = Callable[[str], str]
Send = Callable[..., TestResponse]


def outline(url: str, title: str = "A blog") -> str:
    return f'<outline type="rss" text="{title}" xmlUrl="{url}"/>'


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


def test_a_list_is_reported_line_by_line_with_counts_that_add_up(send: Send, subscribe: Keep) -> None:
    subscribe("https://known.example/feed")
    lines = [outline(f"https://a{number}.example/feed") for number in range(5)]
    lines += [outline("https://known.example/feed"), outline("mailto:x", "Nothing & <b>")]

    answer = upload(send, f"<opml><body>{''.join(lines)}</body></opml>")

    assert answer.status_code == 200
    assert "7 lines: 5 added, 1 already there, 1 not usable." in answer.text
    assert len(re.findall(r"<li value=", answer.text)) == 7
    assert "Not a web address" in answer.text


def test_a_list_of_known_feeds_adds_nothing(send: Send, subscribe: Keep) -> None:
    subscribe("https://known.example/feed")

    answer = upload(send, f"<opml><body>{outline('https://known.example/feed')}</body></opml>")

    assert "1 line: 0 added, 1 already there, 0 not usable." in answer.text


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
