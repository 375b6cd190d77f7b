"""What stands around a unit: whose words it is, and whether it is meant."""

import pytest

from ingest import setting
from ingest.units import Kind, Unit

STORY = "The oven was cold and the bread was flat. " * 4


def unit(
    text: str,
    kind: Kind = "sentence",
    *,
    before: str = "",
    after: str = "",
    section: str = "",
    lead: str = "",
) -> Unit:
    return Unit(
        start=0,
        end=len(text),
        kind=kind,
        texts=[before, text, after],
        at=1,
        section=section,
        lead=lead,
        intro="",
        is_cited=False,
        is_remedy=False,
        block=0,
    )


def said(given: Unit, title: str = "", found: frozenset[str] = frozenset({"imperative"})) -> set[str]:
    return set(setting.reasons(given, title, given.text.lower(), set(found)))


def test_a_post_that_never_speaks_of_people_it_serves_is_not_ours() -> None:
    assert not setting.is_ours(STORY, "Flat bread", units=20)


@pytest.mark.parametrize("title", ["How we answer the phone", "What guests want"])
def test_a_title_may_say_that_a_post_is_ours(title: str) -> None:
    assert setting.is_ours(STORY, title, units=20)


def test_a_post_that_speaks_of_guests_is_ours() -> None:
    assert setting.is_ours(STORY + "Our guests waited. The guests left. ", "Flat bread", units=20)


def test_a_very_short_post_is_not_judged() -> None:
    assert setting.is_ours("Call back.", "Today", units=1)


@pytest.mark.parametrize("title", ["release notes 4.1", "webinar: calm desks"])
def test_release_notes_and_webinars_are_of_another_genre(title: str) -> None:
    assert "genre" in said(unit("Call the guest."), title)


def test_a_recipe_for_good_service_is_no_recipe() -> None:
    assert "genre" not in said(unit("Call the guest."), "our recipe for good service")
    assert "genre" in said(unit("Call the guest."), "a recipe with lemons")


@pytest.mark.parametrize("text", ["Answer within 24 hours.", "Take a 2-minute break.", "On the 1st, call."])
def test_how_long_something_may_take_is_no_figure_of_one_case(text: str) -> None:
    assert "counted" not in said(unit(text))


def test_a_sentence_with_a_name_or_a_figure_is_of_one_case() -> None:
    found = said(unit("Ask the porter Pat for 12 new keys."))

    assert {"named", "counted"} <= found


def test_a_sentence_may_lean_on_the_one_before() -> None:
    assert {"joined", "answer"} <= said(unit("And call the guest.", before="Who is it?"))


def test_what_continues_anyway_does_not_lean_twice() -> None:
    assert "joined" not in said(unit("And then call the guest."), found=frozenset({"imperative", "sequel"}))


@pytest.mark.parametrize("section", ["Don't", "The don'ts", "What not to do", "Avoid:"])
def test_items_under_what_to_avoid_are_mistakes(section: str) -> None:
    assert "mistaken" in said(unit("Blame the courier.", "item", section=section))


@pytest.mark.parametrize("lead", ["Example", "For example", "Mini case", "Scenario:"])
def test_what_a_lead_in_calls_an_example_is_one(lead: str) -> None:
    assert "example" in said(unit("Use coloured cards.", lead=lead))


def test_items_under_what_to_do_are_no_mistakes() -> None:
    assert "mistaken" not in said(unit("Call the guest.", "item", section="Do"))


def test_under_a_theme_a_sentence_of_an_ironic_post_is_meant() -> None:
    meant = unit("Train the night shift.", section="Poor training")

    assert "ironic" not in said(meant, "how to lose customers")


def test_under_an_ironic_instruction_a_sentence_is_ironic_too() -> None:
    joke = unit("Take the phone off the hook.", section="Ignore the phone")

    assert "ironic" in said(joke, "how to lose customers")


def test_what_to_stop_may_be_said_twice_over() -> None:
    assert "doubtful" in said(unit("Avoid hard talks", "heading"), "ten things to stop doing")


def test_advice_that_is_called_so_is_meant() -> None:
    assert "ironic" not in said(unit("Call back, that's my advice."), "how to lose customers")
