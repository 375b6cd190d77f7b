from pathlib import Path

from bench import copies
from bench.labelled import Document

TEXT = """# Why the kettle stands by the door

Our shop is small and cold, and whoever comes in during winter has walked up the hill from the station. So we put
a kettle beside the door and three mugs on a shelf. Nobody has ever stolen a mug. People warm their hands, look around
and begin to talk, and what they tell us over tea is worth more than any questionnaire we ever sent out by mail.
"""
OTHER = """# What the till remembers

A till keeps the price of everything and the name of nobody. We write in a notebook who bought the blue lamp and for
whom, and when the same person comes back a year later we ask how the lamp is doing. It takes a minute in the evening,
and the notebook has outlived two tills, one flood and the shop cat that used to sleep on top of it every afternoon.
"""


def document(folder: Path, name: str, text: str, copy_of: str | None = None) -> Document:
    path = folder / f"{name}.md"
    path.write_text(text, "utf-8")
    return Document(name=name, path=path, part="held", units=(), copy_of=copy_of)


def test_the_store_finds_which_documents_are_copies(tmp_path: Path) -> None:
    documents = [
        document(tmp_path, "kettle", TEXT),
        document(tmp_path, "till", OTHER),
        document(tmp_path, "again", TEXT.replace("winter", "January")),
    ]

    assert copies.pairs(copies.found(documents), documents) == {("again", "kettle")}


def test_copies_of_one_document_are_copies_of_each_other(tmp_path: Path) -> None:
    documents = [
        document(tmp_path, "kettle", TEXT),
        document(tmp_path, "mirror", TEXT, "kettle"),
        document(tmp_path, "again", TEXT, "kettle"),
        document(tmp_path, "till", OTHER),
    ]

    assert copies.pairs(copies.labelled(documents), documents) == {
        ("again", "kettle"),
        ("again", "mirror"),
        ("kettle", "mirror"),
    }
