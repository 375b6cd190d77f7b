"""A bar chart as SVG, without a library."""

from collections.abc import Mapping
from html import escape

_WIDTH, _LABEL, _BAR = 760, 240, 18
_COLOURS = ("#1f6f5c", "#8fb8ac", "#c9a66b", "#a35d4b", "#6b7c93", "#9a8aa8")


def bars(title: str, groups: Mapping[str, Mapping[str, float]], unit: str, *, shared: bool = False) -> str:
    """Return a chart: in each group a bar for each name, as long as its part of the group's largest value.

    Where the scale is *shared*, it is that of the largest value of all.
    """
    most = max((value for group in groups.values() for value in group.values()), default=0)
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    lines, y = [_text(10, 24, title, size=16)], 44
    for heading, group in groups.items():
        lines.append(_text(10, y + 14, heading, size=13))
        y += 22
        largest = (most if shared else max(group.values(), default=0)) or 1
        for name, value in group.items():
            length = max((_WIDTH - _LABEL - 110) * value / largest, 1)
            colour = _COLOURS[names.index(name) % len(_COLOURS)]
            lines.append(_text(24, y + 13, name))
            lines.append(
                f'<rect x="{_LABEL}" y="{y + 2}" width="{length:.1f}" height="{_BAR - 4}" fill="{colour}"/>'
            )
            lines.append(_text(_LABEL + length + 6, y + 13, f"{value:,.2f} {unit}"))
            y += _BAR
        y += 10
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" height="{y}"'
    return (
        f'<svg {box} font-family="sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join([*lines, "</svg>\n"])
    )


def _text(x: float, y: float, text: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y}" font-size="{size}" fill="#222">{escape(text)}</text>'
