import pytest

from ingest.people import person


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ida Holm", "Ida Holm"),
        ("(Ida Holm)", "Ida Holm"),
        ("ida@till.example (Ida Holm)", "Ida Holm"),
        ("Ida Holm <ida@till.example>", "Ida Holm"),
        ("mailto:ida@till.example", None),
        ("https://till.example/ida", None),
        ("<b>Ida</b>&nbsp;Holm", "Ida Holm"),
        (" - ", None),
        ("", None),
    ],
)
def test_a_person_is_a_name(written: str, name: str | None) -> None:
    assert person(written) == name


def test_a_name_is_no_article() -> None:
    assert len(person("Ida " * 100_000) or "") < 1_000
