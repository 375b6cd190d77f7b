"""Subscriptions at hubs, as they are kept."""

from datetime import timedelta

import pytest
from builders import NOW, outline
from sqlalchemy import Connection, update

from kb import feeds, hubs, schema
from kb.errors import NotFound
from kb.hubs import Subscription, Wanted

HUB = "https://hub.example/"
TOPIC = "https://a.example/feed"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def feed(db: Connection, url: str = TOPIC, hub: str | None = HUB, topic: str | None = TOPIC) -> int:
    """Return the id of a feed that announces *hub*."""
    feeds.subscribe(db, [outline(url)], NOW)
    number = feeds.find(db, url).id
    announce(db, number, hub, topic)
    return number


def announce(db: Connection, number: int, hub: str | None, topic: str | None = TOPIC) -> None:
    db.execute(update(schema.feeds).where(schema.feeds.c.id == number).values(hub=hub, self_url=topic))


def ask(
    db: Connection, token: str = "token", secret: str = "secret", after: timedelta = 0 * DAY
) -> Subscription:
    (wish,) = hubs.wanted(db, NOW + after)
    return hubs.asked(db, wish, token=token, secret=secret, now=NOW + after)


def live(db: Connection, lease: timedelta = 10 * DAY) -> Subscription:
    """Return a subscription that its hub has verified."""
    number = feed(db)
    ask(db)
    hubs.verified(db, number, NOW + lease)
    return hubs.by_token(db, "token")


def test_a_feed_that_announces_a_hub_is_to_be_subscribed_there(db: Connection) -> None:
    number = feed(db)

    assert hubs.wanted(db, NOW) == [Wanted(feed_id=number, hub=HUB, topic=TOPIC)]


@pytest.mark.parametrize(("hub", "topic"), [(None, TOPIC), (HUB, None), (None, None)])
def test_a_hub_is_never_told_an_address_that_the_feed_does_not_call_its_own(
    db: Connection, hub: str | None, topic: str | None
) -> None:
    feed(db, hub=hub, topic=topic)

    assert hubs.wanted(db, NOW) == []


@pytest.mark.parametrize("after", [0 * HOUR, 5 * HOUR])
def test_a_hub_has_hours_to_answer(db: Connection, after: timedelta) -> None:
    feed(db)
    ask(db)

    assert hubs.wanted(db, NOW + after) == []
    assert len(hubs.wanted(db, NOW + 6 * HOUR)) == 1


def test_a_hub_that_promised_to_tell_is_asked_again_a_day_before_that_ends(db: Connection) -> None:
    live(db)

    assert hubs.wanted(db, NOW + 9 * DAY) == []
    assert len(hubs.wanted(db, NOW + 9 * DAY + HOUR)) == 1


def test_a_hub_that_promises_minutes_is_not_asked_all_day_long(db: Connection) -> None:
    live(db, lease=timedelta(minutes=5))

    assert hubs.wanted(db, NOW + HOUR) == []


def test_a_renewal_keeps_token_secret_and_what_is_left_of_the_lease(db: Connection) -> None:
    live(db)

    renewed = ask(db, token="another", secret="another", after=10 * DAY - HOUR)

    assert (renewed.token, renewed.secret, renewed.state) == ("token", "secret", "asked")
    assert renewed.lease_until == NOW + 10 * DAY


def test_a_hub_that_declined_is_asked_again_after_a_week(db: Connection) -> None:
    hubs.denied(db, live(db).feed_id, "not  for\nyou\x00")

    found = hubs.by_token(db, "token")
    assert (found.state, found.lease_until, found.reason) == ("denied", None, "not for you")
    assert hubs.wanted(db, NOW + 6 * DAY) == []
    assert len(hubs.wanted(db, NOW + 7 * DAY)) == 1


def test_what_a_hub_says_is_kept_in_measure(db: Connection) -> None:
    number = live(db).feed_id

    hubs.failed(db, number, "x" * 100_000)

    assert len(hubs.by_token(db, "token").reason or "") == 300


@pytest.mark.parametrize(
    ("hub", "topic"), [("https://other.example/", TOPIC), (HUB, "https://a.example/new")]
)
def test_a_feed_that_announces_another_hub_is_subscribed_there_instead(
    db: Connection, hub: str, topic: str
) -> None:
    number = live(db).feed_id
    announce(db, number, hub, topic)

    assert not hubs.is_wanted(db, number)
    assert hubs.wanted(db, NOW + HOUR) == []  # a feed may change its mind at every request
    fresh = ask(db, token="fresh", after=6 * HOUR)

    assert (fresh.hub, fresh.topic, fresh.token, fresh.lease_until) == (hub, topic, "fresh", None)
    with pytest.raises(NotFound):
        hubs.by_token(db, "token")


def test_a_paused_feed_is_not_subscribed(db: Connection) -> None:
    feeds.pause(db, feed(db))

    assert hubs.wanted(db, NOW) == []


def test_the_live_subscription_of_a_paused_feed_is_to_be_ended(db: Connection) -> None:
    one = live(db)
    assert hubs.unwanted(db, NOW + DAY) == []
    feeds.pause(db, one.feed_id)

    assert hubs.unwanted(db, NOW + DAY) == [one]
    hubs.ending(db, one.feed_id, NOW + DAY)
    assert hubs.unwanted(db, NOW + DAY + HOUR) == []
    assert len(hubs.unwanted(db, NOW + 2 * DAY)) == 1


def test_a_live_subscription_is_to_be_ended_when_its_feed_announces_no_hub_any_more(db: Connection) -> None:
    one = live(db)
    announce(db, one.feed_id, None)

    assert hubs.unwanted(db, NOW + DAY) == [one]


def test_what_is_neither_live_nor_wanted_is_forgotten(db: Connection) -> None:
    one = live(db)
    hubs.clear(db, NOW + 99 * DAY)
    feeds.pause(db, one.feed_id)
    hubs.clear(db, NOW + DAY)
    assert hubs.by_token(db, "token") == one

    hubs.clear(db, NOW + 10 * DAY)

    with pytest.raises(NotFound):
        hubs.by_token(db, "token")


def test_a_removed_feed_takes_its_subscription_along(db: Connection) -> None:
    feeds.remove(db, live(db).feed_id)

    with pytest.raises(NotFound):
        hubs.by_token(db, "token")


def test_news_makes_a_feed_due(db: Connection) -> None:
    number = live(db).feed_id
    later = NOW + 9 * HOUR
    feeds.resume(db, number, later)

    hubs.news(db, number, NOW + HOUR)

    found = feeds.get(db, number)
    assert (found.next_due, found.why) == (
        NOW + HOUR,
        "now: its hub says that there is something new",
    )


def test_news_of_a_feed_that_is_due_already_does_not_put_it_off(db: Connection) -> None:
    number = live(db).feed_id

    hubs.news(db, number, NOW + HOUR)

    assert feeds.get(db, number).next_due == NOW


def test_a_feed_that_fails_is_left_alone_whatever_its_hub_says(db: Connection) -> None:
    number = live(db).feed_id
    db.execute(update(schema.feeds).values(failures=1, next_due=NOW + DAY))

    hubs.news(db, number, NOW)

    assert feeds.get(db, number).next_due == NOW + DAY


def test_hubs_are_asked_a_hundred_at_a_time(db: Connection) -> None:
    feeds.subscribe(db, [outline(f"https://a.example/{n}") for n in range(150)], NOW)
    db.execute(update(schema.feeds).values(hub=HUB, self_url=schema.feeds.c.url))

    first = hubs.wanted(db, NOW)
    for n, wish in enumerate(first):
        hubs.asked(db, wish, token=str(n), secret="secret", now=NOW)

    assert (len(first), len(hubs.wanted(db, NOW))) == (100, 50)
