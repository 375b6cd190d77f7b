import re
from xml.etree import ElementTree

from bench import dots


def places(chart: str) -> dict[str, float]:
    return {said: float(x) for x, said in re.findall(r'cx="([\d.]+)".*?<title>(.+?: .+?)</title>', chart)}


def test_ten_times_as_much_is_always_the_same_step() -> None:
    found = places(dots.dots("tea", {"cups": {"a": 0.1, "b": 1, "c": 10}}, "ms"))

    one, ten, hundred = found.values()
    assert round(ten - one, 1) == round(hundred - ten, 1) > 0


def test_names_are_escaped() -> None:
    assert ElementTree.fromstring(dots.dots("tea & cake", {"<cups>": {"a": 1}}, "ms")) is not None


def test_nothing_to_show_is_a_chart_as_well() -> None:
    assert ElementTree.fromstring(dots.dots("tea", {"cups": {"a": 0}}, "ms")) is not None
