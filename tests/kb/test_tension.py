import csv
from pathlib import Path

import pytest

from kb import stance, tension
from kb.stance import Stance

PAIRS = Path(__file__).parent / "cases" / "tension" / "pairs.tsv"
# Of the pairs of each half; they only go up. Rules and PULLS were tuned on one half alone.
PRECISION_FLOOR = {"tune": 0.98, "held": 0.96}
RECALL_FLOOR = {"tune": 0.65, "held": 0.65}


def pairs(half: str) -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(pair["verdict"] in {"tension", "none"} for pair in found), "a pair has a verdict"
    return [pair for pair in found if pair["half"] == half]


def pulls(one: str, other: str) -> bool:
    return tension.pull(stance.read(one), stance.read(other)) >= tension.PULLS


@pytest.mark.parametrize("half", ["tune", "held"])
def test_the_labelled_pairs_are_told_apart(half: str) -> None:
    found = [(pulls(pair["a"], pair["b"]), pair["verdict"] == "tension", pair) for pair in pairs(half)]
    right = sum(pulling and labelled for pulling, labelled, _ in found)

    wrong = [pair for pulling, labelled, pair in found if pulling and not labelled]
    missed = [pair for pulling, labelled, pair in found if labelled and not pulling]

    assert right / (right + len(wrong)) >= PRECISION_FLOOR[half], wrong
    assert right / (right + len(missed)) >= RECALL_FLOOR[half], missed


def test_no_group_of_pairs_is_in_both_halves() -> None:
    groups = [{pair["group"] for pair in pairs(half)} for half in ("tune", "held")]
    assert not groups[0] & groups[1]


def test_it_does_not_matter_which_comes_first() -> None:
    read = [(stance.read(pair["a"]), stance.read(pair["b"])) for pair in pairs("tune")]

    assert all(tension.pull(one, other) == tension.pull(other, one) for one, other in read)


def test_what_pulls_is_found_by_its_marks() -> None:
    read = [(stance.read(pair["a"]), stance.read(pair["b"])) for pair in (*pairs("tune"), *pairs("held"))]

    assert all(meets(one, other) for one, other in read if tension.pull(one, other) >= tension.PULLS)


def meets(one: Stance, other: Stance) -> bool:
    return any(tension.marks(a) & tension.wishes(b) for a, b in ((one, other), (other, one)))


def test_nothing_pulls_against_itself() -> None:
    texts = {text for pair in pairs("tune") for text in (pair["a"], pair["b"])}

    assert [text for text in sorted(texts) if pulls(text, text)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The customer is always right.", "The customer may not always be right, but he is still always the customer."),
        ("Under-promise and over-deliver.", "Don't promise less than you can do."),
        ("Script every call.", "Throw away the script."),
        ("Answer within the hour.", "Better a good answer late than a bad one fast."),
        ("Rule number one: the customer is always right.", "When it comes to prices, the customer isn't always right."),
        ("Put customers first.", "Your staff come first."),
        ("Quality over quantity.", "Choose quantity rather than quality."),
    ],
)  # fmt: skip
def test_the_well_known_ones_are_found(one: str, other: str) -> None:
    assert pulls(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Never lie.", "Be honest."),
        ("Don't argue about the price.", "Argue your case in the team meeting."),
        ("Never fire a customer.", "Fire rude employees."),
        ("Don't answer every complaint.", "Answer complaints politely."),
        ("Never reply slowly.", "Reply quickly."),
        ("Don't make customers call.", "Call your customers."),
        ("Stop thinking about a plan.", "Think of general price plans for each of your shops."),
        ("Never sell to them.", "Sell them what they need."),
        ("Don't argue.", "Arguing with customers is the worst you can do."),
        ("", ""),
    ],
)
def test_what_only_looks_like_it_is_left_alone(one: str, other: str) -> None:
    assert not pulls(one, other)


def test_a_ban_for_a_case_pulls_only_where_the_case_is_named() -> None:
    assert not pulls("Apologise.", "Don't apologise for what isn't your fault.")
    assert pulls("Apologise even when it isn't your fault.", "Don't apologise for what isn't your fault.")
