"""The commands that run over feeds and serve the site: `up`, `ingest`, `serve`."""

import sys
from dataclasses import asdict, replace
from typing import Any

import click

from guidepost import program, runs, show
from guidepost.config import Settings
from guidepost.printing import as_json, bar, pass_settings, print_json, say
from guidepost.program import Program
from ingest.pipeline import Summary
from kb.errors import Busy


@click.command()
@click.option("--host", help="Address to listen on, instead of the setting's.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on, instead of the setting's.")
@pass_settings
def up(settings: Settings, host: str | None, port: int | None) -> None:
    """First run: subscribe, ingest and serve the site."""
    from guidepost import intake  # noqa: PLC0415 - it takes what digests documents, which cron's runs seldom need

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
