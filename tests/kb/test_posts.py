import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import DOCUMENT, FEED, NOW, STARTER, digest, post, raw
from sqlalchemy import Connection, func, select

from kb import changes, feeds, posts, principles, raws, schema
from kb import quotes as kb_quotes
from kb.errors import NotFound
from kb.model import Block, Digest, Outline, StoredPost
from kb.posts import Found, Kept, Origins


def count(db: Connection, table: str) -> int:
    return int(db.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one())


def test_a_post_comes_back_as_it_was_kept(db: Connection) -> None:
    made = digest(
        "Own it.",
        "Never blame.",
        topics=("responsibility",),
        author="Ann",
        url="https://a.example/own",
        published=NOW,
        tags=("service",),
        blocks=(Block(kind="item", start=0, end=20, level=2, strong=((0, 7),)),),
    )

    posts.keep(db, raw("x"), FEED, [made], NOW)

    found = posts.get(db, 1)
    assert (found.text, found.blocks, found.tags) == (made.post.text, made.post.blocks, ("service",))
    assert (found.ref.author, found.ref.url, found.ref.published) == ("Ann", "https://a.example/own", NOW)
    assert [(quote.text, quote.start, quote.topics) for quote in found.quotes] == [
        ("Own it.", 0, ("responsibility",)),
        ("Never blame.", 8, ("responsibility",)),
    ]


def test_what_the_source_did_not_say_stays_unknown(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.")], NOW)

    ref = posts.get(db, 1).ref
    assert (ref.author, ref.published, ref.url, ref.feed) == (None, None, None, None)


def test_the_raw_source_is_kept_whole(db: Connection) -> None:
    posts.keep(db, raw("the very bytes"), FEED, [digest("Own it.")], NOW)

    (raw_id,) = raws.ids(db)
    stored = raws.get(db, raw_id)
    assert (stored.raw, stored.origins) == (raw("the very bytes"), FEED)


def test_an_edited_post_is_updated_and_keeps_its_id(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.")], NOW)

    kept = posts.keep(db, raw("y"), FEED, [digest("Own it.", "Say sorry first.")], NOW)

    assert kept == Kept(updated=1)
    assert posts.ids(db) == [1]
    assert [quote.text for quote in posts.get(db, 1).quotes] == ["Own it.", "Say sorry first."]


def test_entries_of_two_feeds_may_have_one_name(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.")], NOW)
    posts.keep(db, raw("y"), Origins(source="https://b.example/", origin="feed"), [digest("Own it.")], NOW)

    assert len(posts.ids(db)) == 2


def test_a_document_is_known_by_its_name_however_it_was_given(db: Connection) -> None:
    first = raw("x", name="/home/a/notes.txt", kind="document")
    posts.keep(db, first, DOCUMENT, [digest("Own it.")], NOW)

    again = raw("y", name="/home/a/notes.txt", kind="document")
    posts.keep(db, again, Origins(source="./notes.txt", origin="document"), [digest("Own it.")], NOW)

    assert posts.ids(db) == [1]
    assert posts.get(db, 1).ref.source == "./notes.txt"


def test_a_document_of_the_same_content_is_known(db: Connection) -> None:
    posts.keep(db, raw("x", name="/a", kind="document"), DOCUMENT, [digest("Own it.")], NOW)

    assert raws.has_document(db, raw("x", name="/b", kind="document"))
    assert not raws.has_document(db, raw("y", name="/a", kind="document"))


def test_a_post_that_has_left_its_document_goes(db: Connection) -> None:
    both = [digest("Own it.", key="1"), digest("Smile at people.", key="2")]
    posts.keep(db, raw("x", kind="document"), DOCUMENT, both, NOW)

    posts.keep(db, raw("y", kind="document"), DOCUMENT, both[:1], NOW)

    assert posts.ids(db) == [1]
    assert count(db, "quotes") == count(db, "principles") == 1


def test_digesting_again_keeps_what_still_stands(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.", "Smile at people.")], NOW)
    before = principles.get(db, 1)

    posts.redo(db, raws.get(db, 1), [digest("Own it.", "Say sorry first.")], NOW)

    assert principles.get(db, 1).id == before.id
    assert principles.get(db, 1).text == "Own it."
    with pytest.raises(NotFound):
        principles.get(db, 2)


def test_one_origin_can_be_removed_whole(db: Connection) -> None:
    posts.keep(db, raw("x", name="s", kind="document"), STARTER, [digest("Own it.", "Smile at people.")], NOW)
    posts.keep(db, raw("y"), FEED, [digest("Own it.")], NOW)

    assert posts.remove_origin(db, "starter") == 1

    assert posts.ids(db) == [2]
    assert [principles.get(db, number).text for number in principles.ids(db)] == ["Own it."]
    assert count(db, "raws") == count(db, "quotes") == 1


def test_everything_that_changes_is_queued_for_the_index(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.", "Smile at people.")], NOW)
    waiting = changes.pending(db)
    assert (waiting.posts, waiting.principles) == ((1,), (1, 2))
    changes.done(db, waiting.newest)

    posts.keep(db, raw("y"), FEED, [digest("Own it.")], NOW)

    waiting = changes.pending(db)
    assert (waiting.posts, waiting.principles) == ((1,), (1, 2))


def test_totals_count_what_there_is(db: Connection) -> None:
    feeds.subscribe(db, [Outline(url=FEED.source)], NOW)
    posts.keep(db, raw("x"), FEED, [digest("Own it.", "Smile at people.")], NOW)
    posts.keep(db, raw("y", kind="document"), STARTER, [digest("Own it.", publisher="b.example")], NOW)

    found = posts.totals(db)

    assert (found.posts, found.quotes, found.principles) == (2, 3, 2)
    assert (found.sources, found.feeds, found.starter) == (2, 1, 1)


def test_a_feeds_posts_come_newest_first(db: Connection) -> None:
    feeds.subscribe(db, [Outline(url=FEED.source, title="A blog")], NOW)
    origins = Origins(source=FEED.source, origin="feed", feed_id=1)
    for day in (3, 1, 2):
        made = digest("Own it.", title=f"Day {day}", published=NOW.replace(day=day))
        posts.keep(db, raw(str(day), name=str(day)), origins, [made], NOW)

    assert [ref.title for ref in posts.of_feed(db, 1, 2)] == ["Day 3", "Day 2"]
    assert posts.of_feed(db, 1, 1)[0].feed == "A blog"


def test_there_is_no_post_of_an_unknown_id(db: Connection) -> None:
    with pytest.raises(NotFound):
        posts.get(db, 1)


def test_posts_without_guidance_are_kept_too(db: Connection) -> None:
    made = digest(title="Only news")
    posts.keep(db, raw("x"), FEED, [made], NOW)

    assert posts.get(db, 1).quotes == ()
    assert post("x").title == "A post"


def test_posts_kept_together_are_as_if_kept_one_by_one(db: Connection, tmp_path: Path) -> None:
    said = [("Own it.", "Smile at people."), ("Own it!",), ("Never smile at people.", "Own it."), ()]
    found = [
        Found(raw=raw(str(n), name=str(n)), origins=FEED, digests=[digest(*quotes)])
        for n, quotes in enumerate(said)
    ]
    other = schema.open_store(f"sqlite:///{tmp_path / 'other.db'}")

    posts.keep_all(db, found, NOW)
    with schema.writing(other) as beside:
        for one in found:
            posts.keep(beside, one.raw, FEED, one.digests, NOW)
        apart = principles.many(beside, principles.ids(beside))

    assert principles.many(db, principles.ids(db)) == apart
    other.dispose()


def test_more_posts_than_a_statement_takes_values_can_be_kept_and_removed(db: Connection) -> None:
    connection: Any = db.connection.dbapi_connection
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, kb_quotes.BATCH + 50)
    many = [
        digest(f"Answer letter {n} within {n + 2} days.", key=str(n)) for n in range(kb_quotes.BATCH + 100)
    ]

    posts.keep(db, raw("x", kind="document"), STARTER, many, NOW)
    posts.keep(db, raw("y", kind="document"), STARTER, many[:1], NOW)

    assert posts.totals(db).posts == posts.totals(db).principles == 1


def test_a_new_digest_of_what_has_changed_meanwhile_is_dropped(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.")], NOW)
    before = raws.get(db, 1)
    posts.keep(db, raw("y"), FEED, [digest("Say sorry first.")], NOW)

    assert posts.redo(db, before, [digest("Own it.")], NOW) == posts.NOTHING

    assert principles.get(db, 2).text == "Say sorry first."
    with pytest.raises(NotFound):
        raws.get(db, 99)


def edited(db: Connection, first: Digest, second: Digest) -> StoredPost:
    """Return a post that came in one form, and a day later in another."""
    posts.keep(db, raw("x"), FEED, [first], NOW)
    posts.keep(db, raw("y"), FEED, [second], NOW + timedelta(days=1))
    return posts.get(db, 1)


def test_an_edited_post_keeps_its_earlier_text(db: Connection) -> None:
    found = edited(db, digest("Own it."), digest("Say sorry first.", title="Anew"))

    (version,) = found.versions
    assert (version.title, version.text, version.replaced_at) == (
        "A post",
        "Own it.",
        NOW + timedelta(days=1),
    )
    assert (found.ref.title, found.text) == ("Anew", "Say sorry first.")


def test_a_quote_whose_passage_was_changed_stays_as_evidence_and_is_flagged(db: Connection) -> None:
    found = edited(db, digest("Own it.", "Smile at people."), digest("Own it.", "Say sorry first."))

    assert [quote.text for quote in found.quotes] == ["Own it.", "Say sorry first."]
    smile = next(one for n in principles.ids(db) if (one := principles.get(db, n)).text == "Smile at people.")
    assert [(quote.text, quote.changed) for quote in smile.evidence] == [("Smile at people.", True)]
    assert smile.sources == 0


def test_a_quote_that_only_the_rules_no_longer_find_is_not_flagged(db: Connection) -> None:
    first = digest("Own it.", "Smile at people.")
    second = Digest(post=post("Own it. Smile at people. Now and then."), quotes=first.quotes[:1])

    edited(db, first, second)

    assert [principles.get(db, number).text for number in principles.ids(db)] == ["Own it."]


def test_a_text_that_becomes_whole_is_no_edit(db: Connection) -> None:
    first, second = digest("Own it.", completeness="excerpt"), digest("Say sorry first.", completeness="full")

    assert edited(db, first, second).versions == ()


def test_other_marks_and_spaces_are_no_edit(db: Connection) -> None:
    assert edited(db, digest("Own it."), digest("Own  it!")).versions == ()


def test_what_stays_the_same_does_not_count_as_updated(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.")], NOW)

    assert posts.keep(db, raw("y"), FEED, [digest("Own it.")], NOW) == posts.NOTHING


def test_a_page_that_differs_at_every_look_keeps_its_newest_texts_only(db: Connection) -> None:
    for number in range(posts.MOST_VERSIONS + 5):
        posts.keep(db, raw(str(number)), FEED, [digest(f"Greet visitor {number}.")], NOW)

    found = posts.get(db, 1)
    assert len(found.versions) == posts.MOST_VERSIONS
    assert found.versions[0].text == f"Greet visitor {posts.MOST_VERSIONS + 3}."
    changed = [one for n in principles.ids(db) for one in principles.get(db, n).evidence if one.changed]
    assert len(changed) <= posts.MOST_VERSIONS


def test_a_removed_post_takes_its_earlier_texts_along(db: Connection) -> None:
    first, second = digest("Own it."), digest("Smile at people.")
    posts.keep(db, raw("x", kind="document"), STARTER, [first], NOW)
    posts.keep(db, raw("y", kind="document"), STARTER, [second], NOW)

    posts.remove_origin(db, "starter")

    assert count(db, "versions") == count(db, "quotes") == count(db, "principles") == 0


def test_a_note_on_the_date_is_kept(db: Connection) -> None:
    posts.keep(db, raw("x"), FEED, [digest("Own it.", date_note="its date lies in the future")], NOW)

    assert posts.get(db, 1).date_note == "its date lies in the future"


def test_a_new_title_reaches_what_the_post_said_before(db: Connection) -> None:
    other = Origins(source="https://b.example/feed", origin="feed")
    posts.keep(db, raw("other", name="2"), other, [digest("Own it.", publisher="b.example")], NOW)
    posts.keep(db, raw("one"), FEED, [digest("Own it.", title="Old")], NOW)
    posts.keep(db, raw("two"), FEED, [digest("Smile.", title="Old")], NOW)
    changes.done(db, changes.pending(db).newest)

    posts.keep(db, raw("three"), FEED, [digest("Smile.", title="New")], NOW)

    both = {principles.get(db, number).text for number in changes.pending(db).principles}
    assert both == {"Own it.", "Smile."}
