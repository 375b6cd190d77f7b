"""From the first request to a hub to the news it tells of: real servers on both sides."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
import waitress
from flask import Flask
from loopback_hub import Hub
from sqlalchemy import Engine, update

from ingest import websub
from ingest.fetch import Limits
from ingest.websub import Renewed
from kb import feeds, schema

TOPIC = "https://tillside.example/feed"
LIMITS = Limits(user_agent="Guidepost/test", gap=0, allow=(ip_network("127.0.0.0/8"),))
NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)  # the clock of the site
DAY = timedelta(days=1)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as running:
        yield running


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The site, served as it is in earnest."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def number(engine: Engine, hub: Hub, subscribe: Callable[..., int]) -> int:
    """Return the id of a feed that announces the hub and is not due for two days."""
    feed = subscribe(TOPIC)
    change(engine, hub=hub.url(), self_url=TOPIC, next_due=NOW + 2 * DAY)
    return feed


def change(engine: Engine, **values: object) -> None:
    with schema.writing(engine) as db:
        db.execute(update(schema.feeds).values(values))


def renew(engine: Engine, address: str, after: timedelta = 0 * DAY) -> Renewed:
    return websub.renew(engine, LIMITS, address, lambda: NOW + after)


def is_due(engine: Engine) -> bool:
    with engine.connect() as db:
        return bool(feeds.due(db, NOW))


def test_a_hub_tells_of_news_for_as_long_as_it_is_wanted(
    engine: Engine, hub: Hub, address: str, number: int
) -> None:
    assert renew(engine, address) == Renewed(asked=1, ended=0, failed=0)
    (wish,) = hub.asked
    assert hub.verify(wish)

    assert hub.tell(wish, b"<rss>something else</rss>", secret="guessed") == 202
    assert not is_due(engine)
    assert hub.tell(wish, b"<rss>news</rss>" * 50_000) == 202
    assert is_due(engine)

    renew(engine, address, after=9.5 * DAY)
    assert hub.verify(hub.asked[1], "again")
    change(engine, state="paused")
    assert not hub.verify(hub.asked[1])
    assert renew(engine, address, after=DAY * 9.8).ended == 1
    assert hub.verify(hub.asked[2])
    assert hub.tell(wish, b"<rss/>") == 404


def test_a_hub_may_make_sure_before_it_answers(engine: Engine, hub: Hub, address: str, number: int) -> None:
    hub.hurries = True

    assert renew(engine, address).failed == 0

    assert hub.verified == [True]


def test_a_stranger_cannot_subscribe_us_elsewhere(
    engine: Engine, hub: Hub, address: str, number: int
) -> None:
    renew(engine, address)
    wish = dict(hub.asked[0])

    assert not hub.verify(wish | {"hub.topic": "https://other.example/feed"})
    assert not hub.verify(wish | {"hub.callback": f"{address}/websub/guessed"})
    assert not hub.verify(wish | {"hub.mode": "unsubscribe"})


def test_a_hub_that_declines_is_taken_at_its_word(
    engine: Engine, hub: Hub, address: str, number: int
) -> None:
    renew(engine, address)
    (wish,) = hub.asked

    assert hub.verify(wish | {"hub.mode": "denied"}, challenge="", reason="we are full")

    assert renew(engine, address, after=6 * DAY) == Renewed(asked=0, ended=0, failed=0)
    assert renew(engine, address, after=7 * DAY).asked == 1
