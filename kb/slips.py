"""How likely one word is typed for another: slips of the finger, of the ear and of spelling, each with its price. Pure.

The prices were set on the "tune" half of tests/kb/cases/spelling.tsv and are watched there. Merely the wrong letter
costs 1.2; the more often people make a slip, the less it costs.
"""

import re
from itertools import accumulate

_DOUBLED = 0.4  # one letter for two, or two for one: "adress"
_SWAPPED = 0.5  # a letter and the next: "recieve"
_VOWEL = 0.6  # one vowel for another: "definately"
_ALIKE = 0.7  # a letter that sounds much the same: "expectasions"
_SOFT = 0.7  # too many or too few of what is hardly heard: "managment"; or a key brushed by
_BRUSHED = 0.8  # the next key in place of the right one: "surport"
_LETTER = 1.0  # too many or too few of any other letter
_OTHER = 1.2  # any other letter in place of the right one
_SOUND = 0.5  # at most, where both words sound the same: "fone"
_FIRST = 0.5  # on top, where they begin differently: people rarely get the first letter wrong

_VOWELS = frozenset("aeiou")
_SOFT_ONES = _VOWELS | {"h"}
_LIKE = frozenset(map(frozenset, ("ck", "cs", "sz", "gj", "fv", "mn", "dt", "bp", "kq", "xs", "yi", "ye")))
_KEYS = {
    key: (x, y) for y, row in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm")) for x, key in enumerate(row)
}
# What is read in a word -> how it sounds, more or less. Of those that begin at one letter, the first counts.
_SOUNDS = {
    "^[kg]n": "n",
    "^wr": "r",
    "^wh": "w",
    "ph": "f",
    "gh": "",
    "dg": "g",
    "mb$": "m",
    "[tsc]i(?=on)": "sh",
    "sc?(?=[eiy])|c(?=[eiy])|z": "s",
    "ck|[cq]": "k",
    "x": "ks",
    "(?<=[^aeiou])e$": "",
    "ie|e[iea]|y": "i",
    "a[iy]|ey": "a",
    "o[ouw]": "o",
}
_HEARD = re.compile("|".join(f"({pattern})" for pattern in _SOUNDS))
_SOUND_OF = dict(enumerate(_SOUNDS.values(), start=1))
_TWICE = re.compile(r"(.)\1+")


def price(typed: str, word: str) -> float:
    """Return how unlikely it is to type *typed* for *word*: 0 where they are the same, from 1.5 on hardly ever."""
    slips = _cheapest(typed, word)
    if sound(typed) == sound(word):
        return min(slips, _SOUND)
    return slips + _FIRST * (typed[:1] != word[:1])


def sound(word: str) -> str:
    """Return roughly how *word* sounds; what is spelt in different ways may come out the same."""
    return _TWICE.sub(r"\1", _HEARD.sub(lambda found: _SOUND_OF[found.lastindex or 0], word))


def _cheapest(typed: str, word: str) -> float:
    """Return what the cheapest slips from *word* to *typed* cost in all."""
    left_out = [_lacking(word, at) for at in range(len(word))]
    row = list(accumulate(left_out, initial=0.0))
    before: list[float] = []
    for at, letter in enumerate(typed):
        earlier, before = before, row
        put_in = _too_many(typed, at)
        row = [before[0] + put_in]
        for place, meant in enumerate(word):
            changed = before[place] + (0 if letter == meant else _changed(letter, meant))
            least = min(changed, before[place + 1] + put_in, row[place] + left_out[place])
            if at and place and letter == word[place - 1] and typed[at - 1] == meant:
                least = min(least, earlier[place - 1] + _SWAPPED)
            row.append(least)
    return row[-1]


def _changed(letter: str, meant: str) -> float:
    if letter in _VOWELS and meant in _VOWELS:
        return _VOWEL
    if frozenset((letter, meant)) in _LIKE:
        return _ALIKE
    return _BRUSHED if _are_neighbours(letter, meant) else _OTHER


def _lacking(word: str, at: int) -> float:
    return _DOUBLED if _is_doubled(word, at) else _SOFT if word[at] in _SOFT_ONES else _LETTER


def _too_many(typed: str, at: int) -> float:
    if _is_doubled(typed, at):
        return _DOUBLED
    is_brushed = any(_are_neighbours(typed[at], beside) for beside in _beside(typed, at))
    return _SOFT if is_brushed or typed[at] in _SOFT_ONES else _LETTER


def _is_doubled(word: str, at: int) -> bool:
    return word[at] in _beside(word, at)


def _beside(word: str, at: int) -> str:
    return word[max(at - 1, 0) : at] + word[at + 1 : at + 2]


def _are_neighbours(one: str, other: str) -> bool:
    """Tell whether two keys stand side by side, in one row or in the next."""
    if one not in _KEYS or other not in _KEYS:
        return False
    (x, y), (other_x, other_y) = _KEYS[one], _KEYS[other]
    # Each row stands half a key to the right of the one above: "s" has "w" and "e" over it.
    return abs(y - other_y) <= 1 and -1 <= (x - other_x) + (y - other_y) / 2 <= 1
