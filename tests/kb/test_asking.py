"""From the tree of what was typed to the tree of what is looked for."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import asking, query, wanted
from kb.wanted import Days, Facet, Loose, Node, Phrase, Prefix, Span, Value, spans

FEEDS = [("https://a.example/feed", "Ann's blog https://a.example/feed"), ("b", "Bread and Butter b")]
AUTHORS = [("Zoë Lee", "Zoë Lee"), ("Bob", "Bob")]


def known(facet: Facet) -> Iterable[tuple[str, str]]:
    return {"feed": FEEDS, "author": AUTHORS}[facet]


def asked(text: str) -> tuple[Node, ...]:
    return asking.node(query.parse(text).node, known).nodes


def typed(text: str) -> list[list[str]]:
    return [[word.typed for word in span.words] for span in spans(Loose(nodes=asked(text)))]


def all_related(node: Node) -> list[str]:
    found = [one.text for span in spans(node) for one in span.related]
    return found + [one.text for span in spans(node) for word in span.words for one in word.related]


def test_words_are_looked_for_by_their_stems_and_stop_words_not_at_all() -> None:
    (span,) = asked("the letters")

    assert isinstance(span, Span)
    assert [(word.stem, word.typed) for word in span.words] == [("letter", "letters")]


def test_negations_are_looked_for() -> None:
    (first, *_) = asked("not apologizing")

    assert isinstance(first, Span)
    assert first.words[0].stem == "not"


def test_other_words_for_what_was_typed_come_with_it() -> None:
    assert "angry" in all_related(Loose(nodes=asked("furious")))


def test_words_that_stand_for_one_thing_together_are_one_span() -> None:
    (span,) = (one for one in asked("passed from pillar to post") if len(getattr(one, "words", ())) > 1)

    assert isinstance(span, Span)
    assert span.related


def test_words_that_any_guidance_could_hold_count_less() -> None:
    (span,) = asked("customer")

    assert isinstance(span, Span)
    assert span.words[0].weight == asking.LIGHT


def test_phrases_have_no_stop_words_and_no_other_words() -> None:
    assert asked('"owning the mistake"') == (Phrase(stems=("own", "mistak"), typed="owning the mistake"),)


@pytest.mark.parametrize("text", ['"to be or not"', '"to be"', '-"the"', "the (of OR to)", "(the) AND (of)"])
def test_what_is_but_stop_words_is_not_looked_for(text: str) -> None:
    assert all(isinstance(one, Phrase) and one.stems == ("not",) for one in asked(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refun*", Prefix(text="refun")),
        ("before:2012", Days(before="2012-01-01")),
        ("after:2012-03", Days(first="2012-03-01")),
        ("year:2010..2014", Days(first="2010-01-01", before="2014-12-32")),
        ("year:2012", Value(facet="year", names=frozenset({"2012"}))),
        ("state:flawed", Value(facet="state", names=frozenset({"flawed"}))),
        ("topic:complaints", Value(facet="topic", names=frozenset({"complaints"}))),
        ("topic:nothing-of-the-kind", Value(facet="topic", names=frozenset())),
        ('source:"a.example/feed"', Value(facet="feed", names=frozenset({"https://a.example/feed"}))),
        ("source:bread", Value(facet="feed", names=frozenset({"b"}))),
        ("author:zoe", Value(facet="author", names=frozenset({"Zoë Lee"}))),
        ("author:nobody", Value(facet="author", names=frozenset())),
        ("title:letters", Phrase(stems=("letter",), typed="letters", field="title")),
    ],
)
def test_fields_are_values_days_and_phrases(text: str, expected: Node) -> None:
    assert asked(text) == (expected,)


def test_a_part_of_a_topics_name_is_enough_where_none_is_called_so() -> None:
    (whole,), (part,) = asked("topic:complaints"), asked("topic:complain")

    assert isinstance(whole, Value)
    assert isinstance(part, Value)
    assert whole.names <= part.names


def test_a_title_of_stop_words_is_not_looked_for() -> None:
    assert asked("title:the") == ()


def test_what_is_excluded_has_no_other_words() -> None:
    (not_this,) = asked("-(furious OR (irate AND mad))")

    assert isinstance(not_this, wanted.Not)
    assert all_related(not_this.node) == []
    assert isinstance(not_this.node, wanted.Either)


def test_what_is_excluded_may_be_a_phrase_or_a_field() -> None:
    phrase, year = asked('-"own it" -year:2012')

    assert phrase == wanted.Not(node=Phrase(stems=("own",), typed="own it"))
    assert year == wanted.Not(node=Value(facet="year", names=frozenset({"2012"})))


def test_or_and_and_keep_what_can_be_looked_for() -> None:
    (either,) = asked("letters OR the")
    (both,) = asked("letters AND smile")

    assert isinstance(either, wanted.Either)
    assert len(either.nodes) == 1
    assert isinstance(both, wanted.Both)
    assert [span.words[0].stem for span in both.nodes if isinstance(span, Span)] == ["letter", "smile"]


def test_words_within_parentheses_stay_together() -> None:
    (either,) = asked("(letters smile) OR parcel")

    assert isinstance(either, wanted.Either)
    assert isinstance(either.nodes[0], Loose)


def test_words_keep_the_order_in_which_they_were_typed() -> None:
    assert typed("parcels letters boxes") == [["parcels"], ["letters"], ["boxes"]]


def test_a_query_leans_to_the_topics_that_it_is_about() -> None:
    (first, weight), *others = asking.leanings(["angry", "complaint"])

    assert (first, weight) == ("complaints", 1.0)
    assert all(0 < other < 1 for _, other in others)
    assert asking.leanings([]) == ()


@given(st.text(max_size=120))
def test_whatever_is_typed_can_be_asked_for(text: str) -> None:
    for span in spans(Loose(nodes=asked(text))):
        assert span.words
        assert all(word.stem for word in span.words)
