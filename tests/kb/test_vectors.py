"""Vectors of a real model where their numbers matter, of tiny ones where only the keeping does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tiny_model
from builders import NOW
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine

from kb import facts, schema, vectors
from kb.encoder import LONGEST, Encoder, Floats
from kb.schema import principles
from kb.schema import vectors as rows

TEXTS = [
    "Own your mistakes.",
    "Say sorry once, and mean it.",
    "Stay calm when a customer shouts.",
    "Answer every email within a day.",
    "Never make a customer repeat the story.",
    "Thank your staff in public.",
]


class Dying(Encoder):
    """Fails like a process that is killed: when it has been asked so many times."""

    def __init__(self, folder: Path, after: int) -> None:
        super().__init__(folder)
        self._left = after

    def encode(self, texts: Sequence[str]) -> Floats:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return super().encode(texts)


@pytest.fixture
def tiny(tmp_path: Path) -> Encoder:
    return Encoder(tiny_model.lay(tmp_path / "tiny"))


def keep(engine: Engine, *texts: str) -> None:
    with schema.writing(engine) as db:
        db.execute(insert(principles), [{"text": text, "sources": 1, "added_at": NOW} for text in texts])


def kept(engine: Engine) -> dict[int, str]:
    """Return whose vectors there are, and of which words."""
    with engine.connect() as db:
        return {row[0]: row[1] for row in db.execute(select(rows.c.principle_id, rows.c.text))}


def load(engine: Engine, encoder: Encoder) -> vectors.Vectors:
    with engine.connect() as db:
        return vectors.load(db, encoder)


def test_cosines_are_true_to_those_of_the_model(engine: Engine, encoder: Encoder) -> None:
    keep(engine, *TEXTS)
    vectors.catch_up(engine, encoder)
    asked = encoder.encode(["an angry caller who yells", "email", "how to apologise", ""])

    for one in asked:
        alike = load(engine, encoder).like(one)
        np.testing.assert_array_equal(alike.ids, [1, 2, 3, 4, 5, 6])
        np.testing.assert_allclose(alike.cosines, encoder.encode(TEXTS) @ one, atol=0.003)
    assert TEXTS[int(np.argmax(load(engine, encoder).like(asked[0]).cosines))] == TEXTS[2]


def test_a_vector_is_as_alike_to_itself_as_can_be(engine: Engine, encoder: Encoder) -> None:
    keep(engine, *TEXTS)
    vectors.catch_up(engine, encoder)

    own = [load(engine, encoder).like(one).cosines[i] for i, one in enumerate(encoder.encode(TEXTS))]

    np.testing.assert_allclose(own, 1, atol=0.001)


@pytest.mark.parametrize("count", [0, 1, vectors.BLOCK, 2 * vectors.BLOCK + 7])
def test_however_many_there_are_each_has_its_cosine(count: int) -> None:
    exact = np.random.default_rng(count).normal(size=(count, 16)).astype(np.float32)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    whole, scales = vectors.rounded(exact)
    asked = np.full(16, 0.25, dtype=np.float32)

    found = vectors.Vectors(ids=np.arange(count), rows=whole, scales=scales).like(asked)

    np.testing.assert_allclose(found.cosines, exact @ asked, atol=0.02)


def test_shares_go_from_the_least_alike_to_the_most() -> None:
    alike = vectors.Likeness(
        ids=np.array([2, 3, 7, 9]), cosines=np.array([0.5, -0.1, 0.2, 0.1], dtype=np.float32)
    )

    found = alike.shares(np.array([9, 1, 2, 3, 8, 10, 7]))

    np.testing.assert_allclose(found, [1 / 3, 0, 1, 0, 0, 0, 0.5], atol=1e-6)
    assert found.dtype == np.float32


def test_where_all_are_alike_nobody_has_a_share() -> None:
    alike = vectors.Likeness(ids=np.array([2]), cosines=np.array([0.5], dtype=np.float32))

    assert alike.shares(np.array([1, 2, 3])).tolist() == [0, 0, 0]


def test_a_vector_of_nothing_is_like_nothing(engine: Engine, tiny: Encoder) -> None:
    keep(engine, "", "sorry")
    vectors.catch_up(engine, tiny)

    np.testing.assert_array_equal(load(engine, tiny).like(tiny.encode(["sorry"])[0]).cosines, [0, 1])


def test_only_what_is_new_or_worded_anew_is_encoded(engine: Engine, tiny: Encoder) -> None:
    keep(engine, "calm", "sorry")

    assert vectors.catch_up(engine, tiny) == 2
    assert vectors.catch_up(engine, tiny) == 0
    keep(engine, "thanks")
    with schema.writing(engine) as db:
        db.execute(update(principles).where(principles.c.id == 1).values(text="calm thanks"))
    assert vectors.catch_up(engine, tiny) == 2

    assert kept(engine) == {1: "calm thanks", 2: "sorry", 3: "thanks"}
    np.testing.assert_allclose(
        load(engine, tiny).like(tiny.encode(["thanks"])[0]).cosines, [0.707, 0, 1], atol=0.01
    )


def test_what_is_gone_or_said_by_nobody_has_no_vector(engine: Engine, tiny: Encoder) -> None:
    keep(engine, "calm", "sorry", "thanks")
    vectors.catch_up(engine, tiny)
    with schema.writing(engine) as db:
        db.execute(delete(principles).where(principles.c.id == 1))
        db.execute(update(principles).where(principles.c.id == 2).values(sources=0))

    vectors.catch_up(engine, tiny)

    assert kept(engine) == {3: "thanks"}
    assert load(engine, tiny).ids.tolist() == [3]


def test_another_model_makes_everything_anew(engine: Engine, tiny: Encoder, tmp_path: Path) -> None:
    other = Encoder(tiny_model.lay(tmp_path / "other", table=[(*row, 1.0) for row in tiny_model.TABLE]))
    keep(engine, "calm", "sorry")
    vectors.catch_up(engine, tiny)
    assert load(engine, other).rows.shape == (0, 4)

    assert vectors.catch_up(engine, other) == 2

    assert load(engine, other).rows.shape == (2, 4)
    assert load(engine, tiny).rows.shape == (0, 3)


def test_a_crash_only_repeats_what_was_not_kept(
    engine: Engine, tiny: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "KEPT_AT_ONCE", 2)
    keep(engine, *tiny_model.WORDS, "calm sorry")
    with pytest.raises(KeyboardInterrupt):
        vectors.catch_up(engine, Dying(tmp_path / "tiny", after=2))
    assert list(kept(engine)) == [1, 2, 3, 4]

    assert vectors.catch_up(engine, tiny) == 1

    assert list(kept(engine)) == [1, 2, 3, 4, 5]


def test_a_process_with_an_earlier_model_leaves_the_vectors_of_a_later_one_alone(
    engine: Engine, tiny: Encoder, tmp_path: Path
) -> None:
    other = Encoder(tiny_model.lay(tmp_path / "other", table=tiny_model.TABLE[::-1]))

    class Slow(Encoder):
        def encode(self, texts: Sequence[str]) -> Floats:
            vectors.catch_up(engine, other)
            return super().encode(texts)

    keep(engine, "calm")
    vectors.catch_up(engine, Slow(tmp_path / "tiny"))

    assert load(engine, other).ids.tolist() == [1]
    assert load(engine, tiny).ids.tolist() == []


@pytest.mark.parametrize(
    "text",
    ["", "🙂" * 3_000, "sorry " * 200_000, "x\0y", "\0"],
    ids=["empty", "emoji", "long", "NUL", "only NUL"],
)
def test_any_wording_is_encoded_once(engine: Engine, tiny: Encoder, text: str) -> None:
    keep(engine, text)

    assert [vectors.catch_up(engine, tiny) for _ in range(2)] == [1, 0]
    assert len(kept(engine)[1]) <= LONGEST


def test_the_stamp_changes_with_the_vectors_only(engine: Engine, tiny: Encoder) -> None:
    stamps = []
    for text in ("calm", "sorry"):
        keep(engine, text)
        for _ in range(2):
            vectors.catch_up(engine, tiny)
            with engine.connect() as db:
                stamps.append(vectors.stamp(db))

    assert stamps[0] == stamps[1] != stamps[2] == stamps[3]


def test_a_store_without_vectors_has_none(engine: Engine, tiny: Encoder) -> None:
    with engine.connect() as db:
        assert vectors.stamp(db) == ""
        assert facts.get(db, "vectors made") is None
    assert load(engine, tiny).like(tiny.encode(["calm"])[0]).ids.tolist() == []
