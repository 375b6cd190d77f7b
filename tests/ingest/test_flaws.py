"""Texts in cases/flaws, one after the other, each under a line that names it.

Those in `tune` were looked at while the rules were written, those in `held` only counted, once the rules were frozen.
Whoever looks at why one of them is missed moves all of them to `tune` and writes others.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from ingest import flaws

CASES = Path(__file__).parent / "cases" / "flaws"
# The figures of today, to be raised with the rules.
LEAST_FOUND = {"tune": 0.9, "held": 0.5}


def cases(name: str) -> dict[str, str]:
    read = (one.split("\n", 1) for one in (CASES / f"{name}.txt").read_text("utf-8").split("\n===\n"))
    return {title.strip(): text for title, text in read}


CLEAN = [(title, text) for half in LEAST_FOUND for title, text in cases(f"clean_{half}").items()]


@pytest.mark.parametrize(("title", "text"), CLEAN, ids=[title for title, _ in CLEAN])
def test_no_writer_is_slandered(title: str, text: str) -> None:
    assert flaws.of(text) is None, title


@pytest.mark.parametrize("half", LEAST_FOUND)
def test_flawed_texts_are_found(half: str) -> None:
    found = {title: flaws.of(text) for title, text in cases(f"spun_{half}").items()}

    assert sum(map(bool, found.values())) >= LEAST_FOUND[half] * len(found), found


def test_there_are_enough_cases_of_either_kind() -> None:
    assert min(sum(len(cases(f"{kind}_{half}")) for half in LEAST_FOUND) for kind in ("spun", "clean")) >= 24


def test_one_swap_proves_nothing() -> None:
    assert flaws.of("Nobody knew what the volition be of this sentence meant, and we let it stand.") is None


def test_what_is_only_spoken_of_does_not_count() -> None:
    spun = 'He wrote {} where he meant "will be", and {} for "even if", and {} for "most important".'
    swaps = ("volition be", "fifty-fifty if", "near important")

    assert flaws.of(spun.format(*swaps)) == flaws.SPUN
    assert flaws.of(spun.format(*(f"\u201c{swap}\u201d" for swap in swaps))) is None


def test_the_wreckage_of_contractions_is_known() -> None:
    assert flaws.of("It'south the best, and more we cannot ask.") == flaws.SPUN
    assert flaws.of("It'll do; that's all. The o'clock of O'Southey. Let's go where y'all're going.") is None


def test_the_same_few_words_over_and_over_are_no_text() -> None:
    assert flaws.of("best customer service cheap " * 100) == flaws.BABBLE


def test_letters_set_apart_are_garbled() -> None:
    assert flaws.of(" ".join("customers want their answers today")) == flaws.GARBLED


def test_every_swap_of_the_tables_is_found() -> None:
    table = flaws._tables().swaps

    assert not [swap for swaps in table.values() for rule, swap in swaps if rule not in found(swap)]


def found(text: str) -> set[int]:
    tokens = flaws._tokens(text)
    return flaws._swaps(tokens, set(pairwise(tokens)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "{" * 100_000,
        "{a|" * 50_000,
        "a'" * 100_000,
        "\ud800" * 100,
        "\n " * 100_000,
        " " * 50_000,
        '"' * 100_000,
    ],
)
def test_hostile_texts_come_to_an_end(text: str) -> None:
    assert flaws.of(text) in {None, flaws.BABBLE, flaws.GARBLED}
