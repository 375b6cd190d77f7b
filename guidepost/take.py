"""The commands that take something in: `up`, `ingest`, `add`, `digest`, `redo`, `starter`; and `serve`."""

import sys
from dataclasses import asdict, replace
from typing import Any

import click

from guidepost import intake, program, runs, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, bar, pass_settings, print_json, say
from guidepost.program import Program
from ingest.pipeline import Summary
from kb import shapes
from kb.errors import Busy, DocumentError, FeedError


@click.command()
@click.option("--host", help="Address to listen on, instead of the setting's.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on, instead of the setting's.")
@pass_settings
def up(settings: Settings, host: str | None, port: int | None) -> None:
    """First run: subscribe, ingest and serve the site."""
    with program.opened(settings) as opened:
        if report := intake.subscribe_first(opened):
            say(show.count(sum(line.outcome == "added" for line in report), "feed") + " subscribed.")
        try:
            with program.alone(settings):
                say(show.summary(_ingest(opened, everything=False)))
        except Busy:
            say("Another run is asking the feeds.")
        if intake.wants_starter(opened):
            say("No post could be had: loading the starter collection.")
            intake.load_starter(opened)
    _serve(settings, host, port)


@click.command()
@click.option("--host", help="Address to listen on, instead of the setting's.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on, instead of the setting's.")
@pass_settings
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the site."""
    _serve(settings, host, port)


def _serve(settings: Settings, host: str | None, port: int | None) -> None:
    from guidepost import wsgi  # noqa: PLC0415 - the web framework is of no use to the other commands

    there = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    wsgi.serve(there, say)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Ask every feed, due or not.")
@as_json
@pass_settings
def ingest(settings: Settings, everything: bool, as_json: bool) -> None:
    """Run once over the feeds that are due; made for cron."""
    with program.opened(settings) as opened, program.alone(settings):
        done = _ingest(opened, everything=everything, hidden=as_json)
    if as_json:
        print_json(_summary(done))
    else:
        if done.failures and sys.stderr.isatty():
            click.echo(show.failures(done), err=True)
        click.echo(show.summary(done))
    if any(failure.is_ours for failure in done.failures):
        sys.exit(1)


def _ingest(opened: Program, *, everything: bool, hidden: bool = False) -> Summary:
    asked = runs.due(opened, everything=everything)
    with bar("Asking feeds", len(asked), hidden=hidden) as tick:
        return runs.once(opened, asked, tick)


def _summary(done: Summary) -> dict[str, Any]:
    counts = asdict(done)
    return {
        "feeds": {name: counts[name] for name in ("due", "changed", "unchanged", "failed", "gone")},
        "posts": {"new": done.new, "updated": done.updated},
        "quotes": done.quotes,
        "principles": done.principles,
        "seconds": done.seconds,
        "errors": [{"feed": failure.feed, "reason": failure.reason} for failure in done.failures],
    }


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
