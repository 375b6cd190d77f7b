"""Instructions and duties in single sentences."""

import pytest

from ingest import mood, phrases

COMMANDS = """call them back
don't argue
never blame the caller
do it today
do not wait
be patient
let them talk
under promise
mutually agree on a date
politely ask the guest
attempt to call first
answer every letter
call customers before noon
say "yes" first
listen
remember you are the host
note the guest is waiting
regularly review their letters
answer waiting guests"""
NO_COMMANDS = """call centres are busy
do you listen
be
let us go
family matters
customers call us
need help
calls are short
use is rising
answer times in spring were short
help desk staff hear nothing
repeat calls cost money
want them to stay"""


@pytest.mark.parametrize("text", COMMANDS.splitlines())
def test_an_instruction_is_seen(text: str) -> None:
    assert mood.commands(phrases.tokens(text))


@pytest.mark.parametrize("text", NO_COMMANDS.splitlines())
def test_what_only_looks_like_an_instruction_is_none(text: str) -> None:
    assert not mood.commands(phrases.tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "when they shout, stay calm",
        "whatever you do, don't argue",
        "no matter what, call back",
        "when a guest walks in greet them",
        "if it is late, then just say so",
    ],
)
def test_an_instruction_after_a_condition_is_seen(text: str) -> None:
    assert mood.commands_if(phrases.tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "no, come on",
        "when they shout, they mean it",
        "if you ask, listen and act, they will stay",
        "if the shop is closed, the guests are angry",
        "in may it rained",
        "through good data, companies can find the cause",
    ],
)
def test_a_condition_without_an_instruction_is_none(text: str) -> None:
    assert not mood.commands_if(phrases.tokens(text))


@pytest.mark.parametrize(
    "text", ["it is hard, but try to stay calm", "they want no excuses; give them a date"]
)
def test_an_instruction_within_a_statement_is_seen(text: str) -> None:
    assert mood.commands_within(phrases.tokens(text))


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("a clerk should never argue", "modal"),
        ("rules should protect the many", "modal"),
        ("every guest should have the last word", "modal"),
        ("managers also need to listen", "weak_modal"),
        ("the oven needs to cool", None),
        ("morale falls when teams must hurry", None),
        ("morale falls when teams need to hurry", None),
        ("you wonder what you should do", None),
        ("they should have called the customer", None),
        ("should you call the customer", None),
        ("every guest must leave by noon", None),
        ("every guest must feel welcome", "modal"),
        ("customers need to be heard", "weak_modal"),
        ("before noon, a letter should be answered", "modal"),
        ("it rained", None),
        ("that does not mean an agent should grovel", None),
        ("when a team has to wait, guests leave", None),
        ("by asking, staff learn what rooms they need to clean", None),
        ("what you need to do is listen", "weak_modal"),
    ],
)
def test_who_is_held_to_something_has_a_duty(text: str, duty: str | None) -> None:
    assert mood.obliges(phrases.tokens(text)) == duty


@pytest.mark.parametrize(
    "text",
    [
        "good leaders lead from the front",
        "a great shop quickly admits it",
        "the best hotels greet you by name",
    ],
)
def test_what_good_people_do_is_seen(text: str) -> None:
    assert mood.portrays(phrases.tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "good leaders are rare",
        "leaders lead",
        "good weather helps",
        "good company managers want more",
        "good",
    ],
)
def test_other_praise_says_nothing_of_what_they_do(text: str) -> None:
    assert not mood.portrays(phrases.tokens(text))
