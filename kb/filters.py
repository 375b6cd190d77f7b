"""The values that documents of a segment have of a filter: who has some of them, and how many have each."""

from bisect import bisect_left
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kb.parts import Part
from kb.postings import Places, ranges, starts

_FEW = 8  # up to one in so many documents, going through theirs is faster than through all
_BITS = 64  # values of a filter; for so many it is fastest to count bits


class Values(NamedTuple):
    """What the documents of a segment have. It never changes."""

    names: list[str]  # in order
    said: Places  # which of the names, of one document after the other
    starts: Places  # where in *said* a document's begin; one more at the end
    owners: Places  # whose each of *said* is
    bits: npt.NDArray[np.uint64]  # of few names: a row each, with a bit for every document that has it

    def counts(self, documents: Places) -> Places:
        """Return how many of these documents have each name."""
        if len(self.bits):
            wanted = _bits(documents, len(self.starts) - 1)
            found: Places = np.bitwise_count(self.bits & wanted).sum(axis=1, dtype=np.intp)
            return found
        if len(documents) * _FEW < len(self.starts):
            first = self.starts[documents]
            said = self.said[ranges(first, self.starts[documents + 1] - first)]
        else:
            is_wanted = np.zeros(len(self.starts) - 1, np.bool_)
            is_wanted[documents] = True
            said = self.said[is_wanted[self.owners]]
        return np.bincount(said, minlength=len(self.names))

    def having(self, names: Collection[str]) -> Places:
        """Return the documents that have any of these values."""
        return self._of([place for place, name in enumerate(self.names) if name in names])

    def between(self, first: str, before: str | None) -> Places:
        """Return the documents that have a value from *first* on, up to one before the other."""
        last = len(self.names) if before is None else bisect_left(self.names, before)
        return self._of(list(range(bisect_left(self.names, first), last)))

    def _of(self, places: list[int]) -> Places:
        is_one = np.zeros(len(self.names) + 1, np.bool_)
        is_one[places] = True
        found = self.owners[is_one[self.said]]
        return found[np.diff(found, prepend=-1) > 0]


def read(part: Part, field: str) -> Values:
    """Return what the documents of a segment have."""
    names, said = part.values(field)
    begins = starts(part.lengths(field))
    owners = np.repeat(np.arange(part.size, dtype=np.int32), np.diff(begins))
    rows = [
        _bits(owners[said == place], part.size) for place in range(len(names) if len(names) <= _BITS else 0)
    ]
    return Values(names, said.astype(np.int32), begins, owners, np.array(rows, np.uint64))


def _bits(documents: Places, size: int) -> npt.NDArray[np.uint64]:
    """Return a bit for each document, set for those given."""
    is_one = np.zeros(-(-size // 64) * 64, np.bool_)
    is_one[documents] = True
    return np.packbits(is_one).view(np.uint64)
