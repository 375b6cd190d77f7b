"""Work for worker processes, in a module that they can import."""

import os

from kb.errors import NotAFeed


def double(number: int) -> int:
    return number * 2


def refuse(url: str) -> None:
    raise NotAFeed(url, "it is none")


def raise_what_cannot_travel() -> None:
    class Local(Exception): ...

    raise Local("here only")


def die() -> None:
    os._exit(1)


def hog() -> bytes:
    return bytes(4 << 30)
