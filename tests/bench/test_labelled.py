import json
from pathlib import Path

import pytest

from bench import labelled

SOURCES = "post\tpublisher\tkind\tflaw\tcopy_of\tpart\n"


def own(folder: Path, labels: str, source: str = "tea\tLeaf\tblog\tclean\t\theld") -> list[labelled.Document]:
    for name in ("posts", "labels"):
        (folder / name).mkdir()
    (folder / "posts" / "tea.md").write_text("# Tea\n", "utf-8")
    (folder / "labels" / "tea.tsv").write_text(labels, "utf-8")
    (folder / "sources.tsv").write_text(SOURCES + source + "\n", "utf-8")
    return labelled.own(folder)


def lines(folder: Path, *posts: str) -> Path:
    said = [
        {"post": post, "i": 0, "kind": "sent", "text": "Offer tea.", "grade": 2, "topics": ["ease"]}
        for post in posts
    ]
    (folder / "set" / "posts").mkdir(parents=True)
    (folder / "set" / "labels.jsonl").write_text("\n".join(map(json.dumps, said)), "utf-8")
    return folder / "set"


def test_a_document_has_the_units_of_its_labels(tmp_path: Path) -> None:
    (tea,) = own(tmp_path, 'title\t0\t\tTea\nsentence\t2\tease,trust\tOffer "tea".\n')

    assert [(one.kind, one.grade, one.topics, one.text) for one in tea.units] == [
        ("title", 0, (), "Tea"),
        ("sentence", 2, ("ease", "trust"), 'Offer "tea".'),
    ]
    assert (tea.name, tea.part, tea.flaw, tea.copy_of) == ("tea", "held", None, None)


def test_a_document_may_be_a_poor_copy(tmp_path: Path) -> None:
    (tea,) = own(tmp_path, "title\t0\t\tTea\n", "tea\tLeaf\tblog\tspun\tcoffee\ttuning")
    assert (tea.part, tea.flaw, tea.copy_of) == ("tuning", "spun", "coffee")


@pytest.mark.parametrize(
    "line", ["title\t0\tTea", "title\t0\t\tTea\tmore", "title\t3\t\tTea", "title\ttwo\t\tTea"]
)
def test_a_label_that_cannot_be_read_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"is none of|without one cell"):
        own(tmp_path, line + "\n")


def test_a_folder_has_the_documents_that_its_labels_speak_of(tmp_path: Path) -> None:
    folder = lines(tmp_path, "p13", "p02")
    for name in ("p02_tea.md", "p13.md", "p1_other.md"):
        (folder / "posts" / name).touch()

    found = [(one.name, one.path.name, one.part, len(one.units)) for one in labelled.folder(folder)]

    assert found == [("p13", "p13.md", "held", 1), ("p02", "p02_tea.md", "tuning", 1)]


def test_seeds_stand_beside_a_folder(tmp_path: Path) -> None:
    folder = lines(tmp_path, "seed_000")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "000_a1b2.txt").touch()

    assert [one.path.name for one in labelled.folder(folder)] == ["000_a1b2.txt"]


def test_a_labelled_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="speaks of p13"):
        labelled.folder(lines(tmp_path, "p13"))


def test_of_a_lead_in_and_a_sentence_in_one_unit_the_lead_in_counts(tmp_path: Path) -> None:
    (tea,) = own(tmp_path, "sentence\t2\t\tOffer tea ** It calms people.\nsentence\t0\t\t **Tea**\n")
    assert [one.text for one in tea.units] == ["Offer tea", " **Tea**"]


def test_pairs_have_a_verdict_and_a_part(tmp_path: Path) -> None:
    table = (
        "a\tb\tverdict\tgroup\thalf\n"
        "Offer tea.\tServe tea.\tsame\ttea\ttune\n"
        "Offer tea.\tSpill tea.\tdifferent\ttea\theld\n"
    )
    (tmp_path / "pairs.tsv").write_text(table, "utf-8")

    assert [(pair.one, pair.is_same, pair.part) for pair in labelled.pairs(tmp_path / "pairs.tsv")] == [
        ("Offer tea.", True, "tuning"),
        ("Offer tea.", False, "held"),
    ]
