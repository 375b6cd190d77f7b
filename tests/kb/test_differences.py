import pytest

from kb import differences, merge
from kb.merge import SAME


def similarity(one: str, other: str) -> float:
    return merge.similarity(merge.signature(one), merge.signature(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Close the ticket once the customer agrees.", "Close the ticket before the customer agrees."),
        ("Take notes during the call.", "Take notes after the call."),
        (
            "Offer a discount only if the customer complains.",
            "Offer a discount even if the customer doesn't complain.",
        ),
        ("Offer a discount only if the customer complains.", "Offer a discount."),
        ("Don't promise a refund.", "Don't promise a refund before you have checked the order."),
        ("Refund unless the parcel was opened.", "Refund if the parcel was opened."),
        ("Offer a refund first.", "Offer a refund last."),
        ("Praise in public, criticise in private.", "Criticise in public, praise in private."),
        ("Hire slowly and fire fast.", "Hire fast and fire slowly."),
        ("Explain the policy to the customer.", "Let the customer explain the policy."),
        ("Tell the customer your name.", "Tell the customer his name."),
        ("Use your own words.", "Use the customer's own words."),
        ("Answer reviews in public.", "Answer reviews in private."),
        ("Ask three questions.", "Ask five questions."),
        ("Ask for the address once.", "Ask for the address."),
        ("Don't answer every comment.", "Don't answer comments."),
        ("Give feedback to agents.", "Get feedback from agents."),
        ("Surprise loyal customers with a gift.", "Surprise new customers with a gift."),
        ("Let novices watch experienced agents.", "Let experienced agents watch novices."),
        ("Value speed over thrift.", "Value thrift over speed."),
        ("Explain why it broke.", "Explain how it broke."),
        ("Learn from your customers.", "Learn about your customers."),
        ("Say what you can do.", "Say what you can't do."),
        ("Judge by what they do rather than say.", "Judge by what they do rather than think."),
        ("Notice the guest who waits.", "Wait until the guest notices."),
    ],
)
def test_what_differs_beside_the_words_keeps_quotes_apart(one: str, other: str) -> None:
    assert similarity(one, other) < SAME
    assert similarity(one, other) == similarity(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Praise in public and criticise in private.", "Criticise in private and praise in public."),
        ("Answer customers' e-mails fast.", "Reply quickly to e-mails from customers."),
        ("Apologise even if you are busy.", "Apologise."),
        ("Use your customer's own words.", "Use the customer's words."),
    ],
)
def test_another_way_to_say_it_is_no_difference(one: str, other: str) -> None:
    assert similarity(one, other) >= SAME


def test_numbers_are_of_one_kind() -> None:
    assert differences.rivals(["24", "48", "listen"]) == {"24", "48"}


def test_a_thing_of_no_kind_has_no_rival() -> None:
    assert differences.rivals(["listen", "custom"]) == frozenset()


def test_a_contrast_needs_two_sides() -> None:
    assert list(differences.contrasts(["listen", "speak"])) == []
    assert set(differences.contrasts(["hire", "!fast", "fire", "fast"])) >= {"+hire>!fast", "+fire>fast"}


def test_unless_is_if_not() -> None:
    assert differences.condition("open", "unless") == "!open"
    assert differences.condition("!open", "unless") == "open"
    assert differences.condition("open", "after") == ">open"
