"""Pairs of texts in cases/copies: a line with the verdict, then the earlier and the later text."""

from itertools import combinations
from pathlib import Path

import pytest

from kb import shingles
from kb.shingles import Shingles

CASES = sorted((Path(__file__).parent / "cases" / "copies").glob("*.txt"))
VERDICTS = {"copy", "apart", "copy after an excerpt", "apart after an excerpt", "copy when spun"}


def read(path: Path) -> tuple[str, Shingles, Shingles]:
    verdict, earlier, later = path.read_text("utf-8").split("\n===\n")
    assert verdict in VERDICTS
    return verdict, shingles.of(earlier), shingles.of(later)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_pairs_are_told_apart_from_copies(path: Path) -> None:
    verdict, earlier, later = read(path)

    found = shingles.is_copy(
        later, earlier, earlier_is_cut="excerpt" in verdict, is_spun=verdict == "copy when spun"
    )

    assert found == verdict.startswith("copy")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_copies_have_bands_in_common(path: Path) -> None:
    verdict, earlier, later = read(path)

    assert not verdict.startswith("copy") or len({*earlier.bands} & {*later.bands}) >= 2


def test_a_reworded_text_is_no_copy_unless_it_is_known_to_be_reworded() -> None:
    _, earlier, later = read(next(path for path in CASES if path.stem == "reworded_by_a_machine"))

    assert not shingles.is_copy(later, earlier)


def test_texts_of_different_cases_are_never_copies() -> None:
    texts = {path.stem: read(path)[1] for path in CASES if "excerpt" not in path.stem}

    assert not [
        pair for pair in combinations(texts, 2) if shingles.is_copy(*map(texts.get, pair), is_spun=True)
    ]  # type: ignore[arg-type]


def test_short_texts_have_no_shingles() -> None:
    assert shingles.of("Own it. " * 19) == Shingles(hashes=(), bands=())
    assert shingles.of("Own it. " * 20).is_telling


def test_of_an_endless_text_the_beginning_is_looked_at() -> None:
    found = shingles.of(" ".join(map(str, range(shingles.MOST_WORDS * 3))))

    assert len(found.hashes) == shingles.MOST_WORDS - shingles.RUN + 1


@pytest.mark.parametrize("text", ["", "\x00" * 500, "\ud800 " * 100, "a" * 100_000, "'' " * 100])
def test_whatever_is_no_prose_does_no_harm(text: str) -> None:
    assert not shingles.is_copy(shingles.of(text), shingles.of("Own it. " * 40))
