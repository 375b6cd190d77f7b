from collections.abc import Callable

import pytest
from builders import NOW, digest, raw
from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from kb import posts, principles, related, schema, tensions
from kb.index import Index
from kb.model import Principle
from kb.posts import Origins

Keep = Callable[..., None]
Read = Callable[[str, Callable[..., tuple[Principle, ...]]], list[str]]


@pytest.fixture
def keep(engine: Engine, index: Index) -> Keep:
    """Keep a post of these sentences."""

    def add(*sentences: str, site: str = "a.example", topics: tuple[str, ...] = ("recovery",)) -> None:
        with schema.writing(engine) as db:
            made = digest(*sentences, topics=topics, publisher=site, key=sentences[0])
            origins = Origins(source=f"https://{site}/", origin="feed")
            posts.keep(db, raw(sentences[0], name=sentences[0]), origins, [made], NOW)
        index.catch_up(engine)

    return add


@pytest.fixture
def beside(engine: Engine, index: Index) -> Read:
    """Return what one of the functions tells beside the principle of that wording."""

    def read(text: str, tell: Callable[..., tuple[Principle, ...]]) -> list[str]:
        with engine.connect() as db:
            return [one.text for one in tell(db, index, _worded(db, text))]

    return read


def _worded(db: Connection, text: str) -> Principle:
    return next(one for one in principles.many(db, principles.ids(db)).values() if one.text == text)


OFFER = "Offer a solution rather than an excuse."
LIKE = "Nobody wants an excuse when a solution is at hand."
OTHERS = ("Answer letters within a day.", "Write names on badges.", "Hire for warmth.", "Train on the job.")


def test_principles_in_like_words_are_related(keep: Keep, beside: Read) -> None:
    keep(OFFER)
    keep(LIKE, *OTHERS, site="b.example")

    assert beside(OFFER, related.to) == [LIKE]


def test_one_word_in_common_is_not_enough(keep: Keep, beside: Read) -> None:
    keep(OFFER)
    keep("Every excuse has a history.", "A solution takes time.", *OTHERS, site="b.example")

    assert beside(OFFER, related.to) == []


def test_words_of_the_title_and_of_the_passage_around_do_not_count(keep: Keep, beside: Read) -> None:
    keep(OFFER, LIKE, *OTHERS)

    assert beside(OFFER, related.to) == [LIKE]


def test_what_is_filed_under_other_topics_is_not_related(keep: Keep, beside: Read) -> None:
    keep(OFFER)
    keep(LIKE, *OTHERS, site="b.example", topics=("hiring",))

    assert beside(OFFER, related.to) == []


@pytest.mark.parametrize(("topics", "like"), [(("recovery",), ["A refund needs an apology."]), ((), [])])
def test_what_is_unfiled_is_told_by_more_words(
    keep: Keep, beside: Read, topics: tuple[str, ...], like: list[str]
) -> None:
    whole = "Offer a refund, a voucher, a smile, a handshake and an apology."
    keep(whole, topics=topics)
    keep(
        "A refund needs an apology.",
        "Print a voucher.",
        "Wear a smile.",
        "Shun a handshake.",
        site="b.example",
    )

    assert beside(whole, related.to) == like


def test_what_pulls_the_other_way_is_not_related(keep: Keep, beside: Read, engine: Engine) -> None:
    keep("Script every call.", "Throw away the script of every call.", *OTHERS)
    assert beside("Script every call.", related.to) == ["Throw away the script of every call."]

    with schema.writing(engine) as db:
        tensions.confirm(db, 1, 2)

    assert beside("Script every call.", related.to) == []


def test_no_more_are_related_than_wanted(keep: Keep, beside: Read) -> None:
    keep(
        OFFER,
        *(f"Offer {name} a solution, no excuse." for name in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo")),
        *OTHERS,
    )

    assert len(beside(OFFER, related.to)) == 5


def test_a_principle_of_words_that_nobody_else_says_has_none(keep: Keep, beside: Read) -> None:
    keep(OFFER, *OTHERS)

    assert beside(OFFER, related.to) == []


def test_a_quote_without_end_is_told_by_its_beginning(keep: Keep, beside: Read) -> None:
    endless = " ".join(f"word{number}" for number in range(3_000)) + "."
    keep(endless, "Say word1 before word2.", "Say word2001 before word2002.", *OTHERS)

    assert beside(endless, related.to) == ["Say word1 before word2."]


def test_the_best_supported_of_the_same_source_come_first(keep: Keep, beside: Read) -> None:
    keep(OFFER, *OTHERS)
    keep("Hire for warmth.", "Sweep the floor.", site="b.example")

    told = beside(OFFER, related.from_source)

    assert told[0] == "Hire for warmth."
    assert sorted(told) == sorted(OTHERS)


def test_what_is_shown_beside_it_is_left_out(keep: Keep, engine: Engine, index: Index) -> None:
    keep(OFFER, *OTHERS)

    with engine.connect() as db:
        found = related.from_source(db, index, _worded(db, OFFER), [2, 3], most=1)

    assert [one.id for one in found] == [4]
