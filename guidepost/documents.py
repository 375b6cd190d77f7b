"""The commands on what is read: `add`, `digest`, `redo`, `starter`."""

import sys

import click

from guidepost import intake, program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, bar, pass_settings, say
from kb import shapes, tensions
from kb.errors import DocumentError, FeedError


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="PATH_OR_URL...")
@pass_settings
def add(settings: Settings, documents: tuple[str, ...]) -> None:
    """Keep loose documents: feed files, HTML pages, Markdown, plain text, or folders of them."""
    refused = 0
    with program.opened(settings) as opened:
        for given in (one for argument in documents for one in intake.documents(argument)):
            try:
                kept = intake.add(opened, given)
            except (DocumentError, FeedError) as error:
                say(f"guidepost: {error}")
                refused += 1
                continue
            click.echo(f"{show.plain(given)}: " + show.kept(kept))
        opened.index.catch_up(opened.engine)
        tensions.catch_up(opened.engine)
        opened.semantic.catch_up(opened.engine)
    if refused:
        sys.exit(2)


@click.command()
@click.argument("path", metavar="PATH_OR_URL")
@as_json
@pass_settings
def digest(settings: Settings, path: str, as_json: bool) -> None:
    """Show what would be kept of a document; stores nothing."""
    found = intake.digest(path, settings)
    answer(found, as_json, shapes.digests, show.digests)


@click.command()
@pass_settings
def redo(settings: Settings) -> None:
    """Digest everything again from its stored source, with the rules of this version."""
    with (
        program.opened(settings) as opened,
        program.alone(settings),
        bar("Digesting again", intake.sources(opened)) as tick,
    ):
        done = intake.redo(opened, tick)
    click.echo(show.kept(done.kept) + (f"; {done.failed} failed" if done.failed else ""))
    if done.failed:
        sys.exit(1)


@click.group()
def starter() -> None:
    """The starter collection: posts written for a first look at Guidepost."""


@starter.command("load")
@pass_settings
def starter_load(settings: Settings) -> None:
    """Load the starter collection."""
    with program.opened(settings) as opened:
        click.echo(show.kept(intake.load_starter(opened)))


@starter.command("remove")
@pass_settings
def starter_remove(settings: Settings) -> None:
    """Remove the starter collection; it does not come back by itself."""
    with program.opened(settings) as opened:
        click.echo(show.count(intake.remove_starter(opened), "post") + " removed")
