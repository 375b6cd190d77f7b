"""A store of arrays that forgets what was not asked for the longest when it holds more bytes than it may."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
_ENTRY = 200  # bytes that an entry takes beside its arrays


class Cache:
    """Arrays, or tuples of arrays, by what they are of."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.bytes = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is held of *key*; make it first where it is not there."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
            return found[0]  # type: ignore[no-any-return]  # of the type that was put in
        made = make()
        size = _ENTRY + _bytes(made)
        if size <= self._budget:
            self._held[key] = made, size
            self.bytes += size
            while self.bytes > self._budget:
                self.bytes -= self._held.popitem(last=False)[1][1]
        return made

    def drop(self, is_stale: Callable[[Any], bool]) -> None:
        """Forget everything whose key is stale."""
        for key in [key for key in self._held if is_stale(key)]:
            self.bytes -= self._held.pop(key)[1]


def _bytes(value: object) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_bytes, value))
    return int(getattr(value, "nbytes", 0))
