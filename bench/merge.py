"""How many quotes a second are read, and how many pairs compared.

    python -m bench.merge [QUOTES]

Quotes are put together from verbs, objects, conditions and reasons, so that most are unlike and some say the same.
"""

import random
import sys
import time
from collections.abc import Iterator, Sequence

from kb import merge
from kb.merge import Signature

FRONTS = [
    "",
    "",
    "",
    "When a customer is angry, ",
    "If the parcel is late, ",
    "After every call, ",
    "Before you reply, ",
]
VERBS = [
    "listen to",
    "measure",
    "never ignore",
    "don't hide",
    "thank",
    "train",
    "explain",
    "write down",
    "review",
    "trust",
]
OBJECTS = [
    "your customers", "your staff", "the response time", "every complaint", "the refund policy", "the return address",
    "the waiting list", "new agents", "loyal guests", "the opening hours", "the delivery date", "the spare parts",
]  # fmt: skip
TAILS = [
    "",
    "",
    "",
    " because it saves time",
    " and say so in writing",
    " rather than guess",
    " within two days",
]


def quotes(count: int) -> Iterator[str]:
    """Yield *count* quotes, always the same ones."""
    draw = random.Random(7)
    for number in range(count):
        what = f"{draw.choice(OBJECTS)} of shop {number % 997}"
        yield f"{draw.choice(FRONTS)}{draw.choice(VERBS)} {what}{draw.choice(TAILS)}.".capitalize()


def read(written: Sequence[str]) -> tuple[list[Signature], float]:
    """Return the signatures of *written* and how many were made in a second of CPU."""
    start = time.process_time()
    signatures = [merge.signature(text) for text in written]
    return signatures, len(written) / (time.process_time() - start)


def compare(signatures: Sequence[Signature], pairs: int) -> tuple[int, float]:
    """Return how many of *pairs* random pairs are the same, and how many were compared in a second of CPU."""
    draw = random.Random(11)
    drawn = [(draw.choice(signatures), draw.choice(signatures)) for _ in range(pairs)]
    start = time.process_time()
    same = sum(merge.similarity(one, other) >= merge.SAME for one, other in drawn)
    return same, pairs / (time.process_time() - start)


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    merge.signature("warm up")
    signatures, made = read(list(quotes(count)))
    same, compared = compare(signatures, 500_000)
    print(f"{count:,} quotes: {made:,.0f} signatures/s")
    print(f"500,000 pairs, {same:,} the same: {compared:,.0f} comparisons/s")


if __name__ == "__main__":
    main()
