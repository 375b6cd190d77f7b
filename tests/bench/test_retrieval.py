from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import retrieval
from bench.labelled import Document, Unit
from bench.retrieval import Case, Outcome

TEXTS = ("Tea", "Offer tea to people who wait.", "It rained.", "Spoons lie there uncounted.")
QUERIES = "id\tkind\tpart\tquery\nq1\ttypo\theld\ttea\nq2\tnothing\ttuning\tferries\n"
JUDGEMENTS = "query\tpost\tunit\tgrade\nq1\ttea\t1\t2\nq1\ttea\t3\t1\n"


@pytest.fixture
def documents(tmp_path: Path) -> Sequence[Document]:
    """One document: its second unit is guidance that the program finds, its last one guidance that it does not."""
    (tmp_path / "tea.md").write_text(f"# {TEXTS[0]}\n\n## Waiting\n\n{' '.join(TEXTS[1:])}\n", "utf-8")
    kinds = ("title", "sentence", "sentence", "sentence")
    units = [
        Unit(kind=kind, grade=grade, topics=(), text=text)
        for kind, grade, text in zip(kinds, (1, 2, 0, 1), TEXTS, strict=True)
    ]
    heading = Unit(kind="heading", grade=0, topics=(), text="Waiting")
    return [
        Document(name="tea", path=tmp_path / "tea.md", part="held", units=(units[0], heading, *units[1:]))
    ]


def case(grades: dict[int, int], text: str = "tea", kind: str = "plain") -> Case:
    judged = {("tea", unit): grade for unit, grade in grades.items()}
    return Case(id="q", kind=kind, part="held", text=text, grades=judged)


def outcome(*found: int, best: int = 2, kind: str = "plain") -> Outcome:
    return Outcome(case=case({1: best, 2: 1}, kind=kind), grades=found, first="")


def test_cases_have_their_judgements(tmp_path: Path) -> None:
    (tmp_path / "queries.tsv").write_text(QUERIES, "utf-8")
    (tmp_path / "judgements.tsv").write_text(JUDGEMENTS, "utf-8")

    tea, ferries = retrieval.cases(tmp_path)

    assert (tea.kind, tea.part, tea.text) == ("typo", "held", "tea")
    assert tea.grades == {("tea", 1): 2, ("tea", 3): 1}
    assert (ferries.part, ferries.grades) == ("tuning", {})


def test_every_second_query_without_a_part_is_held_back(tmp_path: Path) -> None:
    (tmp_path / "queries.tsv").write_text("id\tquery\nq1\ttea\nq2\tmilk\nq3\trum\n", "utf-8")
    (tmp_path / "judgements.tsv").write_text(JUDGEMENTS, "utf-8")
    found = retrieval.cases(tmp_path)
    assert [(one.part, one.kind) for one in found] == [
        ("tuning", "synonym"),
        ("held", "synonym"),
        ("tuning", "synonym"),
    ]


def test_the_best_order_has_the_full_gain() -> None:
    assert outcome(2, 1).ndcg == pytest.approx(1)


def test_a_later_answer_gains_less() -> None:
    # 1 / log2(2) + 3 / log2(3) of 3 / log2(2) + 1 / log2(3)
    assert outcome(1, 2).ndcg == pytest.approx(2.8928 / 3.6309, abs=1e-4)


def test_a_query_for_nothing_gains_nothing() -> None:
    assert Outcome(case=case({}), grades=(0, 0), first="").ndcg == 0


def test_an_answer_among_the_first_three_is_a_hit() -> None:
    assert outcome(0, 0, 2).is_hit
    assert not outcome(0, 0, 0, 2).is_hit


def test_what_helps_is_a_hit_only_where_nothing_answers() -> None:
    assert not outcome(1).is_hit
    assert outcome(1, best=1).is_hit


def test_figures_leave_out_queries_for_nothing() -> None:
    nothing = Outcome(case=case({}, kind="nothing"), grades=(), first="")
    figures = retrieval.figures([outcome(2, 1, kind="typo"), outcome(0), outcome(), nothing])
    assert figures == pytest.approx({"ndcg": 1 / 3, "hit": 1 / 3, "hard_hit": 1, "answered": 2 / 3})


def test_figures_of_no_queries_are_0() -> None:
    assert set(retrieval.figures([]).values()) == {0}


def test_labelled_guidance_is_found_under_its_heading(documents: Sequence[Document]) -> None:
    with retrieval.collect(documents) as collection:
        (spoons,) = retrieval.ask(collection, [case({4: 2}, "uncounted spoons")])
        (waiting,) = retrieval.ask(collection, [case({2: 2, 4: 1}, "waiting")])

    assert (spoons.first, spoons.grades) == ("Spoons lie there uncounted.", (2,))
    assert waiting.grades == (2, 1)


def test_what_the_program_finds_may_be_asked_instead(documents: Sequence[Document]) -> None:
    with retrieval.collect(documents, "found") as collection:
        tea, spoons = retrieval.ask(collection, [case({2: 2}), case({4: 2}, "uncounted spoons")])

    assert (tea.first, tea.grades) == ("Offer tea to people who wait.", (2,))
    assert (spoons.first, spoons.grades) == ("", ())


def test_a_unit_counts_for_the_first_hit_that_holds_it(documents: Sequence[Document]) -> None:
    twin = Document(name="milk", path=documents[0].path, part="held", units=documents[0].units)
    with retrieval.collect([*documents, twin]) as collection:
        (tea,) = retrieval.ask(collection, [case({2: 2})])
    assert tea.grades.count(2) == 1


def test_a_model_finds_by_meaning(documents: Sequence[Document], model: Path) -> None:
    asked = [case({2: 2}, "hot beverage")]
    with retrieval.collect(documents) as collection:
        assert not retrieval.ask(collection, asked)[0].is_hit
    with retrieval.collect(documents, model=model) as collection:
        assert retrieval.ask(collection, asked)[0].is_hit
