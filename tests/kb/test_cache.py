import numpy as np

from kb.cache import Cache


def made(size: int) -> np.ndarray:
    return np.zeros(size, np.uint8)


def test_what_is_held_is_not_made_again() -> None:
    cache = Cache(10_000)

    first = cache.get("a", lambda: made(10))

    assert cache.get("a", lambda: made(20)) is first


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache = Cache(3000)
    kept = cache.get("a", lambda: made(1000))
    cache.get("b", lambda: made(1000))
    cache.get("a", lambda: made(1))

    cache.get("c", lambda: (made(500), made(500)))

    assert cache.get("a", lambda: made(1)) is kept
    assert len(cache.get("b", lambda: made(1))) == 1
    assert cache.bytes <= 3000


def test_what_is_too_large_is_not_held() -> None:
    cache = Cache(100)

    assert len(cache.get("a", lambda: made(1000))) == 1000
    assert cache.bytes == 0


def test_what_is_stale_is_dropped() -> None:
    cache = Cache(10_000)
    cache.get(("old", 1), lambda: made(10))
    kept = cache.get(("new", 1), lambda: made(10))

    cache.drop(lambda key: key[0] == "old")

    assert len(cache.get(("old", 1), lambda: made(1))) == 1
    assert cache.get(("new", 1), lambda: made(1)) is kept
