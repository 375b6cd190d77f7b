import pickle
from datetime import timedelta

import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection, select

from kb import changes, corrections, filing, posts, principles, topics
from kb.corrections import Correction
from kb.errors import BadSetting, NotFound
from kb.model import Origins
from kb.schema import quotes

LATER = NOW + timedelta(hours=1)


def keep(db: Connection, site: str, *sentences: str) -> None:
    origins = Origins(source=f"https://{site}/feed", origin="feed")
    made = digest(*sentences, topics=("communication",), publisher=site, title="Notes")
    posts.keep(db, raw(" ".join(sentences), name=site), origins, [made], NOW)


def filed(db: Connection, principle_id: int = 1) -> list[str]:
    return [filing.topic for filing in principles.get(db, principle_id).topics]


def correction(text: str, *names: str, number: int = 1) -> Correction:
    return Correction(id=number, texts=(text,), heading="", topics=names, made_at=NOW)


def refiled(text: str, *found: Correction) -> list[str]:
    return [filing.topic for filing in topics.file(text, lessons=corrections.learn(found))]


def test_a_correction_files_the_principle_at_once(db: Connection) -> None:
    keep(db, "a.example", "Bring the umbrella stand in before it rains.")

    corrections.correct(db, 1, ["empathy", "ease"], LATER)

    assert filed(db) == ["empathy", "ease"]


def test_a_correction_files_every_quote_of_the_principle(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    keep(db, "b.example", "Take responsibility for your mistakes.")

    made = corrections.correct(db, 1, ["trust"], LATER)

    stored = db.execute(select(quotes.c.topics)).scalars().all()
    assert [[topic for topic, _ in row] for row in stored] == [["trust"], ["trust"]]
    assert set(made.texts) == {"Take responsibility.", "Take responsibility for your mistakes."}


def test_a_correction_is_queued_for_the_index(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    changes.done(db, changes.pending(db).newest)

    corrections.correct(db, 1, ["trust"], LATER)

    assert changes.pending(db).principles == (1,)


def test_a_corrected_principle_still_shows_words(db: Connection) -> None:
    keep(db, "a.example", "Bring the umbrella stand in.")

    corrections.correct(db, 1, ["empathy"], LATER)

    assert "umbrella" in principles.get(db, 1).topics[0].words


def test_an_undone_correction_leaves_the_filing_to_the_words(db: Connection) -> None:
    keep(db, "a.example", "Listen without interrupting.")
    made = corrections.correct(db, 1, ["metrics"], LATER)

    undone = corrections.undo(db, made.id, LATER)

    assert filed(db)[0] == "listening"
    assert undone.undone_at == LATER
    assert corrections.load(db) == topics.UNTAUGHT


def test_a_principle_may_be_left_without_topics_by_undoing(db: Connection) -> None:
    keep(db, "a.example", "Bring the umbrella stand in.")
    made = corrections.correct(db, 1, ["empathy"], LATER)

    corrections.undo(db, made.id, LATER)

    assert filed(db) == []


def test_a_correction_outlives_its_quotes(db: Connection) -> None:
    keep(db, "a.example", "Bring the umbrella stand in.")
    made = corrections.correct(db, 1, ["empathy"], LATER)
    filing.file(db, {1: []}, NOW)

    assert corrections.undo(db, made.id, LATER).topics == ("empathy",)


def test_other_quotes_of_the_post_stay_as_they_are(db: Connection) -> None:
    keep(db, "a.example", "Bring the umbrella stand in.", "Answer within a day.")

    corrections.correct(db, 1, ["empathy"], LATER)

    assert filed(db, 2) == ["communication"]


def test_any_row_of_a_correction_undoes_all_of_it(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    keep(db, "b.example", "Take responsibility for your mistakes.")
    made = corrections.correct(db, 1, ["trust"], LATER)

    corrections.undo(db, made.id + 1, LATER)

    assert filed(db)[0] == "responsibility"


def test_corrections_are_listed_with_what_became_of_them(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer within a day.")
    first = corrections.correct(db, 1, ["trust"], LATER)
    corrections.correct(db, 2, ["ease"], LATER + timedelta(minutes=1))
    corrections.undo(db, first.id, LATER)

    listed = corrections.all(db)

    assert [(one.topics, one.undone_at) for one in listed] == [(("trust",), LATER), (("ease",), None)]


def test_two_corrections_of_one_moment_are_undone_one_by_one(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.", "Answer within a day.")
    corrections.correct(db, 1, ["trust"], LATER)
    second = corrections.correct(db, 2, ["ease"], LATER)

    corrections.undo(db, second.id, LATER)

    assert filed(db, 1) == ["trust"]
    assert filed(db, 2)[0] == "responsiveness"


def test_only_a_standing_correction_can_be_undone(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    made = corrections.correct(db, 1, ["trust"], LATER)
    corrections.undo(db, made.id, LATER)

    with pytest.raises(NotFound, match="no correction 1"):
        corrections.undo(db, made.id, LATER)


@pytest.mark.parametrize(
    ("number", "names", "error"),
    [
        (1, ["weather"], NotFound),
        (9, ["trust"], NotFound),
        (1, [], BadSetting),
        (1, ["trust", "ease", "culture", "hiring"], BadSetting),
    ],
    ids=["no such topic", "no such principle", "none", "four"],
)
def test_what_cannot_be_corrected_says_why(
    db: Connection, number: int, names: list[str], error: type[Exception]
) -> None:
    keep(db, "a.example", "Take responsibility.")

    with pytest.raises(error):
        corrections.correct(db, number, names, LATER)
    assert corrections.all(db) == []


def test_a_topic_named_twice_counts_once(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")

    assert corrections.correct(db, 1, ["trust", "trust"], LATER).topics == ("trust",)


def test_a_quote_under_a_heading_keeps_it_with_the_correction(db: Connection) -> None:
    keep(db, "a.example", "Take responsibility.")
    db.execute(quotes.update().values(context="Own it\nTake responsibility."))

    assert corrections.correct(db, 1, ["trust"], LATER).heading == "Own it"


def test_the_same_text_is_filed_as_corrected() -> None:
    taught = correction("Listen without interrupting.", "complaints", "empathy")
    assert refiled("LISTEN without interrupting!", taught) == ["complaints", "empathy"]


def test_the_same_words_file_better_next_time() -> None:
    taught = correction("Answer with a photograph of the shelf.", "channels")

    assert refiled("Send a photograph of the shelf.")[:1] != ["channels"]
    assert refiled("Send a photograph of the shelf.", taught)[:1] == ["channels"]


def test_a_word_that_misled_weighs_less() -> None:
    taught = correction("Listen to the engine before it leaves the yard.", "knowledge")

    def weight(*found: Correction) -> float:
        return corrections.learn(found).shifts.get("listen", {}).get("listening", 0)

    assert weight(taught) < weight() == 0


def test_words_under_many_topics_come_to_teach_little() -> None:
    found = [correction("Umbrella stand.", "trust"), correction("Umbrella rack.", "ease")]
    shifts = corrections.learn(found).shifts

    assert max(shifts["umbrella"].values()) < max(shifts["stand"].values())


def test_a_word_of_a_long_text_teaches_less() -> None:
    short = corrections.learn([correction("Umbrella stand.", "trust")])
    long = corrections.learn([correction("Umbrella " + " ".join("abcdefghijklmnop"), "trust")])

    assert long.shifts["umbrella"]["trust"] < short.shifts["umbrella"]["trust"]


def test_the_later_correction_of_a_text_counts() -> None:
    found = [correction("Umbrella stand.", "trust"), correction("umbrella stand", "ease", number=2)]

    assert refiled("Umbrella stand.", *found) == ["ease"]
    assert "trust" not in corrections.learn(found).shifts["umbrella"]


@pytest.mark.parametrize("text", ["", "?!", "\x00", "customer", "x" * 1000, "in " * 500])
def test_any_text_can_teach(text: str) -> None:
    assert refiled(text, correction(text, "trust"))[:1] in ([], ["trust"])


def test_lessons_travel_to_other_processes() -> None:
    lessons = corrections.learn([correction("Umbrella stand.", "trust")])
    assert pickle.loads(pickle.dumps(lessons)) == lessons
