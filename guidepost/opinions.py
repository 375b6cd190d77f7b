"""The commands under `guidepost tensions`: principles that pull against each other, for a curator to judge."""

from collections.abc import Sequence
from typing import Any

import click

from guidepost import program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, pass_settings
from kb import schema, tensions
from kb.tensions import State, Tension

_STATES: tuple[State, ...] = ("found", "confirmed", "dismissed")
_ID = click.IntRange(1, 2**63 - 1)  # as far as a database goes


@click.group("tensions")
def commands() -> None:
    """Principles that pull against each other."""


@commands.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those of this state.")
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@as_json
@pass_settings
def list_(settings: Settings, state: State | None, limit: int, as_json: bool) -> None:
    """List them, the surest first."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = tensions.all(db, state, limit)
    answer(found, as_json, _shapes, _text)


@commands.command()
@click.argument("one", type=_ID)
@click.argument("other", type=_ID)
@pass_settings
def confirm(settings: Settings, one: int, other: int) -> None:
    """Note that two principles do pull against each other, whether that was found or not."""
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        tensions.confirm(db, one, other)
    click.echo(f"{one} and {other}: confirmed")


@commands.command()
@click.argument("one", type=_ID)
@click.argument("other", type=_ID)
@pass_settings
def dismiss(settings: Settings, one: int, other: int) -> None:
    """Note that two principles do not; their pages no longer show them as another view."""
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        tensions.dismiss(db, one, other)
    click.echo(f"{one} and {other}: dismissed")


def _shapes(found: Sequence[Tension]) -> list[dict[str, Any]]:
    return [
        {
            "one": {"principle": tension.one, "text": tension.texts[0]},
            "other": {"principle": tension.other, "text": tension.texts[1]},
            "state": tension.state,
            "score": round(tension.score, 3),
        }
        for tension in found
    ]


def _text(found: Sequence[Tension]) -> str:
    return "\n".join(map(_lines, found)) or "None found."


def _lines(tension: Tension) -> str:
    one, other = map(show.plain, tension.texts)
    return f"{tension.state:<9}  {tension.score:.2f}  {tension.one:>6}  {one}\n{tension.other:>23}  {other}"
