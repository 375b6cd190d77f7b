"""A dot chart with a logarithmic scale as SVG, without a library."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

_WIDTH, _LABEL, _ROW, _TOP, _KEY = 760, 140, 20, 64, 130
_COLOURS = ("#1f6f5c", "#c9a66b", "#6b7c93", "#a35d4b", "#8fb8ac", "#9a8aa8")

Rows = Mapping[str, Mapping[str, float]]


def dots(title: str, rows: Rows, unit: str) -> str:
    """Return a chart: in each row a dot for each name; every step to the right is ten times as much."""
    values = [value for row in rows.values() for value in row.values() if value > 0] or [1]
    powers = range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    bottom = _TOP + _ROW * len(rows)
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 28}" width="{_WIDTH}"'
    lines = [
        f'<svg {box} height="{bottom + 28}" font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        _text(10, 24, title, size=16),
        *_key(names),
        *_scale(powers, bottom, unit),
        *_rows(rows, names, powers, unit),
        "</svg>\n",
    ]
    return "\n".join(lines)


def _key(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        x = _LABEL + _KEY * number
        yield _dot(x, 42, number, name)
        yield _text(x + 10, 46, name)


def _scale(powers: range, bottom: int, unit: str) -> Iterator[str]:
    for power in powers:
        x = _place(power, powers)
        yield f'<path d="M{x:.1f} {_TOP - 8}V{bottom}" stroke="#ddd"/>'
        yield _text(x - 12, bottom + 16, f"{10.0**power:g} {unit}")


def _rows(rows: Rows, names: Sequence[str], powers: range, unit: str) -> Iterator[str]:
    for number, (heading, row) in enumerate(rows.items()):
        y = _TOP + _ROW * number + 10
        yield _text(10, y + 4, heading)
        for name, value in row.items():
            if value > 0:
                said = f"{name}: {value:.3g} {unit}"
                yield _dot(_place(math.log10(value), powers), y, names.index(name), said)


def _place(power: float, powers: range) -> float:
    return _LABEL + (power - powers[0]) * (_WIDTH - _LABEL - 40) / max(1, len(powers) - 1)


def _dot(x: float, y: float, colour: int, said: str) -> str:
    shown = _COLOURS[colour % len(_COLOURS)]
    return f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{shown}"><title>{escape(said)}</title></circle>'


def _text(x: float, y: float, text: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y}" font-size="{size}" fill="#222">{escape(text)}</text>'
