from collections.abc import Callable

from kb.model import Filing

Keep = Callable[..., int]
Page = Callable[[str], str]

OFFER, LIKE = "Offer a solution, not an excuse.", "No excuse replaces a solution."
OTHERS = ("Answer letters within a day.", "Write names on badges.", "Hire for warmth.")
TRUST = (Filing(topic="trust", words=("word",)),)


def test_a_principle_shows_others_like_it(page: Page, keep: Keep) -> None:
    keep(OFFER, OFFER, topics=TRUST)
    keep(
        " ".join((LIKE, *OTHERS)),
        LIKE,
        *OTHERS,
        topics=TRUST,
        source="https://b.example/",
        publisher="b.example",
    )

    related = page("/principles/1").partition("Related</h2>")[2]

    assert f'<a href="/principles/2" dir="auto">{LIKE}</a>' in related
    assert OTHERS[0] not in related


def test_it_shows_more_of_its_source_but_nothing_twice(page: Page, keep: Keep) -> None:
    said = (OFFER, LIKE, *OTHERS)
    keep(" ".join(said), *said, topics=TRUST)

    text = page("/principles/1")
    more = text.partition("More from this source</h2>")[2]

    assert text.count(f'dir="auto">{LIKE}</a>') == 1
    assert all(other in more for other in OTHERS)
    assert "<bdi>tillside.example</bdi>" in more


def test_without_any_there_are_no_such_lists(page: Page, keep: Keep) -> None:
    keep(OFFER, OFFER, topics=TRUST)

    text = page("/principles/1")

    assert "Related" not in text
    assert "More from this source" not in text
