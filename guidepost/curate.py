"""The commands under `guidepost curate`: what a person does with principles, and takes back."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from guidepost import program
from guidepost.config import Settings
from guidepost.printing import answer, as_json, pass_settings
from guidepost.show import plain
from kb import curation, decisions, schema, tensions
from kb.decisions import Decision

PATIENCE = 60  # seconds that a decision waits for a run to end
_ID = click.IntRange(1, 2**63 - 1)  # as far as a database goes


@click.group("curate")
def commands() -> None:
    """Merge, split and reword principles; every decision can be undone."""


@commands.command()
@click.argument("one", type=_ID)
@click.argument("other", type=_ID)
@pass_settings
def merge(settings: Settings, one: int, other: int) -> None:
    """Make one principle of two."""
    found = _decide(settings, lambda db: curation.join(db, one, other, program.now()))
    click.echo(f"{found.id}: {plain(found.text)}")


@commands.command()
@click.argument("principle", type=_ID)
@click.argument("quotes", type=_ID, nargs=-1, required=True)
@pass_settings
def split(settings: Settings, principle: int, quotes: tuple[int, ...]) -> None:
    """Give some quotes of a principle, told by their ids, a principle of their own."""
    _decide(settings, lambda db: curation.split(db, principle, quotes, program.now()))
    click.echo(f"{principle} was split")


@commands.command()
@click.argument("principle", type=_ID)
@click.argument("wording")
@pass_settings
def word(settings: Settings, principle: int, wording: str) -> None:
    """Word a principle in your own way."""
    _decide(settings, lambda db: curation.word(db, principle, wording, program.now()))
    click.echo(f"{principle}: {plain(wording)}")


@commands.command("list")
@as_json
@pass_settings
def list_(settings: Settings, as_json: bool) -> None:
    """List the decisions that stand."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = decisions.standing(db)
    answer(found, as_json, _shapes, _text)


@commands.command()
@click.argument("decision", type=_ID)
@pass_settings
def undo(settings: Settings, decision: int) -> None:
    """Take a decision back, with all that was decided in the same moment."""
    _decide(settings, lambda db: curation.undo(db, decision, program.now()))
    click.echo(f"decision {decision} was undone")


def _decide(settings: Settings, decide: Callable[[Any], Any]) -> Any:
    with program.opened(settings) as opened, program.alone(settings, PATIENCE):
        with schema.writing(opened.engine) as db:
            found = decide(db)
        opened.index.catch_up(opened.engine)
        tensions.catch_up(opened.engine)
    return found


def _shapes(found: Sequence[Decision]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "one": one.one,
            "other": one.other,
            "made_at": one.made_at.isoformat(),
        }
        for one in found
    ]


def _text(found: Sequence[Decision]) -> str:
    return "\n".join(f"{one.id:>5}  {one.kind:<7}  {plain(one.one)}  |  {plain(one.other)}" for one in found)
