import pytest

from kb import stance


def test_what_is_asked_for_and_what_is_forbidden_are_told_apart() -> None:
    read = stance.read("Don't argue, listen.")

    assert (set(read.asks), set(read.forbids)) == ({"listen"}, {"argue"})


@pytest.mark.parametrize(
    "forbidding",
    [
        "Throw away the script.",
        "Get rid of scripts.",
        "There is no place for a script in a conversation.",
        "Scripts are overrated.",
        "In general, scripts should be avoided.",
        "Great companies don't use scripts.",
        "Forget scripts.",
        "Leave the script at home.",
        "You don't have to use a script.",
        "Agents should never use a script.",
        "Nobody needs a script.",
        "Avoid scripts.",
        "The last thing you want to do is to script.",
    ],
)
def test_idioms_forbid_as_plain_words_do(forbidding: str) -> None:
    assert "script" in stance.read(forbidding).forbids


@pytest.mark.parametrize(
    "denying",
    ["Find out why they don't script.", "Ask those who have no script.", "Write it down, not into a script."],
)
def test_a_denial_by_the_way_forbids_nothing(denying: str) -> None:
    assert not stance.read(denying).forbids


def test_twice_forbidden_is_asked_for() -> None:
    read = stance.read("Don't hide your phone number.")

    assert "number" in read.asks
    assert not read.forbids


def test_a_word_of_a_ban_counts_wherever_its_clause_stands() -> None:
    read = stance.read("Greet people warmly at the door; never argue.")

    assert read.forbids == {"argue": 1.0}


@pytest.mark.parametrize(
    "limited",
    [
        "Never close a case before the customer agrees.",
        "Don't just say sorry.",
        "Don't be too quick to refund.",
        "Don't say what you can't do.",
    ],
)
def test_a_ban_with_exceptions_is_partial(limited: str) -> None:
    assert stance.read(limited).is_partial


def test_a_case_that_is_named_limits_what_is_said() -> None:
    read = stance.read("Apologise when you are wrong.")

    assert read.limits == read.extent == {"wrong"}
    assert "wrong" not in read.said


def test_a_case_that_makes_no_difference_limits_nothing() -> None:
    read = stance.read("Apologise even if you are not wrong.")

    assert (read.limits, read.extent) == (frozenset(), {"!wrong"})
    assert read.holds_always


def test_a_reason_is_no_limit() -> None:
    read = stance.read("Apologise, because it costs nothing.")

    assert (read.limits, read.extent) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Answer within the hour.", True),
        ("Answer in a hurry.", True),
        ("Take your time with an answer.", False),
        ("Never rush an answer.", False),
    ],
)
def test_a_quality_is_asked_for_or_its_contrary(text: str, asked: bool) -> None:
    assert stance.read(text).qualities == {"fast": asked}


@pytest.mark.parametrize(
    "text", ["Arguing with customers", "Excuses make it worse.", "Customers do not like excuses."]
)
def test_what_goes_wrong_is_no_advice(text: str) -> None:
    assert stance.read(text).is_sour


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Put your employees first.", "employee"),
        ("The customer must always come first.", "custom"),
        ("Customers first!", "custom"),
        ("Put your people first and the rest will follow.", "employee"),
        ("Never put staff first.", None),
        ("Safety comes first.", None),
        ("Ask the customer for the order number first.", None),
    ],
)
def test_who_comes_first(text: str, first: str | None) -> None:
    assert stance.read(text).first == first


@pytest.mark.parametrize(
    "text",
    [
        "Quality over quantity.",
        "Choose quality rather than quantity.",
        "Quality matters more than quantity.",
        "Better good quality than great quantity.",
    ],
)
def test_what_is_put_before_what(text: str) -> None:
    read = stance.read(text)

    assert "qualiti" in read.better
    assert "quantiti" in read.worse


def test_a_text_may_say_nothing() -> None:
    assert not stance.read("").said
    assert not stance.read("?!").said


@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "not ",
        "never use ",
        "customers may not always be right ",
        "keep ",
        "leave x ",
        "(",
        "better than ",
        "\u00df\u0130",
    ],
)
def test_any_text_can_be_read(piece: str) -> None:
    assert stance.read(piece * 20_000) is stance.read(piece * 20_000)
