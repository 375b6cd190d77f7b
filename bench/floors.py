"""Figures that may only go up: a table of floors a section, kept in a TOML file."""

import tomllib
from collections.abc import Mapping
from math import floor
from pathlib import Path

Figures = Mapping[str, Mapping[str, float]]  # section -> name -> from 0 to 1

_HEAD = "# The least that each figure of `make eval` may be; raised by `python -m bench.evaluate --raise-floors`.\n"
_GRAIN = 100  # floors are whole hundredths: a figure may lose less than that by chance


def read(path: Path) -> dict[str, dict[str, float]]:
    """Return the floors in *path*; none where there is no such file yet."""
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def below(figures: Figures, floors: Figures) -> list[str]:
    """Say of each floor that its figure does not reach, or that has lost its figure."""
    found = []
    for section, least in floors.items():
        for name, wanted in least.items():
            figure = figures.get(section, {}).get(name)
            if figure is None or figure < wanted:
                told = "is no longer measured" if figure is None else f"is {figure:.3f}"
                found.append(f"{section}, {name.replace('_', ' ')}: {told}, below its floor of {wanted:.2f}")
    return found


def raised(figures: Figures, floors: Figures) -> dict[str, dict[str, float]]:
    """Return the floors moved up to the figures, and floors for figures that had none; none goes down."""
    made = {section: dict(least) for section, least in floors.items()}
    for section, values in figures.items():
        least = made.setdefault(section, {})
        for name, value in values.items():
            least[name] = max(least.get(name, 0.0), floor(round(value * _GRAIN, 6)) / _GRAIN)
    return made


def write(path: Path, floors: Figures) -> None:
    """Write the floors as a file that people can read."""
    tables = (
        "\n".join([f"\n[{section}]", *(f"{name} = {value:.2f}" for name, value in least.items())])
        for section, least in floors.items()
    )
    path.write_text(_HEAD + "\n".join(tables) + "\n", "utf-8")
