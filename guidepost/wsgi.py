"""The site as a server runs it.

`serve` is what `guidepost serve` and `guidepost up` call; any other WSGI server may call `application` itself,
e.g. `waitress-serve --call guidepost.wsgi:application`.
"""

import logging
import os
from collections.abc import Callable
from contextlib import suppress

import waitress
from flask import Flask

from guidepost import config
from guidepost.config import Settings
from guidepost.program import now
from kb import schema
from kb.errors import BadSetting, Busy
from kb.index import Index
from web.app import create_app

THREADS = 8
_LOOPBACK = ("localhost", "127.0.0.1")


def build(settings: Settings) -> Flask:
    """Return the site over the store and index of *settings*, caught up."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = schema.open_store(settings.database or schema.at(settings.file))
    index = Index(settings.index, engine)
    with suppress(Busy):  # another process is at it; a search waits for it where there is nothing to show yet
        index.catch_up(engine)
    site = create_app(engine, index, now, config.secret(settings.home))
    site.config["TRUSTED_HOSTS"] = list(settings.hosts) or _own_names(settings.host)
    return site


def _own_names(host: str) -> list[str] | None:
    """Return the names to answer to. A page elsewhere could point its own name at this machine and read the site."""
    return (
        list(_LOOPBACK) if host in _LOOPBACK else None
    )  # an address such as [::1] cannot be told from others here


def application() -> Flask:
    """Return the site with the settings of the environment."""
    return build(config.load(os.environ))


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve the site until the process is ended; BadSetting when it cannot listen where it should."""
    site, host = build(settings), settings.host
    try:
        server = waitress.create_server(site, host=host, port=settings.port, threads=THREADS, ident=None)
    except (OSError, ValueError) as error:
        raise BadSetting(f"cannot listen on {host} port {settings.port}: {error}") from error
    named = f"[{host}]" if ":" in host else host
    # Waitress warns whenever a request waits for one of its threads, which is what they are there for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    say(f"Guidepost is at http://{named}:{server.effective_port}/ (Ctrl+C ends it)")
    server.run()
