import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection, Update, delete, event, select, update
from sqlalchemy.engine import Engine

from kb import facts, filing, posts, principles, schema, tensions
from kb.errors import NotFound
from kb.model import Origins
from kb.schema import principle_marks
from kb.schema import principles as principle_rows
from kb.schema import tensions as rows

SCRIPT, NO_SCRIPT = "Script every call.", "Throw away the script."
RIGHT, NOT_RIGHT = "The customer is always right.", "The customer is not always right."


def keep(db: Connection, site: str, *sentences: str) -> None:
    """Keep a post of these quotes in place of the site's earlier one, and catch up."""
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    made = digest(*sentences, publisher=site, title=f"Post of {site}")
    posts.keep(db, raw(" ".join(sentences)), origins, [made], NOW)
    tensions.find(db, principles.ids(db))


def views(db: Connection, text: str) -> list[str]:
    return [view.text for view in tensions.of(db, number(db, text))]


def number(db: Connection, text: str) -> int:
    return next(found.id for found in principles.many(db, principles.ids(db)).values() if found.text == text)


@pytest.mark.parametrize(("earlier", "later"), [(SCRIPT, NO_SCRIPT), (NO_SCRIPT, SCRIPT)])
def test_each_is_another_view_of_the_other_whichever_came_first(
    db: Connection, earlier: str, later: str
) -> None:
    keep(db, "a.example", earlier)
    keep(db, "b.example", later)

    assert (views(db, earlier), views(db, later)) == ([later], [earlier])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RIGHT, NOT_RIGHT),
        ("Put customers first.", "Your staff come first."),
        ("Quality over quantity.", "Choose quantity rather than quality."),
        ("Answer within the hour.", "Take your time with an answer."),
        ("Learn to say no to customers.", "Never say no to a customer."),
    ],
)
def test_all_kinds_of_tension_are_found_among_others(db: Connection, one: str, other: str) -> None:
    keep(db, "a.example", one, "Smile at everyone who comes in.", "Measure what matters.")
    keep(db, "b.example", "Never argue about the weather.", other, "Thank your staff.")

    assert views(db, one) == [other]


def test_a_view_says_who_holds_it(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT)
    keep(db, "c.example", NO_SCRIPT)

    (view,) = tensions.of(db, number(db, SCRIPT))

    assert (view.sources, view.state) == (2, "found")
    assert [post.title for post in view.posts] == ["Post of b.example", "Post of c.example"]


def test_a_post_that_says_it_twice_is_named_once(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT, NO_SCRIPT)

    assert len(tensions.of(db, number(db, SCRIPT))[0].posts) == 1


def test_what_agrees_is_no_other_view(db: Connection) -> None:
    keep(db, "a.example", "Don't argue about the price.", "Never sell on a support call.")
    keep(db, "b.example", "Argue your case in the team meeting.", "Sell only what people need.")

    assert tensions.all(db) == []


def test_what_nobody_says_any_more_is_no_other_view(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT)
    keep(db, "b.example", "Thank your staff.")

    assert views(db, SCRIPT) == []


def test_a_new_wording_is_judged_anew(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT)
    db.execute(principles_wording(number(db, NO_SCRIPT), "Thank your staff."))

    tensions.find(db, [number(db, "Thank your staff.")])

    assert views(db, SCRIPT) == []
    assert marks(db) == []


def principles_wording(principle_id: int, text: str) -> Update:
    return update(principle_rows).where(principle_rows.c.id == principle_id).values(text=text)


def marks(db: Connection) -> list[str]:
    return list(db.execute(select(principle_marks.c.mark)).scalars())


def test_catching_up_twice_changes_nothing(db: Connection) -> None:
    keep(db, "a.example", SCRIPT, RIGHT)
    keep(db, "b.example", NO_SCRIPT, NOT_RIGHT)
    before = tensions.all(db)

    tensions.find(db, principles.ids(db))

    assert tensions.all(db) == before
    assert len(before) == 2


def test_all_are_found_anew_when_the_rules_have_changed(engine: Engine) -> None:
    with schema.writing(engine) as db:
        keep(db, "a.example", SCRIPT, NO_SCRIPT)
    tensions.catch_up(engine)
    with schema.writing(engine) as db:
        db.execute(delete(rows))
        facts.put(db, "tension rules", "0")

    assert tensions.catch_up(engine) == 2

    with engine.connect() as db:
        assert views(db, SCRIPT) == [NO_SCRIPT]
    assert tensions.catch_up(engine) == 0


def test_very_many_are_caught_up_with_in_several_runs(engine: Engine) -> None:
    with schema.writing(engine) as db:
        keep(db, "a.example", SCRIPT, NO_SCRIPT)
        tensions.queue(db, [1, 2, 2])

    assert [tensions.catch_up(engine, most=1) for _ in range(3)] == [1, 1, 0]

    with engine.connect() as db:
        assert views(db, SCRIPT) == [NO_SCRIPT]


def test_only_what_is_worded_anew_is_looked_at_again(engine: Engine) -> None:
    with schema.writing(engine) as db:
        keep(db, "a.example", "Take responsibility for your mistakes, whoever asks you to do so.")
    tensions.catch_up(engine)
    with schema.writing(engine) as db:
        keep(db, "b.example", "Take responsibility for your mistakes, whoever asks you to do so.")
    assert tensions.catch_up(engine) == 0

    with schema.writing(engine) as db:
        keep(db, "c.example", "Take responsibility.")

    assert tensions.catch_up(engine) == 1


def test_nothing_to_catch_up_with_is_fine(db: Connection) -> None:
    tensions.find(db, [])
    tensions.find(db, [99])

    assert tensions.all(db) == []


def test_a_dismissed_one_is_hidden_and_not_found_again(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT)

    tensions.dismiss(db, number(db, NO_SCRIPT), number(db, SCRIPT))
    tensions.find(db, principles.ids(db))

    assert views(db, SCRIPT) == views(db, NO_SCRIPT) == []
    assert [found.state for found in tensions.all(db)] == ["dismissed"]


def test_a_confirmed_one_stays_though_the_finder_does_not_see_it(db: Connection) -> None:
    keep(db, "a.example", "Thank your staff.", "Smile at everyone who comes in.", SCRIPT, NO_SCRIPT)

    tensions.confirm(db, 1, 2)
    tensions.find(db, principles.ids(db))

    assert [view.state for view in tensions.of(db, 1)] == ["confirmed"]
    assert [found.texts[0] for found in tensions.all(db, "confirmed")] == ["Thank your staff."]


def test_a_curator_can_think_better_of_it(db: Connection) -> None:
    keep(db, "a.example", SCRIPT, NO_SCRIPT)

    tensions.dismiss(db, 1, 2)
    tensions.confirm(db, 1, 2)

    assert [(found.one, found.other, found.state) for found in tensions.all(db)] == [(1, 2, "confirmed")]


def test_confirmed_views_come_before_found_ones(db: Connection) -> None:
    keep(db, "a.example", SCRIPT, "Thank your staff.", NO_SCRIPT)

    tensions.confirm(db, number(db, SCRIPT), number(db, "Thank your staff."))

    assert views(db, SCRIPT) == ["Thank your staff.", NO_SCRIPT]


@pytest.mark.parametrize("other", [1, 99])
def test_a_decision_takes_two_principles(db: Connection, other: int) -> None:
    keep(db, "a.example", SCRIPT)

    with pytest.raises(NotFound):
        tensions.confirm(db, 1, other)


def test_a_decision_follows_the_quotes_to_another_principle(db: Connection) -> None:
    keep(db, "a.example", SCRIPT, NO_SCRIPT, "Thank your staff.", "Smile at everyone who comes in.")
    tensions.dismiss(db, 1, 2)
    tensions.confirm(db, 2, 3)
    tensions.confirm(db, 2, 4)

    tensions.follow(db, gone=2, into=4)

    assert {(found.one, found.other): found.state for found in tensions.all(db) if found.other == 4} == {
        (1, 4): "dismissed",
        (2, 4): "confirmed",
        (3, 4): "confirmed",
    }


def test_a_principle_that_goes_takes_its_tensions_with_it(db: Connection) -> None:
    keep(db, "a.example", SCRIPT)
    keep(db, "b.example", NO_SCRIPT)
    tensions.confirm(db, 1, 2)

    filing.clear(db, posts.ids(db)[1:])

    assert db.execute(select(rows)).all() == []


def test_catching_up_with_many_takes_few_statements(db: Connection) -> None:
    keep(db, "a.example", *(f"Never script call {number}." for number in range(40)), SCRIPT)
    statements: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *told: statements.append(told[2]))

    tensions.find(db, principles.ids(db))

    assert len(statements) < 60
