"""The commands under `guidepost feeds`."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy import Connection

from guidepost import program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, pass_settings
from guidepost.program import now
from kb import feeds as kb_feeds
from kb import opml, schema, shapes
from kb.errors import BadAddress
from kb.model import Outline


@click.group("feeds")
def commands() -> None:
    """Subscriptions."""


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@pass_settings
def import_(settings: Settings, file: Path) -> None:
    """Subscribe the feeds of an OPML file ("-": standard input); say of each line what became of it."""
    body = sys.stdin.buffer.read() if str(file) == "-" else program.read(file, settings)
    outlines = opml.read(body, str(file))
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        report = kb_feeds.subscribe(db, outlines, now())
    click.echo(show.lines(report))


@commands.command()
@pass_settings
def export(settings: Settings) -> None:
    """Print the subscriptions as OPML."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        click.echo(opml.write(kb_feeds.all(db)), nl=False)


@commands.command()
@click.argument("url")
@click.option("--title", help="What to call it.  [default: what the feed says]")
@click.option(
    "--folder", "folders", multiple=True, help="Folder to file it in; repeat for one within another."
)
@pass_settings
def add(settings: Settings, url: str, title: str | None, folders: tuple[str, ...]) -> None:
    """Subscribe the feed at an address."""
    outline = Outline(url=url, title=title, folder=folders)
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        (line,) = kb_feeds.subscribe(db, [outline], now())
    if line.outcome == "refused":
        raise BadAddress(f"{url}: {line.reason}")
    click.echo(f"{show.plain(line.url)}: {'added' if line.outcome == 'added' else 'already there'}")


@commands.command("list")
@as_json
@pass_settings
def list_(settings: Settings, as_json: bool) -> None:
    """List the subscriptions by folder."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = kb_feeds.all(db)
    answer(found, as_json, lambda feeds: [shapes.feed(feed) for feed in feeds], show.feeds)


@commands.command()
@pass_settings
def health(settings: Settings) -> None:
    """Show the feeds that fail or are gone, since when and why."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        click.echo(show.health(kb_feeds.all(db)))


@commands.command()
@click.argument("feed")
@pass_settings
def remove(settings: Settings, feed: str) -> None:
    """End a subscription, named by id or address. Its posts stay."""
    _change(settings, feed, kb_feeds.remove, "removed")


@commands.command()
@click.argument("feed")
@pass_settings
def pause(settings: Settings, feed: str) -> None:
    """Stop asking a feed, named by id or address."""
    _change(settings, feed, kb_feeds.pause, "paused")


@commands.command()
@click.argument("feed")
@pass_settings
def resume(settings: Settings, feed: str) -> None:
    """Ask a paused or gone feed again."""
    _change(settings, feed, lambda db, number: kb_feeds.resume(db, number, now()), "resumed")


def _change(settings: Settings, named: str, change: Callable[[Connection, int], None], done: str) -> None:
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        found = kb_feeds.find(db, named)
        change(db, found.id)
    click.echo(f"{show.plain(found.title)}: {done}")
