import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh import query, scoring
from whoosh.filedb.filestore import FileStorage

from kb import ranking, segments, snapshot
from kb.cache import Cache
from kb.parts import ID
from kb.segments import Document, Layout
from kb.snapshot import Snapshot
from kb.wanted import Loose, Span, Wanted, Word

NAME = "things"
WEIGHTS = {"quote": 4.0, "title": 2.0}
LAYOUT = Layout(tuple(WEIGHTS), ("topic", "day"), ("support", "flawed", "newest"))
MEMORY = 1 << 20


def document(item: int, quote: str = "", title: str = "", **more: Any) -> Document:
    words = {
        "quote": quote.split(),
        "title": title.split(),
        "topic": more.get("topic", []),
        "day": more.get("day", []),
    }
    return Document(item, words, {"support": more.get("support", 1), "flawed": 0, "newest": 0})


def random_document(item: int) -> Document:
    draw = random.Random(item)
    words = [f"w{int(draw.paretovariate(0.6)) % 400}" for _ in range(draw.randint(1, 60))]
    return document(item, " ".join(words), " ".join(words[:3]), topic=[f"t{item % 3}"] if item % 4 else [])


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    made = FileStorage(str(tmp_path), supports_mmap=False)
    segments.create(made, NAME, LAYOUT)
    return made


def commit(storage: FileStorage, *documents: Document) -> None:
    segments.commit(storage, NAME, LAYOUT, documents, frozenset(one.id for one in documents))


def opened(storage: FileStorage, before: Snapshot | None = None, memory: int = MEMORY) -> Snapshot:
    return snapshot.newest(storage, NAME, WEIGHTS, memory, before)


@pytest.fixture
def many(storage: FileStorage) -> Iterator[tuple[FileStorage, Snapshot]]:
    """Segments of many sizes, with documents that are gone from some of them."""
    for start in range(0, 2000, 250):
        commit(storage, *map(random_document, range(start, start + 250)))
        segments.commit(storage, NAME, LAYOUT, [], frozenset(range(start, start + 250, 17)))
    made = opened(storage)
    yield storage, made
    made.close()


def ids(made: Snapshot, documents: Any) -> list[int]:
    return made.ids[documents].tolist()  # type: ignore[no-any-return]


def test_the_first_ten_are_those_of_whoosh(many: tuple[FileStorage, Snapshot]) -> None:
    storage, made = many
    draw = random.Random(7)
    with storage.open_index(NAME).searcher(weighting=scoring.BM25F()) as searcher:
        id_of = searcher.reader().column_reader(ID)
        for _ in range(1000):
            words = {f"w{int(draw.paretovariate(0.5)) % 400}" for _ in range(draw.randint(1, 6))}
            terms = [
                query.Term(field, word, boost) for field, boost in WEIGHTS.items() for word in sorted(words)
            ]
            theirs = [(id_of[hit.docnum], hit.score) for hit in searcher.search(query.Or(terms), limit=10)]

            spans = tuple(Span(words=(Word(stem=word, typed=word),)) for word in sorted(words))
            wanted = Wanted(node=Loose(nodes=spans), limit=10, is_plain=True)
            ours = ranking.best(made, ranking.rank(made, wanted), wanted)

            assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], rel=1e-4)
            least = min((score for _, score in theirs), default=0) * 1.0001
            assert {ids(made, number) for number, score in ours if score > least} == {
                item for item, score in theirs if score > least
            }


def test_segments_hold_what_one_segment_would_hold(
    many: tuple[FileStorage, Snapshot], tmp_path_factory: pytest.TempPathFactory
) -> None:
    at_once = FileStorage(str(tmp_path_factory.mktemp("once")), supports_mmap=False)
    segments.create(at_once, NAME, LAYOUT)
    commit(at_once, *(random_document(item) for item in range(2000) if item % 250 % 17))
    one, several = opened(at_once), many[1]

    for word in ("w1", "w2", "w37", "w399", "nothing"):
        assert sorted(ids(one, one.word(word).documents)) == sorted(
            ids(several, several.word(word).documents)
        )
        assert sorted(ids(one, one.phrase((word, "w1"), ("quote",)))) == sorted(
            ids(several, several.phrase((word, "w1"), ("quote",)))
        )
    assert one.counts("topic", one.everything) == several.counts("topic", several.everything)
    one.close()


def test_words_of_a_phrase_stand_side_by_side_in_one_document(storage: FileStorage) -> None:
    commit(
        storage,
        document(1, "own your mistakes", "early"),
        document(2, "mistakes own"),
        document(3, "mistakes"),
    )
    commit(storage, document(4, "owning mistakes and mistakes", "own mistakes"))
    made = opened(storage)

    assert ids(made, made.phrase(("own", "mistak"), ("quote",))) == [1, 4]
    assert ids(made, made.phrase(("own", "mistak"), ("title",))) == [4]
    assert ids(made, made.phrase(("mistak", "mistak"), ("quote", "title"))) == [4]
    assert ids(made, made.phrase(("mistak", "earli"), ("quote", "title"))) == []
    made.close()


def test_words_are_near_within_a_few_words_of_one_document(storage: FileStorage) -> None:
    commit(
        storage,
        document(1, "own big small mistakes"),
        document(2, "own a b c d mistakes"),
        document(3, "own"),
    )
    commit(storage, document(4, "mistakes own"), document(5, "mistakes"))
    made = opened(storage)

    near = made.near("own", "mistak", "quote", 3, made.everything)

    assert ids(made, made.everything[near]) == [1]
    assert made.near("own", "mistak", "quote", 9, made.everything).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not made.near("own", "nothing", "quote", 9, made.everything).any()
    made.close()


def test_a_snapshot_keeps_answering_while_newer_commits_come(storage: FileStorage) -> None:
    commit(storage, document(1, "own"), document(2, "own"))
    before = opened(storage)
    assert ids(before, before.word("own").documents) == [1, 2]

    commit(storage, document(2, "mistakes"), document(3, "own"))
    after = opened(storage, before)

    assert ids(before, before.word("own").documents) == [1, 2]
    assert sorted(ids(after, after.word("own").documents)) == [1, 3]
    assert snapshot.generation(storage, NAME) == after.generation > before.generation
    before.close()
    after.close()


def test_what_was_read_of_segments_that_stay_is_read_no_more(storage: FileStorage) -> None:
    commit(storage, *(document(item, "own") for item in range(50)))
    before = opened(storage)
    before.word("own")
    commit(storage, document(100, "own"))

    after = opened(storage, before)

    assert after.kept is before.kept
    assert after.kept.bytes > 0
    before.close()
    after.close()


def test_answers_are_the_same_with_no_memory_to_keep_anything_in(many: tuple[FileStorage, Snapshot]) -> None:
    storage, roomy = many
    tight = opened(storage, memory=0)

    for word in ("w1", "w2", "w3"):
        assert np.array_equal(tight.word(word).scores, roomy.word(word).scores)
    assert isinstance(tight.kept, Cache)
    assert tight.kept.bytes == 0
    tight.close()


def test_an_index_without_documents_answers_with_nothing(storage: FileStorage) -> None:
    made = opened(storage)

    assert len(made.word("own").documents) == len(made.everything) == len(made.ids) == 0
    assert made.counts("topic", made.everything) == {}
    assert made.rarity("own") == 1
    assert "own" not in made.vocabulary
    made.close()


def test_the_vocabulary_has_the_words_as_they_were_written(storage: FileStorage) -> None:
    commit(storage, document(1, "owning mistakes"), document(2, "own"))
    commit(storage, document(3, "owned"))
    made = opened(storage)

    assert sorted(made.vocabulary.beginning("own", 9)) == ["own", "owned", "owning"]
    assert made.stems(["owned", "own", "mistakes", "unheard"]) == ["mistak", "own"]
    made.close()


def test_filters_tell_who_has_a_value_and_who_one_between_two(storage: FileStorage) -> None:
    commit(storage, document(1, "a", day=["2012-01-05", "2020-01-01"]), document(2, "a", day=["2013-06-01"]))
    commit(storage, document(3, "a"), document(4, "a", topic=["trust"], day=["2013-12-31"]))
    made = opened(storage)

    assert ids(made, made.between("day", "2013-01-01", "2014-01-01")) == [2, 4]
    assert ids(made, made.between("day", "2014-01-01", None)) == [1]
    assert ids(made, made.between("day", "", "2012-01-05")) == []
    assert ids(made, made.having("topic", {"trust", "unheard"})) == [4]
    assert ids(made, made.having("topic", {"unheard"})) == []
    assert made.names("day") == ["2012-01-05", "2013-06-01", "2013-12-31", "2020-01-01"]
    made.close()


@pytest.mark.parametrize("share", [1, 3, 50])
def test_values_are_counted_alike_however_many_there_are(storage: FileStorage, share: int) -> None:
    # Few values are counted by bits, many for few documents by theirs, many for many by all.
    made_of = [
        document(item, "a", topic=[f"t{item % 90}", f"u{item % 7}"], day=[f"d{item % 3}"])
        for item in range(600)
    ]
    commit(storage, *made_of)
    made = opened(storage)
    some = made.everything[::share]

    for field in ("topic", "day"):
        wanted = Counter(value for at in some.tolist() for value in made_of[int(made.ids[at])].words[field])
        assert made.counts(field, some) == wanted
    made.close()


def test_it_counts_who_holds_words_beside_others_and_in_a_field(storage: FileStorage) -> None:
    commit(storage, document(1, "angri custom"), document(2, "angri", "custom"), document(3, "custom"))
    segments.commit(storage, NAME, LAYOUT, [], frozenset({3}))
    made = opened(storage)

    assert made.holders(["custom", "nobodi"], [], None) == [2, 0]
    assert made.holders(["custom", "angri"], ["angri"], None) == [2, 2]
    assert made.holders(["custom"], [], "quote") == [1]
    assert made.holders(["angri"], ["nobodi"], None) == [0]
    made.close()


def test_words_that_begin_alike_come_the_most_frequent_first(storage: FileStorage) -> None:
    commit(storage, document(1, "own owner"), document(2, "own old"))
    made = opened(storage)

    assert made.beginning("ow", 5) == made.beginning("ow", 5) == ["own", "owner"]
    assert made.beginning("o", 1) == ["own"]
    made.close()


def test_values_of_what_is_gone_are_counted_no_more(storage: FileStorage) -> None:
    commit(storage, document(1, topic=["trust"]), document(2, topic=["hiring"]))
    segments.commit(storage, NAME, LAYOUT, [], frozenset({2}))
    made = opened(storage)

    assert made.all_counts("topic") == {"trust": 1}
    made.close()
