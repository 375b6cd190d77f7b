"""The commands under `guidepost feeds`."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import Connection

from guidepost import program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, bar, pass_settings, say
from guidepost.program import Program, now
from kb import address, opml, privacy, schema, shapes
from kb import feeds as kb_feeds
from kb.errors import BadAddress, Busy, FeedError, NotFound
from kb.model import Discovered, Feed, Outline


@click.group("feeds")
def commands() -> None:
    """Subscriptions."""


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--probe", is_flag=True, help="Ask the new feeds at once.  [default: at the next run]")
@pass_settings
def import_(settings: Settings, file: Path, probe: bool) -> None:
    """Subscribe the feeds of an OPML file ("-": standard input); say of each line what became of it."""
    body = sys.stdin.buffer.read() if str(file) == "-" else program.read(file, settings)
    outlines = opml.read(body, str(file))
    with program.opened(settings) as opened:
        with schema.writing(opened.engine) as db:
            report = kb_feeds.subscribe(db, outlines, now())
            new = kb_feeds.added(db, report)
        click.echo(show.lines(report))
        if probe and new:
            _probe(opened, new)


def _probe(opened: Program, new: list[Feed]) -> None:
    from guidepost import runs  # noqa: PLC0415 - the packages for fetching are of no use to the other commands

    try:
        with program.alone(opened.settings), bar("Asking new feeds", len(new)) as tick:
            say(show.summary(runs.once(opened, new, tick)))
    except Busy:
        say("Another run is under way; the new feeds come with the next one.")


@commands.command()
@click.option("--private", is_flag=True, help="With the feeds whose addresses hold secrets.")
@pass_settings
def export(settings: Settings, private: bool) -> None:
    """Print the subscriptions as OPML."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = kb_feeds.all(db)
    click.echo(opml.write(found, private=private), nl=False)
    secret = sum(privacy.is_private(feed.url) for feed in found)
    if secret and not private:
        say(f"{show.count(secret, 'feed')} left out, for secrets in the address; --private includes them.")


@commands.command()
@click.argument("url")
@click.option("--title", help="What to call it.  [default: what the feed says]")
@click.option(
    "--folder", "folders", multiple=True, help="Folder to file it in; repeat for one within another."
)
@click.option("--first", is_flag=True, help="Where a page announces several feeds, take the first.")
@click.option("--as-is", is_flag=True, help="Ask nobody; subscribe this very address.")
@pass_settings
def add(
    settings: Settings, url: str, title: str | None, folders: tuple[str, ...], first: bool, as_is: bool
) -> None:
    """Subscribe the feed at an address, or the one that the page there announces."""
    found = Discovered(feeds=(Outline(url=url),), is_feed=True) if as_is else _find(url, settings)
    if len(found.feeds) > 1 and not first:
        raise BadAddress(show.choice(url, found.feeds))
    chosen = found.feeds[0]
    outline = replace(
        chosen, title=title or (chosen.title if len(found.feeds) == 1 else None), folder=folders
    )
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        (line,) = kb_feeds.subscribe(db, [outline], now())
    if line.outcome == "refused":
        raise BadAddress(f"{privacy.shown(url)}: {line.reason}")
    click.echo(show.added(line, found))


def _find(url: str, settings: Settings) -> Discovered:
    from guidepost import discovery  # noqa: PLC0415 - as above

    try:
        return discovery.find(url, settings)
    except FeedError as error:
        told = f"{privacy.shown(error.url)}: {error.reason}"
        raise BadAddress(f"{told} (--as-is subscribes it all the same)") from error


@commands.command("list")
@click.option("--private", is_flag=True, help="Show addresses whole, with the secrets in them.")
@as_json
@pass_settings
def list_(settings: Settings, private: bool, as_json: bool) -> None:
    """List the subscriptions by folder."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = kb_feeds.all(db)
    answer(
        found,
        as_json,
        lambda feeds: [shapes.feed(feed, private=private) for feed in feeds],
        lambda feeds: show.feeds(feeds, private=private),
    )


@commands.command()
@pass_settings
def health(settings: Settings) -> None:
    """Show the feeds that need a look: failing, gone or moved, since when and why."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        click.echo(show.health(kb_feeds.all(db)))


@commands.command()
@click.argument("feed")
@click.argument("url", required=False)
@pass_settings
def move(settings: Settings, feed: str, url: str | None) -> None:
    """Give a feed another address: URL, or the one that `guidepost feeds health` suggests. Its posts stay with it."""
    with program.opened(settings) as opened, schema.writing(opened.engine) as db:
        found = kb_feeds.find(db, feed)
        if not (new := address.typed(url) if url else found.suggestion):
            raise NotFound(f"no other address is known for feed {found.id}; name one")
        kb_feeds.move(db, found.id, new)
    click.echo(f"{show.plain(found.title)}: moved to {show.plain(privacy.shown(new))}")


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
