from contextlib import suppress

import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection, delete, event
from sqlalchemy.engine import Engine

from kb import changes, filing, posts, principles, schema
from kb.errors import NotFound
from kb.model import Filing, Origins, Quote
from kb.schema import facts, sense_terms, senses
from kb.shelf import Shelf


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

    filing.file(db, {1: []}, NOW)

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
    keep(db, "a.example", "Fix the cause.", "Fix the cause.", "Answer within a day.")

    assert len(principles.ids(db)) == 2
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
    first, *others = posts_of(db, 31)
    filing.file(db, {first: quotes_of("Take responsibility.")}, NOW)
    statements.clear()

    filing.file(db, {number: quotes_of("Take responsibility.") for number in others}, NOW)

    assert sum(one.startswith("UPDATE principles") for one in statements) == 1
    assert principles.get(db, 1).sources == 31


def test_filing_many_posts_takes_as_many_statements_as_filing_few(db: Connection) -> None:
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts = []
    ids = posts_of(db, 24)
    for some in (ids[:4], ids[4:]):
        statements.clear()
        filing.file(db, {n: quotes_of(f"Answer letter {n}.", "Smile warmly.") for n in some}, NOW)
        counts.append(len(statements))

    assert counts[1] <= counts[0] + 6


def quotes_of(*sentences: str) -> tuple[Quote, ...]:
    return digest(*sentences).quotes


def posts_of(db: Connection, count: int) -> list[int]:
    """Keep so many posts, each of a publisher of its own, without guidance, and return their ids."""
    for number in range(count):
        keep(db, f"s{number}.example", name=str(number))
    return posts.ids(db)


def test_one_shelf_for_a_run_finds_what_a_new_one_each_time_finds(db: Connection) -> None:
    said = [
        ("Take responsibility.", "Answer within a day."),
        ("Own your mistakes.", "Answer letters within one day.", "Smile."),
        ("Take responsibility for delays.", "Own your mistakes."),
    ]
    first, second = posts_of(db, 3), Shelf()
    for post_id, sentences in zip(first, said, strict=True):
        filing.file(db, {post_id: quotes_of(*sentences)}, NOW, second)
    with_one = principles.many(db, principles.ids(db))
    filing.clear(db, first)

    for post_id, sentences in zip(first, said, strict=True):
        filing.file(db, {post_id: quotes_of(*sentences)}, NOW)

    apart = principles.many(db, principles.ids(db)).values()
    assert [alike.text for alike in apart] == [alike.text for alike in with_one.values()]
    assert [alike.sources for alike in apart] == [alike.sources for alike in with_one.values()]


def test_a_shelf_forgets_what_was_rolled_back(engine: Engine) -> None:
    shelf = Shelf()
    with schema.writing(engine) as db:
        first, second = posts_of(db, 2)
    with suppress(RuntimeError), schema.writing(engine) as db:
        filing.file(db, {first: quotes_of("Take responsibility.")}, NOW, shelf)
        raise RuntimeError

    with schema.writing(engine) as db:
        filing.file(db, {second: quotes_of("Take responsibility.")}, NOW, shelf)
        (number,) = principles.ids(db)
        assert principles.get(db, number).sources == 1


def test_a_shelf_that_failed_half_way_is_not_trusted_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    with schema.writing(engine) as db:
        (only,) = posts_of(db, 1)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, suppress(RuntimeError), schema.writing(engine) as db:
        patched.setattr(changes, "queue", fail)
        filing.file(db, {only: quotes_of("Take responsibility.")}, NOW, shelf)
    with schema.writing(engine) as db:
        filing.file(db, {only: quotes_of("Take responsibility.")}, NOW, shelf)

        assert len(principles.ids(db)) == 1


def test_a_shelf_sees_what_another_process_wrote_meanwhile(engine: Engine) -> None:
    shelf = Shelf()
    with schema.writing(engine) as db:
        first, second, third = posts_of(db, 3)
        filing.file(db, {first: quotes_of("Smile.")}, NOW, shelf)
    with schema.writing(engine) as db:
        filing.file(db, {second: quotes_of("Take responsibility.")}, NOW)

    with schema.writing(engine) as db:
        filing.file(db, {third: quotes_of("Own your mistakes.")}, NOW, shelf)

        assert len(principles.ids(db)) == 2


def test_the_newest_quote_may_have_gone_before_the_next_comes(db: Connection) -> None:
    first, second, third = posts_of(db, 3)
    filing.file(db, {first: quotes_of("Smile."), second: quotes_of("Take responsibility.")}, NOW)
    filing.clear(db, [second])
    shelf = Shelf()

    filing.file(db, {third: quotes_of("Own your mistakes.", "Own mistakes.")}, NOW, shelf)
    filing.file(db, {second: quotes_of("Take responsibility.")}, NOW, shelf)

    assert [principles.get(db, number).sources for number in principles.ids(db)] == [1, 2]


def test_what_a_run_removes_is_found_no_more(db: Connection) -> None:
    first, second = posts_of(db, 2)
    shelf = Shelf()
    filing.file(db, {first: quotes_of("Take responsibility.", "Smile.")}, NOW, shelf)

    filing.file(db, {first: quotes_of("Smile."), second: quotes_of("Own your mistakes.")}, NOW, shelf)

    found = principles.many(db, principles.ids(db)).values()
    assert {one.text: one.sources for one in found} == {"Smile.": 1, "Own your mistakes.": 1}


def test_of_two_posts_that_say_it_alike_one_may_go_and_the_principle_is_still_found(db: Connection) -> None:
    first, second, third = posts_of(db, 3)
    shelf = Shelf()
    both = {first: quotes_of("Take responsibility."), second: quotes_of("Take responsibility.")}
    filing.file(db, both, NOW, shelf)

    filing.clear(db, [first], shelf)
    filing.file(db, {third: quotes_of("Take responsibility.")}, NOW, shelf)

    assert principles.get(db, 1).sources == 2


def test_the_sum_of_a_much_quoted_principle_goes_on_growing(db: Connection) -> None:
    shelf = Shelf()
    ids = posts_of(db, filing.MANY + 3)
    most, (one, other, last) = ids[:-3], ids[-3:]
    filing.file(db, {post_id: quotes_of("Take responsibility.") for post_id in most}, NOW, shelf)

    filing.file(db, {one: quotes_of("Take responsibility!")}, NOW, shelf)
    filing.file(db, {other: quotes_of("Take responsibility.")}, NOW, shelf)
    assert principles.get(db, 1).sources == filing.MANY + 2

    filing.clear(db, [one, other], shelf)
    filing.file(db, {last: quotes_of("Take responsibility.")}, NOW, shelf)
    assert principles.get(db, 1).sources == filing.MANY + 1


def test_a_changed_quote_gives_neither_support_nor_wording_while_there_are_others(db: Connection) -> None:
    first, second = posts_of(db, 2)
    filing.file(db, {first: quotes_of("Own your mistakes."), second: quotes_of("Take responsibility.")}, NOW)

    filing.outdate(db, second, ["Take responsibility."], 7)

    found = principles.get(db, 1)
    assert (found.text, found.sources) == ("Own your mistakes.", 1)
    assert [(quote.text, quote.changed) for quote in found.evidence] == [
        ("Own your mistakes.", False),
        ("Take responsibility.", True),
    ]


def test_changed_quotes_word_a_principle_that_has_no_others(db: Connection) -> None:
    (only,) = posts_of(db, 1)
    filing.file(db, {only: quotes_of("Take responsibility.", "Smile.")}, NOW)

    filing.outdate(db, only, ["Take responsibility.", "Not there."], 7)

    assert (principles.get(db, 1).text, principles.get(db, 1).sources) == ("Take responsibility.", 0)
    assert principles.get(db, 2).sources == 1


def test_filing_leaves_changed_quotes_alone_until_their_version_is_forgotten(db: Connection) -> None:
    (only,) = posts_of(db, 1)
    filing.file(db, {only: quotes_of("Take responsibility.")}, NOW)
    filing.outdate(db, only, ["Take responsibility."], 7)

    filing.file(db, {only: quotes_of("Smile.")}, NOW)
    assert len(principles.ids(db)) == 2

    filing.forget(db, only, [6])
    filing.forget(db, only, [7])
    assert [principles.get(db, number).text for number in principles.ids(db)] == ["Smile."]


def test_terms_of_an_earlier_way_are_made_anew(db: Connection) -> None:
    first, second = posts_of(db, 2)
    filing.file(db, {first: quotes_of("Take responsibility.")}, NOW)
    db.execute(delete(sense_terms))
    db.execute(delete(senses))
    db.execute(delete(facts))

    filing.file(db, {second: quotes_of("Own your mistakes.")}, NOW)

    assert principles.get(db, 1).sources == 2
