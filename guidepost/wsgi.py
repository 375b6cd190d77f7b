"""The site as a server runs it.

`serve` is what `guidepost serve` and `guidepost up` call; any other WSGI server may call `application` itself,
e.g. `waitress-serve --call guidepost.wsgi:application`.
"""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import waitress
from flask import Flask

from guidepost import config, discovery, runs
from guidepost.config import Settings
from guidepost.program import Program, now, opened, start
from kb.errors import BadSetting, Busy
from web.app import create_app

THREADS = 8
_LOOPBACK = ("localhost", "127.0.0.1")


def build(program: Program) -> Flask:
    """Return the site over an opened store and index, caught up."""
    with suppress(Busy):  # another process is at it; a search waits for it where there is nothing to show yet
        program.index.catch_up(program.engine)
    settings = program.settings
    site = create_app(
        program.engine,
        program.index,
        now,
        config.secret(settings.home),
        find=partial(discovery.find, settings=settings),
        probe=runs.Prober(settings),
        semantic=program.semantic,
    )
    site.config["TRUSTED_HOSTS"] = _names(settings)
    return site


def _names(settings: Settings) -> list[str] | None:
    """Return the names to answer to. A page elsewhere could point its own name at this machine and read the site."""
    # Werkzeug cannot compare IPv6 addresses, so a site at ::1 answers to any name.
    names = settings.hosts or (_LOOPBACK if settings.host in _LOOPBACK else ())
    called = urlsplit(settings.callback).hostname  # by hubs
    return [*names, *([called] if called else [])] if names else None


def application() -> Flask:
    """Return the site with the settings of the environment."""
    return build(start(config.load(os.environ)))


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve the site until the process is ended; BadSetting when it cannot listen where it should."""
    # Waitress warns whenever a request waits for one of its threads, which is what they are there for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with opened(settings) as program:
        server = _listen(build(program), settings.host, settings.port)
        named = f"[{settings.host}]" if ":" in settings.host else settings.host
        say(f"Guidepost is at http://{named}:{server.effective_port}/ (Ctrl+C ends it)")
        server.run()


def _listen(site: Flask, host: str, port: int) -> Any:
    try:
        return waitress.create_server(site, host=host, port=port, threads=THREADS, ident=None)
    except (OSError, ValueError) as error:
        raise BadSetting(f"cannot listen on {host} port {port}: {error}") from error
