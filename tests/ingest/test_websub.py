"""Asking hubs on the loopback interface; what they do then is in tests/web/test_hub.py."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import NOW, outline
from loopback_hub import Hub
from sqlalchemy import Engine, select, update

from ingest import websub
from ingest.fetch import Limits
from ingest.websub import Call, Renewed
from kb import feeds, hubs, schema
from kb.hubs import Subscription

CALLBACK = "https://guide.example/kb/"
LIMITS = Limits(user_agent="Guidepost/test", gap=0, allow=(ip_network("127.0.0.0/8"),))
DAY = timedelta(days=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = schema.open_store(f"sqlite:///{tmp_path / 'kb.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as running:
        yield running


def subscribe(engine: Engine, hub: str, url: str = "https://a.example/feed") -> int:
    """Return the id of a feed that announces *hub*."""
    with schema.writing(engine) as db:
        feeds.subscribe(db, [outline(url)], NOW)
        number = feeds.find(db, url).id
        db.execute(update(schema.feeds).where(schema.feeds.c.id == number).values(hub=hub, self_url=url))
    return number


def renew(engine: Engine, after: timedelta = 0 * DAY, limits: Limits = LIMITS) -> Renewed:
    return websub.renew(engine, limits, CALLBACK, lambda: NOW + after)


def kept(engine: Engine) -> list[Subscription]:
    with engine.connect() as db:
        tokens = db.execute(select(schema.hubs.c.token).order_by(schema.hubs.c.feed_id)).scalars()
        return [hubs.by_token(db, token) for token in tokens]


def test_a_hub_is_asked_to_tell_of_a_feeds_news(engine: Engine, hub: Hub) -> None:
    subscribe(engine, hub.url())

    assert renew(engine) == Renewed(asked=1, ended=0, failed=0)

    (one,) = kept(engine)
    assert hub.asked == [
        {
            "hub.callback": f"https://guide.example/kb/websub/{one.token}",
            "hub.mode": "subscribe",
            "hub.topic": "https://a.example/feed",
            "hub.lease_seconds": "864000",
            "hub.secret": one.secret,
        }
    ]
    assert (one.state, one.asked_at, one.lease_until, one.reason) == ("asked", NOW, None, None)


def test_every_subscription_has_a_token_and_a_secret_that_nobody_guesses(engine: Engine, hub: Hub) -> None:
    for n in range(3):
        subscribe(engine, hub.url(), f"https://a.example/{n}")

    renew(engine)

    words = [word for one in kept(engine) for word in (one.token, one.secret)]
    assert len(set(words)) == 6
    assert all(43 <= len(word) <= 64 for word in words)


def test_nobody_is_asked_when_no_feed_announces_a_hub(engine: Engine) -> None:
    assert renew(engine) == Renewed(asked=0, ended=0, failed=0)


def test_a_hub_is_not_asked_twice(engine: Engine, hub: Hub) -> None:
    subscribe(engine, hub.url())
    renew(engine)

    assert renew(engine) == Renewed(asked=0, ended=0, failed=0)


def test_a_subscription_that_runs_out_is_renewed_under_the_same_address(engine: Engine, hub: Hub) -> None:
    number = subscribe(engine, hub.url())
    renew(engine)
    with schema.writing(engine) as db:
        hubs.verified(db, number, NOW + 10 * DAY)

    renew(engine, after=9.5 * DAY)

    first, second = hub.asked
    assert first == second


def test_a_paused_feeds_subscription_is_ended(engine: Engine, hub: Hub) -> None:
    number = subscribe(engine, hub.url())
    renew(engine)
    with schema.writing(engine) as db:
        hubs.verified(db, number, NOW + 10 * DAY)
        feeds.pause(db, number)

    assert renew(engine, after=DAY) == Renewed(asked=0, ended=1, failed=0)

    assert hub.asked[1] == {
        "hub.callback": hub.asked[0]["hub.callback"],
        "hub.mode": "unsubscribe",
        "hub.topic": "https://a.example/feed",
    }


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_may_send_us_to_another_one(engine: Engine, hub: Hub, status: int) -> None:
    hub.answers["/old"] = status, {"Location": "/new#there"}
    subscribe(engine, hub.url("/old"))

    assert renew(engine).failed == 0

    assert hub.asked[0] == hub.asked[1]
    assert kept(engine)[0].hub == hub.url("/old")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_will_do(engine: Engine, hub: Hub, status: int) -> None:
    hub.answers["/"] = status, {}
    subscribe(engine, hub.url())

    assert renew(engine).failed == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((400, {}), "the hub answered 400 Bad Request"),
        ((503, {}), "the hub answered 503 Service Unavailable"),
        ((302, {"Location": "/new"}), "the hub answered 302 Found"),
        ((307, {}), "the hub answered 307 Temporary Redirect"),
        ((307, {"Location": "/"}), "the hub redirects more than 5 times"),
        ((307, {"Location": "ftp://a.example/"}), "it leads to something else than an http or https address"),
        ((307, {"Location": "http://[::1"}), "the address cannot be used"),
        ((307, {"Location": "http://169.254.169.254/"}), "it leads to the local link"),
    ],
)
def test_a_hub_that_will_not_is_noted_with_its_feed(
    engine: Engine, hub: Hub, answer: tuple[int, dict[str, str]], reason: str
) -> None:
    hub.answers["/"] = answer
    subscribe(engine, hub.url())

    assert renew(engine) == Renewed(asked=1, ended=0, failed=1)

    assert (kept(engine)[0].reason or "").startswith(reason)


@pytest.mark.parametrize(
    "address", ["", "hub", "http://", "http://[::1", "javascript:alert(1)", "http:///hub", "//"]
)
def test_a_feed_may_announce_nonsense(engine: Engine, address: str) -> None:
    subscribe(engine, address)

    assert renew(engine).failed == 1
    assert kept(engine)[0].reason


def test_a_hub_is_asked_only_where_the_guard_allows(engine: Engine, hub: Hub) -> None:
    subscribe(engine, hub.url())

    renew(engine, limits=Limits(user_agent="Guidepost/test", gap=0))

    assert hub.asked == []
    assert "this machine itself" in (kept(engine)[0].reason or "")


def test_one_dead_hub_does_not_keep_the_others_from_being_asked(engine: Engine, hub: Hub) -> None:
    with Hub() as dead:
        pass
    subscribe(engine, dead.url(), "https://a.example/dead")
    subscribe(engine, hub.url(), "https://a.example/feed")

    assert renew(engine) == Renewed(asked=2, ended=0, failed=1)

    failed, asked = kept(engine)
    assert (failed.state, "connection failed" in (failed.reason or "")) == ("asked", True)
    assert asked.reason is None


def test_a_hub_that_turns_us_away_is_asked_no_more_in_this_run(engine: Engine, hub: Hub) -> None:
    hub.answers["/"] = 429, {"Retry-After": "60"}
    for n in range(5):
        subscribe(engine, hub.url(), f"https://a.example/{n}")

    assert renew(engine).failed == 5

    assert len(hub.asked) == 1


def test_a_dead_hub_of_many_feeds_is_called_once(engine: Engine) -> None:
    with Hub() as dead:
        pass
    for n in range(5):
        subscribe(engine, dead.url(), f"https://a.example/{n}")

    assert renew(engine).failed == 5

    assert sum("connection failed" in (one.reason or "") for one in kept(engine)) == 1


def test_a_fault_of_our_own_ends_no_run(
    engine: Engine, hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(websub, "URL", lambda _: 1 / 0)
    subscribe(engine, hub.url())

    assert renew(engine).failed == 1

    assert "fault of our own" in (kept(engine)[0].reason or "")
    assert "could not be asked" in caplog.text


def test_the_address_for_hubs_is_below_that_of_the_site() -> None:
    one = Subscription(
        feed_id=1,
        hub="https://hub.example/",
        topic="https://a.example/ü?a=1&b=2",
        token="t",
        secret="s",
        state="asked",
        asked_at=NOW,
        lease_until=None,
        reason=None,
    )
    call = Call(mode="unsubscribe", subscription=one)

    assert {
        websub.form(call, base)["hub.callback"] for base in ("https://g.example", "https://g.example//")
    } == {"https://g.example/websub/t"}
