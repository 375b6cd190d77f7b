import random

import pytest

from kb import bits
from kb.bits import FEW, PAGE, Bits


def all_of(found: Bits) -> list[int]:
    return [one for page in sorted(found.pages) for one in bits.ids(page, found.of(page))]


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 500])
def test_a_set_holds_what_was_put_in(count: int) -> None:
    drawn = random.Random(count).sample(range(3 * PAGE), count)
    one_by_one = Bits()
    for one in [*drawn, *drawn]:
        one_by_one.add(one)

    assert all_of(Bits(drawn)) == all_of(one_by_one) == sorted(drawn)


def test_what_is_removed_is_gone() -> None:
    found = Bits([1, 2, PAGE + 2])

    found.remove(2)

    assert all_of(found) == [1, PAGE + 2]
    assert found.of(7) == 0


def test_bits_that_two_masks_have() -> None:
    assert bits.held([0b0011, 0b0110, 0b1000]) == (0b1111, 0b0010)


def test_sums_are_taken_bit_by_bit() -> None:
    draw = random.Random(3)
    weighed = [(draw.getrandbits(64), draw.randint(1, 40)) for _ in range(9)]
    sums = [sum(weight for mask, weight in weighed if mask >> place & 1) for place in range(64)]

    for least in (1, 16, 57, 128, 100_000):
        found = bits.at_least(least, bits.sums(weighed))
        assert list(bits.ids(0, found)) == [place for place, value in enumerate(sums) if value >= least]
