from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench import corpus, queries, search
from bench.engine import ENGINES, Engine, Found, Kind, Query, load
from bench.writing import changes, mark

SIZE = 300
HERE = [name for name, _ in search.installed(list(ENGINES))]


@pytest.fixture(scope="module")
def asked() -> Mapping[Kind, list[Query]]:
    return queries.draw(SIZE, 10, seed=3)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    found = {name: load(name)(tmp_path_factory.mktemp(name)) for name in HERE}
    for engine in found.values():
        engine.build(corpus.principles(0, SIZE))
    yield found
    for engine in found.values():
        engine.close()


def answers(engine: Engine, some: list[Query]) -> list[Found]:
    return [engine.search(query) for query in some]


@pytest.mark.parametrize("name", HERE)
def test_every_query_finds_something(
    name: str, engines: dict[str, Engine], asked: Mapping[Kind, list[Query]]
) -> None:
    engine = engines[name]
    assert all(found.ids for kind in engine.kinds for found in answers(engine, asked[kind]))


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("kind", ["and", "phrase"])
def test_all_engines_find_the_same(
    name: str, kind: Kind, engines: dict[str, Engine], asked: Mapping[Kind, list[Query]]
) -> None:
    expected = answers(engines["fts5"], asked[kind])
    for found, wanted in zip(answers(engines[name], asked[kind]), expected, strict=True):
        assert len(found.ids) == len(wanted.ids)
        assert len(found.ids) == 10 or set(found.ids) == set(wanted.ids)


@pytest.mark.parametrize("name", [name for name in HERE if name != "guidepost"])
def test_all_others_count_the_same_topics(
    name: str, engines: dict[str, Engine], asked: Mapping[Kind, list[Query]]
) -> None:
    expected = answers(engines["fts5"], asked["facets"])
    found = answers(engines[name], asked["facets"])

    assert [one.topics for one in found] == [one.topics for one in expected]


@pytest.mark.parametrize("name", HERE)
def test_the_words_are_marked_in_the_quotes(
    name: str, engines: dict[str, Engine], asked: Mapping[Kind, list[Query]]
) -> None:
    found = answers(engines[name], asked["highlights"])
    assert all(len(one.marked) == len(one.ids) for one in found)
    assert any("<" in text for one in found for text in one.marked)


@pytest.mark.parametrize("name", HERE)
def test_a_commit_is_found_by_the_next_search(name: str, tmp_path: Path) -> None:
    engine = load(name)(tmp_path)
    engine.build(corpus.principles(0, SIZE))
    for number in range(3):
        new, changed = changes(SIZE, number)
        engine.commit(new, changed)

        found = engine.search(Query(kind="or", words=(mark(number),)))

        assert set(found.ids) == {new[0][0], changed[0][0]}
    engine.close()
