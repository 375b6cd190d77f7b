import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection, event

from kb import posts, principles
from kb.errors import NotFound
from kb.model import Filing
from kb.posts import Origins


def keep(db: Connection, site: str, *sentences: str, topics: tuple[str, ...] = (), name: str = "1") -> None:
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    made = digest(*sentences, topics=topics, publisher=site, title=f"Post of {site}")
    posts.keep(db, raw(" ".join(sentences), name=name), origins, [made], NOW)


def test_what_two_sources_say_alike_is_one_principle(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    keep(db, "b.example", "Take responsibility for your mistakes.")

    (number,) = principles.ids(db)
    found = principles.get(db, number)
    assert found.sources == 2
    assert {quote.post.publisher for quote in found.evidence} == {"a.example", "b.example"}


def test_the_best_quote_comes_first_and_gives_the_wording(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility for your mistakes.")
    keep(db, "b.example", "Take responsibility.")

    found = principles.get(db, 1)
    assert found.evidence[0].text == found.text


def test_one_publisher_counts_once_however_often_it_says_so(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", name="1")
    keep(db, "a.example", "Take responsibility!", name="2")

    assert principles.get(db, 1).sources == 1
    assert len(principles.get(db, 1).evidence) == 2


def test_different_advice_stays_apart(db: Connection) -> None:
    keep(db, "a.example", "Never argue with a customer.", "Answer within a day.")

    assert len(principles.ids(db)) == 2


def test_losing_a_quote_lowers_the_support(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    keep(db, "b.example", "Take responsibility.")

    keep(db, "b.example", "Answer within a day.")

    assert principles.get(db, 1).sources == 1


def test_a_principle_without_quotes_goes(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")

    keep(db, "a.example", "Answer within a day.")

    with pytest.raises(NotFound):
        principles.get(db, 1)


def test_the_topics_of_its_quotes_are_voted_on(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", topics=("trust", "recovery"))
    keep(db, "b.example", "Take responsibility.", topics=("responsibility", "trust"))
    keep(db, "c.example", "Take responsibility.", topics=("responsibility", "culture"))

    filed = principles.get(db, 1).topics
    assert [filing.topic for filing in filed] == ["responsibility", "trust", "culture"]
    assert filed[0] == Filing(topic="responsibility", words=("word",))


def test_topics_are_counted_and_listed_by_support(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer within a day.", topics=("trust",))
    keep(db, "b.example", "Answer within a day.", topics=("trust",))

    assert principles.topic_counts(db) == {"trust": 2}
    assert [found.text for found in principles.by_topic(db, "trust", 5)] == [
        "Answer within a day.",
        "Take responsibility.",
    ]
    assert [found.text for found in principles.by_topic(db, "trust", 5, 1)] == ["Take responsibility."]


def test_the_newest_come_first_one_from_a_post(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer within a day.")
    keep(db, "b.example", "Say sorry first.", "Smile at everyone who comes in.")

    assert [found.text for found in principles.newest(db, 5)] == [
        "Say sorry first.",
        "Take responsibility.",
    ]
    assert len(principles.newest(db, 1)) == 1


def test_many_keeps_the_order_asked_for_and_leaves_unknown_ids_out(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer within a day.")

    assert list(principles.many(db, [2, 99, 1])) == [2, 1]


def test_the_same_quote_twice_in_a_post_is_two_quotes_of_one_principle(db: Connection) -> None:
    keep(db, "a.example", "Fix the cause.", "Answer within a day.", "Fix the cause.")
    keep(db, "a.example", "Fix the cause.", "Fix the cause.")

    assert len(principles.ids(db)) == 1
    assert len(principles.get(db, 1).evidence) == 2


def test_what_a_thousand_posts_say_costs_no_more_statements_than_what_ten_say(db: Connection) -> None:
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts = []
    for number in range(60):
        statements.clear()
        keep(db, f"s{number}.example", "Take responsibility.", name=str(number))
        counts.append(len(statements))

    assert counts[9] == counts[59]
    assert principles.get(db, 1).sources == 60


def test_a_principle_that_many_posts_of_a_run_say_is_worked_out_once(db: Connection) -> None:
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))
    found = [(raw(str(n), name=str(n)), [digest("Take responsibility.")]) for n in range(30)]

    posts.keep_all(db, found, Origins(source="https://a.example/feed", origin="feed"), NOW)

    assert sum(one.startswith("UPDATE principles") for one in statements) == 1
