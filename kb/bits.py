"""Sets of ids of which many are looked at at once: by pages of consecutive ids, each a bit of an integer. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, KeysView, Sequence

PAGE = 16_384  # ids; smaller ones take longer to go through
FEW = 8  # ids of a page that are kept as they are: 100 bytes instead of 2,000


class Bits:
    """A set of ids."""

    __slots__ = ("_pages",)

    def __init__(self, ids: Iterable[int] = ()) -> None:
        places: dict[int, list[int]] = defaultdict(list)
        for one in ids:
            places[one // PAGE].append(one % PAGE)
        self._pages: dict[int, int | list[int]] = {
            page: found if len(found) <= FEW else _mask(found) for page, found in places.items()
        }

    @property
    def pages(self) -> KeysView[int]:
        return self._pages.keys()

    def add(self, one: int) -> None:
        page, place = divmod(one, PAGE)
        found = self._pages.get(page)
        if found is None:
            self._pages[page] = [place]
        elif isinstance(found, int):
            self._pages[page] = found | 1 << place
        elif place not in found:
            found.append(place)
            if len(found) > FEW:
                self._pages[page] = _mask(found)

    def remove(self, one: int) -> None:
        page, place = divmod(one, PAGE)
        self._pages[page] = self.of(page) & ~(1 << place)

    def of(self, page: int) -> int:
        """Return the ids of a page as bits."""
        found = self._pages.get(page, 0)
        return found if isinstance(found, int) else _mask(found)


def _mask(places: Iterable[int]) -> int:
    mask = bytearray(PAGE // 8)
    for place in places:
        mask[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(mask, "little")


def ids(page: int, mask: int) -> Iterator[int]:
    """Yield the ids that the bits of a page stand for, in order."""
    rest = mask
    while rest:
        lowest = rest & -rest
        yield page * PAGE + lowest.bit_length() - 1
        rest ^= lowest


def held(masks: Iterable[int]) -> tuple[int, int]:
    """Return the bits that any of *masks* has, and those that two of them have."""
    one = two = 0
    for mask in masks:
        two |= one & mask
        one |= mask
    return one, two


def sums(weighed: Iterable[tuple[int, int]]) -> list[int]:
    """Add up for every bit what the masks that have it weigh; return the binary digits of all sums, lowest first."""
    found: list[int] = []
    for mask, weight in weighed:
        for digit in range(weight.bit_length()):
            if weight >> digit & 1:
                _carry(found, digit, mask)
    return found


def at_least(least: int, found: Sequence[int]) -> int:
    """Return the bits whose sum, as `sums` gives them, reaches *least*."""
    if least.bit_length() > len(found):
        return 0
    above, equal = 0, -1
    for digit in reversed(range(len(found))):
        if least >> digit & 1:
            equal &= found[digit]
        else:
            above |= equal & found[digit]
            equal &= ~found[digit]
    return above | equal


def _carry(found: list[int], digit: int, mask: int) -> None:
    while mask:
        if digit >= len(found):
            found.extend([0] * (digit + 1 - len(found)))
        found[digit], mask = found[digit] ^ mask, found[digit] & mask
        digit += 1
