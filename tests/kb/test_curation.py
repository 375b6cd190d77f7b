from datetime import timedelta

import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection

from kb import curation, decisions, posts, principles
from kb.errors import DocumentError, NotFound
from kb.model import Origins

LATER = NOW + timedelta(hours=1)


def keep(db: Connection, site: str, *sentences: str) -> None:
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    posts.keep(db, raw(" ".join(sentences)), origins, [digest(*sentences, publisher=site)], NOW)


def groups(db: Connection) -> dict[int, set[str]]:
    found = principles.many(db, principles.ids(db))
    return {number: {quote.text for quote in one.evidence} for number, one in found.items()}


def quote_of(db: Connection, text: str) -> tuple[int, int]:
    """Return a quote's principle and its own id."""
    for number, one in principles.many(db, principles.ids(db)).items():
        for quote in one.evidence:
            if quote.text == text:
                return number, quote.id
    raise LookupError(text)


def test_two_principles_become_one_and_what_comes_later_joins_them(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.", "Be warm.", "Answer letters.")

    found = curation.join(db, 2, 1, NOW)
    keep(db, "b.example", "Smile at people!", "Be warm!")

    assert (found.id, found.sources) == (1, 1)
    assert groups(db)[1] == {"Smile at people.", "Be warm.", "Smile at people!", "Be warm!"}
    assert principles.get(db, 1).sources == 2
    assert len(groups(db)) == 2


def test_a_merge_outlives_its_quotes(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.", "Be warm.")
    curation.join(db, 1, 2, NOW)

    keep(db, "a.example", "Answer letters.")
    keep(db, "b.example", "Be warm.", "Smile at people.")

    assert {"Be warm.", "Smile at people."} in groups(db).values()


def test_a_merge_can_be_undone(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.", "Be warm.")
    before = groups(db)
    curation.join(db, 1, 2, NOW)

    (made,) = decisions.standing(db)
    curation.undo(db, made.id, LATER)

    assert sorted(map(sorted, groups(db).values())) == sorted(map(sorted, before.values()))
    assert decisions.standing(db) == []
    with pytest.raises(NotFound, match="no decision 1 that stands"):
        curation.undo(db, made.id, LATER)


def test_of_three_merged_groups_two_stay_merged(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.", "Be warm.", "Answer letters.")
    curation.join(db, 1, 2, NOW)
    curation.join(db, 1, 3, LATER)
    assert len(groups(db)) == 1

    curation.undo(db, decisions.standing(db)[0].id, LATER)

    assert sorted(map(len, groups(db).values())) == [1, 2]


def test_a_quote_is_split_off_and_stays_so(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer letters.")
    keep(db, "b.example", "Take responsibility for your mistakes.", "Own your mistakes.")
    principle, quote = quote_of(db, "Take responsibility for your mistakes.")
    assert len(groups(db)[principle]) == 3

    curation.split(db, principle, [quote], NOW)
    keep(db, "c.example", "Take responsibility.")

    found = groups(db)
    assert found[principle] == {"Take responsibility.", "Own your mistakes."}
    assert {"Take responsibility for your mistakes."} in found.values()


@pytest.mark.parametrize(
    "going", ["Take responsibility.", "Take responsibility for errors.", "Take responsibility for it all."]
)
def test_whichever_quote_is_split_off_the_others_stay_together_until_that_is_undone(
    db: Connection, going: str
) -> None:
    said = {"Take responsibility.", "Take responsibility for errors.", "Take responsibility for it all."}
    for number, text in enumerate(sorted(said)):
        keep(db, f"s{number}.example", text)
    assert groups(db) == {1: said}
    principle, quote = quote_of(db, going)

    curation.split(db, principle, [quote], NOW)
    assert sorted(map(sorted, groups(db).values())) == sorted([[going], sorted(said - {going})])

    curation.undo(db, decisions.standing(db)[0].id, LATER)
    assert list(groups(db).values()) == [said]


def test_a_split_undoes_the_merge_that_is_in_its_way(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.", "Be warm.")
    curation.join(db, 1, 2, NOW)
    principle, quote = quote_of(db, "Be warm.")

    curation.split(db, principle, [quote], LATER)

    assert len(groups(db)) == 2


def test_nothing_and_everything_cannot_be_split_off(db: Connection) -> None:
    keep(db, "a.example", "Smile at people.")

    for quotes in ([], [1]):
        with pytest.raises(DocumentError, match="some of its quotes must go, and some stay"):
            curation.split(db, 1, quotes, NOW)


def test_too_large_a_split_is_refused(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(db, "a.example", "Own your mistakes.")
    keep(db, "b.example", "Take responsibility for your mistakes.")
    monkeypatch.setattr(curation, "MOST_PAIRS", 0)

    with pytest.raises(DocumentError, match="too many quotes"):
        curation.split(db, 1, [1], NOW)


def test_a_wording_survives_what_its_quotes_become(db: Connection) -> None:
    keep(db, "a.example", "Own your mistakes.")

    curation.word(db, 1, " Own it ", NOW)
    keep(db, "b.example", "Own your mistakes!")
    assert principles.get(db, 1).text == "Own it"

    curation.word(db, 1, "Own up", LATER)
    assert principles.get(db, 1).text == "Own up"
    curation.undo(db, decisions.standing(db)[1].id, LATER)
    curation.undo(db, decisions.standing(db)[0].id, LATER)
    assert principles.get(db, 1).text.startswith("Own your mistakes")


def test_a_principle_is_not_merged_with_itself(db: Connection) -> None:
    keep(db, "a.example", "Own your mistakes.")

    curation.join(db, 1, 1, NOW)

    assert decisions.standing(db) == []
    with pytest.raises(NotFound):
        curation.join(db, 1, 9, NOW)
