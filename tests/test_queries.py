"""The queries that search is judged on, and the units of the labelled posts that a reader wants for each."""

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

EVAL = Path(__file__).with_name("eval")
KINDS = {"synonym": 40, "typo": 25, "negation": 15, "plain": 25, "question": 15, "nothing": 10}  # at least


def rows(name: str) -> Iterator[dict[str, str]]:
    with (EVAL / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@cache
def units(post: str) -> list[list[str]]:
    """Return kind, grade, topics and text of every unit of a post."""
    lines = (EVAL / "labels" / f"{post}.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines]


QUERIES = list(rows("queries.tsv"))
JUDGEMENTS = list(rows("judgements.tsv"))
FLAWS = {row["post"]: row["flaw"] for row in rows("sources.tsv")}


def test_every_query_is_there_once() -> None:
    assert len({row["id"] for row in QUERIES}) == len(QUERIES)
    assert len({row["query"].casefold() for row in QUERIES}) == len(QUERIES)


def test_there_are_enough_queries_of_every_kind() -> None:
    found = Counter(row["kind"] for row in QUERIES)
    assert found.keys() == KINDS.keys()
    assert not {kind: found[kind] for kind, least in KINDS.items() if found[kind] < least}


def test_half_of_every_kind_is_held_back() -> None:
    found = Counter((row["kind"], row["part"]) for row in QUERIES)
    assert {part for _, part in found} == {"tuning", "held"}
    assert all(abs(found[kind, "tuning"] - found[kind, "held"]) <= 1 for kind in KINDS)


def test_no_query_has_two_judgements_of_one_unit() -> None:
    judged = Counter((row["query"], row["post"], row["unit"]) for row in JUDGEMENTS)
    assert [which for which, times in judged.items() if times > 1] == []


def test_a_judgement_bears_the_words_of_its_unit() -> None:
    wrong = [row for row in JUDGEMENTS if units(row["post"])[int(row["unit"])][-1] != row["text"]]
    assert wrong == []


def test_only_guidance_is_judged_and_borderline_guidance_never_answers() -> None:
    for row in JUDGEMENTS:
        label = int(units(row["post"])[int(row["unit"])][1])
        assert 1 <= int(row["grade"]) <= label, row


def test_every_query_but_those_for_nothing_is_answered_in_a_sound_post() -> None:
    answered = {row["query"] for row in JUDGEMENTS if row["grade"] == "2" and FLAWS[row["post"]] == "clean"}
    assert answered == {row["id"] for row in QUERIES if row["kind"] != "nothing"}


def test_what_is_sought_for_nothing_has_no_judgement() -> None:
    judged = {row["query"] for row in JUDGEMENTS}
    assert judged.isdisjoint(row["id"] for row in QUERIES if row["kind"] == "nothing")


def test_queries_ask_for_every_post_that_holds_guidance() -> None:
    wanted = {row["post"] for row in JUDGEMENTS if row["grade"] == "2"}
    assert wanted == {post for post in FLAWS if any(unit[1] == "2" for unit in units(post))}
