"""The pages of the subscriptions: how feeds do, what is suggested, and no secrets."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from kb import feeds, schema
from kb.schema import feeds as table

Keep = Callable[..., int]
Page = Callable[[str], str]
Send = Callable[..., TestResponse]

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
SECRET = "https://paid.example/feed?token=hunter2"


@pytest.fixture
def known(engine: Engine, subscribe: Keep) -> Keep:
    """Subscribe a feed of which these columns are known, and return its id."""

    def add(url: str = "https://tillside.example/feed", **columns: object) -> int:
        feed = subscribe(url)
        with schema.writing(engine) as db:
            db.execute(update(table).where(table.c.id == feed).values(columns))
        return feed

    return add


def test_a_feed_says_when_it_is_asked_again_and_why(page: Page, known: Keep) -> None:
    why = "about every 12 hours: it posts about every 3 days"
    feed = known(next_due=NOW + timedelta(hours=12), why=why, checked_at=NOW)

    text = page(f"/feeds/{feed}")

    assert "<dd>in 12 hours</dd>" in text
    assert "<dd>About every 12 hours: it posts about every 3 days.</dd>" in text


def test_a_feed_says_since_when_it_fails_and_why(page: Page, known: Keep) -> None:
    feed = known(
        failures=3, failing_since=NOW - timedelta(days=3), reason="the server answered 500", checked_at=NOW
    )

    text = page(f"/feeds/{feed}")

    assert "The server answered 500." in text
    assert "3 May 2024" in text.partition("Failing since")[2].partition("</dd>")[0]


def test_a_feed_says_where_it_has_moved_and_what_tells_of_its_news(page: Page, known: Keep) -> None:
    text = page(f"/feeds/{known(moved_to='https://new.example/feed', hub='https://hub.example/')}")

    assert 'href="https://new.example/feed"' in text
    assert 'href="https://hub.example/"' in text


def test_a_suggested_address_is_taken_when_a_person_says_so(page: Page, known: Keep, send: Send) -> None:
    feed = known(suggestion="https://new.example/feed")
    assert "Its site now announces another feed" in page(f"/feeds/{feed}")
    assert "Another feed is suggested" in page("/feeds")

    assert send(f"/feeds/{feed}/move", to="https://new.example/feed").location == f"/feeds/{feed}"

    text = page(f"/feeds/{feed}")
    assert "Moved to https://new.example/feed." in text
    assert "announces another feed" not in text


def test_a_suggestion_is_dismissed(page: Page, known: Keep, send: Send) -> None:
    feed = known(suggestion="https://new.example/feed")

    send(f"/feeds/{feed}/dismiss")

    assert "announces another feed" not in page(f"/feeds/{feed}")


def test_only_the_address_that_was_shown_is_taken(known: Keep, send: Send, page: Page) -> None:
    feed = known(suggestion="https://newer.example/feed")

    assert send(f"/feeds/{feed}/move", to="https://new.example/feed").status_code == 404
    assert send(f"/feeds/{feed}/move").status_code == 404
    assert send("/feeds/9/move").status_code == send("/feeds/9/dismiss").status_code == 404
    assert "https://tillside.example/feed" in page(f"/feeds/{feed}")


def test_an_address_that_another_feed_has_is_not_taken(known: Keep, subscribe: Keep, send: Send) -> None:
    subscribe("https://new.example/feed")
    feed = known(suggestion="https://new.example/feed")

    assert send(f"/feeds/{feed}/move", to="https://new.example/feed").status_code == 400


def test_no_page_shows_a_secret(client: FlaskClient, engine: Engine, known: Keep, keep: Keep) -> None:
    feed = known(
        SECRET, site_url=SECRET, moved_to=SECRET, suggestion=SECRET, hub=SECRET, failures=1, reason="no"
    )
    keep("Say sorry.", "Say sorry.", feed_id=feed)

    for address in (
        "/feeds",
        f"/feeds/{feed}",
        f"/feeds/{feed}/remove",
        "/feeds.opml",
        "/posts/1",
        "/principles/1",
    ):
        assert "hunter2" not in client.get(address).text, address
    assert "paid.example/feed?token=…" in html.unescape(client.get(f"/feeds/{feed}").text)


def test_a_secret_stays_out_of_messages_and_reports(send: Send, page: Page, client: FlaskClient) -> None:
    send("/feeds", url=SECRET)
    assert "Added https://paid.example/feed?token=…" in page("/feeds")
    send("/feeds", url=SECRET)
    assert "hunter2" not in page("/feeds")


def test_the_list_to_take_along_leaves_secrets_out_and_says_so(page: Page, subscribe: Keep) -> None:
    subscribe(SECRET)
    subscribe()

    assert "Download the list of 1 feed" in page("/feeds")
    assert "One feed has a secret in the address and is left out." in page("/feeds")
    assert "paid.example" not in page("/feeds.opml")
    subscribe(SECRET + "3")
    assert "2 feeds have a secret in the address and are left out." in page("/feeds")


def test_a_suggested_secret_can_be_taken_without_being_shown(
    page: Page, known: Keep, send: Send, engine: Engine
) -> None:
    feed = known(suggestion=SECRET)

    send(f"/feeds/{feed}/move", to="https://paid.example/feed?token=…")

    with engine.connect() as db:
        assert feeds.get(db, feed).url == SECRET
