"""Who meets a question: every node alone and with the others, and what its words count."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.filedb.filestore import FileStorage

from kb import segments, snapshot
from kb.index import COLUMNS, FILTERS, WEIGHTS
from kb.matching import Question
from kb.segments import Document, Layout
from kb.snapshot import Snapshot
from kb.text import stem, tokens
from kb.wanted import Both, Days, Either, Loose, Node, Not, Phrase, Prefix, Related, Span, Value, Word

LAYOUT = Layout(tuple(WEIGHTS), FILTERS, COLUMNS)
LETTERS = "abcdefgh"


def document(item: int, quote: str, **more: Any) -> Document:
    words = {field: tokens(more.get(field, "")) for field in WEIGHTS} | {"quote": tokens(quote)}
    words |= {field: more.get(field, []) for field in FILTERS}
    return Document(item, words, {"support": 1, "flawed": 0, "newest": 0})


Fill = Callable[..., Snapshot]


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Fill]:
    """Opens an index of these documents, in two segments."""
    made: list[Snapshot] = []

    def fill(*documents: Document) -> Snapshot:
        storage = FileStorage(str(tmp_path), supports_mmap=False)
        segments.create(storage, "things", LAYOUT)
        half = len(documents) // 2
        for some in (documents[:half], documents[half:]):
            segments.commit(storage, "things", LAYOUT, some, [])
        made.append(snapshot.newest(storage, "things", WEIGHTS, 1 << 20, None))
        return made[-1]

    yield fill
    for one in made:
        one.close()


@pytest.fixture
def blogs(holding: Fill) -> Snapshot:
    return holding(
        document(1, "Answer letters at once.", topic=["trust"], year=["2012"], day=["2012-05-01"]),
        document(2, "Answer the phone.", title="On letters", year=["2013"], day=["2013-01-01"]),
        document(3, "Smile at people.", topic=["trust", "price"], author=["Ann Lee"]),
        document(4, "Letters answer themselves.", context="People smile."),
        document(5, "Never promise refunds.", feed=["a"], state=["flawed"], year=["2013"]),
    )


def word(typed: str, *related: Related, weight: float = 1.0) -> Word:
    return Word(stem=stem(typed), typed=typed, related=related, weight=weight)


def span(*typed: str) -> Span:
    return Span(words=tuple(map(word, typed)))


def instead(text: str, weight: float = 0.7) -> Related:
    return Related(stems=tuple(map(stem, text.split())), text=text, weight=weight)


def phrase(typed: str, field: str | None = None) -> Phrase:
    return Phrase(stems=tuple(filter(None, map(stem, tokens(typed)))), typed=typed, field=field)


def met(there: Snapshot, *nodes: Node, is_plain: bool = False) -> list[int]:
    found = Question(there, is_plain).of(Loose(nodes=nodes))
    assert found.documents.tolist() == sorted(set(found.documents.tolist()))
    assert len(found.scores) == len(found.documents)
    return there.ids[found.documents].tolist()  # type: ignore[no-any-return]


def counted(there: Snapshot, *nodes: Node) -> dict[int, float]:
    found = Question(there, is_plain=False).of(Loose(nodes=nodes))
    return dict(zip(there.ids[found.documents].tolist(), found.scores.tolist(), strict=True))


def test_a_word_is_met_in_any_field(blogs: Snapshot) -> None:
    assert met(blogs, span("letters")) == [1, 2, 4]


def test_nothing_asked_for_is_met_by_everything(blogs: Snapshot) -> None:
    assert met(blogs) == [1, 2, 3, 4, 5]


def test_a_word_that_nobody_has_is_met_by_nothing(blogs: Snapshot) -> None:
    assert met(blogs, span("parcel")) == []
    assert met(blogs, phrase("parcel service"), span("letters")) == []


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (phrase("answer letters"), [1]),
        (phrase("answer the phone"), [2]),  # stop words do not count as words between
        (phrase("smile people"), [3]),
        (phrase("letters phone"), []),
        (phrase("letters"), [1, 2, 4]),
        (phrase("letters", "title"), [2]),
        (phrase("on letters", "title"), [2]),
        (phrase("answer letters", "title"), []),
        (phrase("the"), [1, 2, 3, 4, 5]),
        (Prefix(text="lett"), [1, 2, 4]),
        (Prefix(text="xyz"), []),
        (Value(facet="topic", names=frozenset({"trust"})), [1, 3]),
        (Value(facet="topic", names=frozenset()), []),
        (Value(facet="author", names=frozenset({"Ann Lee"})), [3]),
        (Value(facet="state", names=frozenset({"flawed"})), [5]),
        (Days(first="2012-06-01"), [2]),
        (Days(before="2013-01-01"), [1]),
        (Days(), [1, 2]),
        (Not(node=span("letters")), [3, 5]),
        (Not(node=phrase("answer letters")), [2, 3, 4, 5]),
        (Not(node=Not(node=span("smile"))), [3, 4]),
        (Either(nodes=(span("smile"), span("refund"))), [3, 4, 5]),
        (Either(nodes=(phrase("answer letters"), Not(node=span("letters")))), [1, 3, 5]),
        (Both(nodes=(span("letters"), span("answer"))), [1, 2, 4]),
        (Both(nodes=(span("smile"), Not(node=span("letters")))), [3]),
        (Both(nodes=(span("letters"), Value(facet="year", names=frozenset({"2013"})))), [2]),
        (Both(nodes=(span("letters"), span("parcel"))), []),
    ],
)
def test_every_node_is_met_by_those_that_it_says(blogs: Snapshot, node: Node, expected: list[int]) -> None:
    assert met(blogs, node) == expected


def test_words_are_wanted_and_all_else_must_be_met(blogs: Snapshot) -> None:
    assert met(blogs, span("letters"), span("smile"), Not(node=span("phone"))) == [1, 3, 4]
    assert met(blogs, span("letters"), phrase("answer letters")) == [1]
    assert met(blogs, span("letters"), Value(facet="year", names=frozenset({"2013"}))) == [2]


def test_groups_side_by_side_are_wanted_as_words_are(blogs: Snapshot) -> None:
    group = Either(nodes=(phrase("answer letters"), phrase("smile at people")))

    assert set(met(blogs, group, span("refunds"))) >= {1, 3}


def test_where_nothing_that_must_be_has_a_word_nothing_is_met(blogs: Snapshot) -> None:
    assert met(blogs, span("smile"), phrase("answer letters")) == []


def test_in_a_plain_question_whoever_has_any_word_counts(blogs: Snapshot) -> None:
    assert met(blogs, span("letters"), span("refunds"), is_plain=True) == [1, 2, 4, 5]
    assert met(blogs, span("parcel"), phrase("answer letters"), is_plain=True) == [1]


def test_other_words_stand_in_and_count_less(blogs: Snapshot) -> None:
    asked = Span(words=(word("missives", instead("letters")),))

    own, standing_in = counted(blogs, span("letters")), counted(blogs, asked)

    assert set(standing_in) == {1, 2, 4}
    assert all(0 < standing_in[one] < own[one] for one in own)


def test_other_words_of_several_words_must_stand_together(blogs: Snapshot) -> None:
    assert met(blogs, Span(words=(word("reply", instead("answer letters")),))) == [1]


def test_what_is_said_both_ways_counts_more_than_either(holding: Fill) -> None:
    there = holding(
        document(1, "Send letters today."),
        document(2, "Send missives today."),
        document(3, "Letters missives today."),
    )

    found = counted(there, Span(words=(word("letters", instead("missives")),)))

    assert found[3] > found[1] > found[2]


def test_words_that_stand_for_one_thing_may_be_said_in_another_way(blogs: Snapshot) -> None:
    asked = Span(words=(word("warm"), word("face")), related=(instead("smile"),))

    assert met(blogs, asked) == [3, 4]


def test_a_light_word_counts_less(blogs: Snapshot) -> None:
    light = counted(blogs, Span(words=(word("smile", weight=0.3),)), span("refunds"))
    full = counted(blogs, span("smile"), span("refunds"))

    assert light.get(3, 0) < full[3]


def test_what_must_be_met_is_told_without_the_words(blogs: Snapshot) -> None:
    asked = Loose(
        nodes=(span("letters"), Not(node=span("phone")), Value(facet="year", names=frozenset({"2013"})))
    )

    allowed = Question(blogs, is_plain=False).allowed(asked)

    assert blogs.ids[allowed].tolist() == [5]


def test_a_node_asked_for_alone_is_met_as_within_others(blogs: Snapshot) -> None:
    question = Question(blogs, is_plain=False)
    related = Span(words=(word("missives", instead("letters")),))

    assert blogs.ids[question.of(related).documents].tolist() == [1, 2, 4]
    assert blogs.ids[question.of(span("smile")).documents].tolist() == [3, 4]


def test_an_index_of_nothing_meets_nothing(holding: Fill) -> None:
    there = holding()

    for node in (span("word"), phrase("two words"), Prefix(text="wo"), Not(node=span("word")), Days()):
        assert met(there, node) == []


nodes = st.recursive(
    st.sampled_from([span(f"{one}x") for one in LETTERS])
    | st.builds(
        lambda one, other: phrase(f"{one}x {other}x"), st.sampled_from(LETTERS), st.sampled_from(LETTERS)
    )
    | st.sampled_from([Value(facet="topic", names=frozenset({one})) for one in "tu"]),
    lambda inner: (
        st.builds(lambda one: Not(node=one), inner)
        | st.builds(lambda some: Either(nodes=tuple(some)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda some: Both(nodes=tuple(some)), st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=12,
)


def says(node: Node, one: Document) -> bool:
    """Tell whether a document meets a node, the slow way."""
    quote = [stem(word) for word in one.words["quote"]]
    match node:
        case Span():
            return node.words[0].stem in quote
        case Phrase():
            run = list(node.stems)
            return any(quote[at : at + len(run)] == run for at in range(len(quote)))
        case Value():
            return not node.names.isdisjoint(one.words[node.facet])
        case Not():
            return not says(node.node, one)
        case Either():
            return any(says(inner, one) for inner in node.nodes)
        case Both():
            return all(says(inner, one) for inner in node.nodes)
    raise AssertionError(node)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=nodes, seed=st.integers(0, 3))
def test_operators_mean_what_logic_says(holding: Fill, node: Node, seed: int) -> None:
    luck = random.Random(seed)
    documents = [
        document(
            number,
            " ".join(f"{luck.choice(LETTERS)}x" for _ in range(luck.randint(0, 9))),
            topic=luck.sample("tuv", luck.randint(0, 2)),
        )
        for number in range(1, 40)
    ]
    there = holding(*documents)

    assert met(there, Both(nodes=(node,))) == [one.id for one in documents if says(node, one)]
    there.close()
