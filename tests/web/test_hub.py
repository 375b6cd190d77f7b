"""What hubs may do at the site, and what strangers may not."""

import hmac
import urllib.parse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from kb import feeds, hubs, schema
from kb.errors import NotFound
from kb.hubs import Subscription
from web.hub import LARGEST_NEWS

HUB = "https://hub.example/"
TOPIC = "https://tillside.example/feed"
TOKEN = "a-token-of-its-own"
SECRET = "a secret of its own"
NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)  # the clock of the site
DAY = timedelta(days=1)


@pytest.fixture
def number(engine: Engine, subscribe: Callable[..., int]) -> int:
    """Return the id of a feed whose hub has just been asked; it is not due for two days."""
    feed = subscribe(TOPIC)
    change(engine, hub=HUB, self_url=TOPIC, next_due=NOW + 2 * DAY)
    with schema.writing(engine) as db:
        (wish,) = hubs.wanted(db, NOW)
        hubs.asked(db, wish, token=TOKEN, secret=SECRET, now=NOW)
    return feed


def change(engine: Engine, **values: object) -> None:
    with schema.writing(engine) as db:
        db.execute(update(schema.feeds).values(values))


def found(engine: Engine) -> Subscription | None:
    with engine.connect() as db:
        try:
            return hubs.by_token(db, TOKEN)
        except NotFound:
            return None


def call(client: FlaskClient, mode: str, token: str = TOKEN, **changed: str | None) -> TestResponse:
    """Call back like a hub."""
    asked = {"mode": mode, "topic": TOPIC, "challenge": "c & <b>d</b>", "lease_seconds": "86400"} | changed
    query = {f"hub.{name}": value for name, value in asked.items() if value is not None}
    return client.get(f"/websub/{token}?{urllib.parse.urlencode(query)}")


def tell(
    client: FlaskClient,
    body: bytes = b"<rss/>",
    token: str = TOKEN,
    method: str = "sha256",
    key: str = SECRET,
) -> TestResponse:
    """Tell of news like a hub."""
    signature = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
    return client.post(f"/websub/{token}", data=body, headers={"X-Hub-Signature": signature})


def due(engine: Engine, number: int) -> object:
    with engine.connect() as db:
        return feeds.get(db, number).next_due


# --- what was asked for


def test_a_subscription_is_confirmed_by_its_challenge(
    client: FlaskClient, engine: Engine, number: int
) -> None:
    answer = call(client, "subscribe")

    assert (answer.status_code, answer.data) == (200, b"c & <b>d</b>")
    one = found(engine)
    assert one is not None
    assert (one.state, one.lease_until) == ("verified", NOW + DAY)


def test_no_browser_shows_what_a_hub_has_us_repeat(client: FlaskClient, number: int) -> None:
    answer = call(client, "subscribe", challenge="<script>alert(1)</script>")

    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("said", "days"),
    [(None, 10), ("", 10), ("-5", 10), ("1e9", 10), ("²", 10), ("0", 0), ("999999999", 30), ("9" * 99, 10)],
)
def test_a_lease_is_taken_in_measure(
    client: FlaskClient, engine: Engine, number: int, said: str | None, days: int
) -> None:
    assert call(client, "subscribe", lease_seconds=said).status_code == 200

    one = found(engine)
    assert one is not None
    assert one.lease_until == NOW + days * DAY


def test_a_hub_may_make_sure_twice(client: FlaskClient, number: int) -> None:
    assert call(client, "subscribe").status_code == 200
    assert call(client, "subscribe").status_code == 200


@pytest.mark.parametrize(
    "unwanted", [{"state": "paused"}, {"state": "gone"}, {"hub": None}, {"self_url": "https://b.example/"}]
)
def test_what_is_not_wanted_any_more_can_be_ended_but_not_begun(
    client: FlaskClient, engine: Engine, number: int, unwanted: dict[str, object]
) -> None:
    change(engine, **unwanted)

    assert call(client, "subscribe").status_code == 404
    assert call(client, "unsubscribe").data == b"c & <b>d</b>"
    assert found(engine) is None


def test_nobody_ends_a_subscription_that_is_wanted(client: FlaskClient, engine: Engine, number: int) -> None:
    assert call(client, "unsubscribe").status_code == 404
    assert found(engine) is not None


def test_a_hub_may_decline_and_say_why(client: FlaskClient, engine: Engine, number: int) -> None:
    answer = call(client, "denied", reason="  not\nfor you ", challenge=None)

    assert (answer.status_code, answer.data) == (200, b"")
    one = found(engine)
    assert one is not None
    assert (one.state, one.lease_until, one.reason) == ("denied", None, "not for you")


def test_a_hub_that_declined_cannot_go_on_as_if_it_had_not(
    client: FlaskClient, engine: Engine, number: int
) -> None:
    call(client, "denied")

    assert call(client, "subscribe").status_code == 404
    assert tell(client).status_code == 202
    assert due(engine, number) == NOW + 2 * DAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "https://other.example/feed"},
        {"topic": None},
        {"mode": "publish"},
        {"mode": ""},
        {"mode": None},
        {"token": "another"},
    ],
)
def test_strangers_are_told_that_there_is_nothing(
    client: FlaskClient, engine: Engine, number: int, wrong: dict[str, str]
) -> None:
    before = found(engine)

    answer = call(client, **{"mode": "subscribe", **wrong})

    assert (answer.status_code, b"<b>d</b>" in answer.data) == (404, False)
    assert answer.data == client.get("/websub/nothing").data
    assert found(engine) == before


# --- news


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_news_makes_the_feed_due(client: FlaskClient, engine: Engine, number: int, method: str) -> None:
    call(client, "subscribe")

    answer = tell(client, b"<rss>anything</rss>", method=method)

    assert (answer.status_code, answer.data) == (202, b"")
    assert due(engine, number) == NOW


def test_the_signature_is_read_as_hubs_write_it(client: FlaskClient, engine: Engine, number: int) -> None:
    signature = hmac.new(SECRET.encode(), b"x", "sha256").hexdigest().upper()

    client.post(f"/websub/{TOKEN}", data=b"x", headers={"X-Hub-Signature": f" SHA256 = {signature} "})

    assert due(engine, number) == NOW


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256",
        "sha256=",
        "sha256=" + "0" * 64,
        "md5=" + hmac.new(SECRET.encode(), b"<rss/>", "md5").hexdigest(),
        "=" + hmac.new(SECRET.encode(), b"<rss/>", "sha256").hexdigest(),
        "sha256=" + hmac.new(b"another secret", b"<rss/>", "sha256").hexdigest(),
        "sha256=" + hmac.new(SECRET.encode(), b"<rss></rss>", "sha256").hexdigest(),
        "sha1=" + hmac.new(SECRET.encode(), b"<rss/>", "sha256").hexdigest(),
        "sha256=ÿþ²",
    ],
)
def test_news_without_the_right_signature_changes_nothing_and_learns_nothing(
    client: FlaskClient, engine: Engine, number: int, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Hub-Signature": signature}

    answer = client.post(f"/websub/{TOKEN}", data=b"<rss/>", headers=headers)

    assert (answer.status_code, answer.data) == (202, b"")
    assert due(engine, number) == NOW + 2 * DAY


def test_news_that_is_a_form_is_no_less_signed(client: FlaskClient, engine: Engine, number: int) -> None:
    body = b"csrf_token=none"
    headers = {"X-Hub-Signature": f"sha1={hmac.new(SECRET.encode(), body, 'sha1').hexdigest()}"}

    client.post(
        f"/websub/{TOKEN}", data=body, headers=headers, content_type="application/x-www-form-urlencoded"
    )

    assert due(engine, number) == NOW


def test_news_for_nobody_is_not_even_weighed(client: FlaskClient, number: int) -> None:
    assert tell(client, bytes(LARGEST_NEWS + 1), token="another").status_code == 404


@pytest.mark.parametrize("token", ["%00", "%FF", "x" * 5000, "a/b", "%E2%80%AE", "..%2F"])
def test_no_token_whatever_is_a_fault_of_ours(client: FlaskClient, number: int, token: str) -> None:
    assert call(client, "subscribe", token=token).status_code == 404


def test_news_is_taken_up_to_a_size(client: FlaskClient, engine: Engine, number: int) -> None:
    assert tell(client, bytes(LARGEST_NEWS + 1)).status_code == 413
    assert due(engine, number) == NOW + 2 * DAY
    assert tell(client, bytes(LARGEST_NEWS)).status_code == 202
    assert due(engine, number) == NOW


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_there_is_nothing_else_to_do_here(client: FlaskClient, number: int, method: str) -> None:
    assert getattr(client, method)(f"/websub/{TOKEN}").status_code == 405


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["mode", "topic", "challenge", "lease_seconds", "reason"]), st.text()))
@example({"mode": "denied", "topic": TOPIC, "reason": "\0\ud800\u202e"})
@example({"mode": "subscribe", "topic": TOPIC, "challenge": "\r\nSet-Cookie: a=b"})
def test_no_call_whatever_is_a_fault_of_ours(client: FlaskClient, number: int, said: dict[str, str]) -> None:
    query = {f"hub.{name}": value.encode("utf-8", "surrogatepass") for name, value in said.items()}

    answer = client.get(f"/websub/{TOKEN}?{urllib.parse.urlencode(query)}")

    assert answer.status_code in {200, 404}
    assert "Set-Cookie" not in answer.headers
