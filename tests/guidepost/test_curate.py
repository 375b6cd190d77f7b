"""The commands by which a person decides about principles."""

from command import Guidepost


def test_principles_are_merged_listed_and_parted_again(fed: Guidepost) -> None:
    assert fed("curate", "merge", "2", "1").out.startswith("1: ")
    assert fed("principle", "2").status == 2
    (made,) = fed("curate", "list", "--json").json
    assert made["kind"] == "merge"

    assert fed("curate", "undo", str(made["id"])).status == 0
    assert len(fed("principle", "1", "--json").json["quotes"]) == 1
    assert fed("curate", "undo", str(made["id"])).status == 2


def test_a_principle_is_reworded_and_found_by_its_new_words(fed: Guidepost) -> None:
    fed("curate", "word", "1", "Xylophones calm everybody.")

    assert fed("principle", "1", "--json").json["text"] == "Xylophones calm everybody."
    assert "wording  " in fed("curate", "list").out
    assert "Xylophones" in fed("curate", "list").out


def test_a_quote_is_split_off(fed: Guidepost) -> None:
    fed("curate", "merge", "1", "2")
    quotes = fed("principle", "1", "--json").json["quotes"]

    assert fed("curate", "split", "1", str(quotes[0]["id"])).status == 0

    assert len(fed("principle", "1", "--json").json["quotes"]) == len(quotes) - 1
    assert fed("curate", "split", "1", "999").status == 2
