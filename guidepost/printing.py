"""How every command prints, and the options that several have."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from guidepost import show
from guidepost.config import Settings

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
pass_settings = click.make_pass_decorator(Settings)


def print_json(shape: Any) -> None:
    """Print one JSON document on standard output."""
    text = json.dumps(shape, ensure_ascii=False, indent=2)
    # A file's name may hold what UTF-8 cannot say; in Python's escapes, which are JSON's too, it can.
    click.echo(text.encode("utf-8", "backslashreplace").decode())


def answer(found: T, as_json: bool, shape: Callable[[T], Any], text: Callable[[T], str]) -> None:
    """Print what was found: its shape as JSON for programs, or its text for people."""
    if as_json:
        print_json(shape(found))
    else:
        click.echo(text(found))


def say(text: str) -> None:
    """Print a message on standard error."""
    click.echo(show.plain(text), err=True)


@contextmanager
def bar(label: str, length: int, *, hidden: bool = False) -> Iterator[Callable[..., None]]:
    """Give a function to call at each step; draws a progress bar where a person looks."""
    hidden = hidden or not length or not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as drawn:
        yield lambda *_: drawn.update(1)
