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

    ((item, words),) = documents.of_principles(db, [1])

    assert item == 1
    assert sorted([words["quote"], words["others"]]) == [["own", "mistak"], ["take", "respons"]]
    assert sorted(words["title"]) == ["delay", "parcel"]
    assert {*words["context"]} == {"take", "respons", "own", "mistak"}
    assert words["topic"] == ["trust"]
    assert "trust" in words["topics"]
    assert sorted(words["feed"]) == ["https://a.example/feed", "https://b.example/feed"]
    assert words["year"] == ["2021"]


def test_a_post_is_found_by_its_text_title_tags_and_quotes(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", title="Delays", tags=("parcels",), topics=("trust", "ease"))

    ((item, words),) = documents.of_posts(db, [1])

    assert item == 1
    assert (words["quote"], words["others"], words["title"]) == (["take", "respons"], ["parcel"], ["delay"])
    assert words["context"] == ["take", "respons"]
    assert sorted(words["topic"]) == ["ease", "trust"]
    assert words["year"] == []


def test_what_is_not_there_any_more_is_left_out(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")

    assert [item for item, _ in documents.of_principles(db, [1, 99])] == [1]
    assert [item for item, _ in documents.of_posts(db, [99, 1])] == [1]


def test_as_many_statements_as_batches_are_made(db: Connection) -> None:
    for number in range(documents.BATCH + 5):
        keep(db, "a.example", f"Answer letter {number}.", name=str(number))

    assert len(list(documents.of_posts(db, posts.ids(db)))) == documents.BATCH + 5
