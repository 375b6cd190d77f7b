from dataclasses import replace
from datetime import UTC, datetime

from builders import NOW, digest, raw
from sqlalchemy import Connection

from kb import documents, posts
from kb.model import Origins


def keep(db: Connection, site: str, *sentences: str, name: str = "1", **known: object) -> None:
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    posts.keep(
        db, raw(" ".join(sentences), name=name), origins, [digest(*sentences, publisher=site, **known)], NOW
    )


def test_a_principle_is_found_by_its_wording_and_by_all_that_stands_around_it(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", title="Delays", topics=("trust",))
    keep(db, "b.example", "Own your mistakes.", title="Parcels", published=datetime(2021, 5, 1, tzinfo=UTC))

    ((item, words, columns),) = documents.of_principles(db, [1])

    assert item == 1
    assert sorted([words["quote"], words["others"]]) == [
        ["own", "your", "mistakes"],
        ["take", "responsibility"],
    ]
    assert sorted(words["title"]) == ["delays", "parcels"]
    assert {*words["context"]} == {"take", "responsibility", "own", "your", "mistakes"}
    assert words["topic"] == ["trust"]
    assert "trust" in words["topics"]
    assert words["feed"] == ["https://a.example/feed", "https://b.example/feed"]
    assert (words["year"], words["day"]) == (["2021"], ["2021-05-01"])
    assert words["state"] == ["full"]
    assert columns == {"support": 2, "flawed": 0, "newest": (datetime(2021, 5, 1) - datetime(1, 1, 1)).days}  # noqa: DTZ001


def test_headings_are_told_from_the_passage(db: Connection) -> None:
    context = "When things go wrong\nThe parcel was late.\nWe said so at once."
    made = digest("Own it.")
    found = replace(made, quotes=tuple(replace(quote, context=context) for quote in made.quotes))
    posts.keep(db, raw("x"), Origins(source="x", origin="document"), [found], NOW)

    ((_, words, _),) = documents.of_principles(db, [1])

    assert words["lead"] == ["when", "things", "go", "wrong"]
    assert words["context"][:3] == ["the", "parcel", "was"]


def test_a_post_is_found_by_its_text_title_tags_and_quotes(db: Connection) -> None:
    told = {"author": "Ann  Lee", "flaw": "spun", "completeness": "excerpt"}
    keep(
        db,
        "a.example",
        "Take responsibility.",
        title="Delays",
        tags=("parcels",),
        topics=("trust", "ease"),
        **told,
    )

    ((item, words, columns),) = documents.of_posts(db, [1])

    assert item == 1
    assert (words["quote"], words["others"]) == (["take", "responsibility"], ["parcels"])
    assert (words["title"], words["context"]) == (["delays"], ["take", "responsibility"])
    assert sorted(words["topic"]) == ["ease", "trust"]
    assert (words["author"], words["state"]) == (["Ann Lee"], ["excerpt", "flawed"])
    assert words["year"] == words["day"] == []
    assert columns == {"support": 1, "flawed": 1, "newest": 0}


def test_what_is_not_there_any_more_is_left_out(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")

    assert [one.id for one in documents.of_principles(db, [1, 99])] == [1]
    assert [one.id for one in documents.of_posts(db, [99, 1])] == [1]


def test_as_many_statements_as_batches_are_made(db: Connection) -> None:
    for number in range(documents.BATCH + 5):
        keep(db, "a.example", f"Answer letter {number}.", name=str(number))

    assert len(list(documents.of_posts(db, posts.ids(db)))) == documents.BATCH + 5
