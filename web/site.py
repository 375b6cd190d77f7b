"""What the views work with: the store, the index and the clock; one connection a request, opened on demand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine

from kb import schema
from kb.index import Index
from kb.model import Discovered
from kb.semantic import Semantic

_NAME = "guidepost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The collaborators that `create_app` was given."""

    engine: Engine
    index: Index
    semantic: Semantic
    clock: Callable[[], datetime]
    find: Callable[[str], Discovered] | None  # the feeds at an address; None: it is subscribed as it is
    probe: Callable[[list[int]], None] | None  # start asking these feeds; None: they wait for the next run


def attach(app: Flask, site: Site) -> None:
    """Give *app* its collaborators, and let it close each request's connection."""
    app.extensions[_NAME] = site
    app.teardown_appcontext(_close)


def here() -> Site:
    """Return the collaborators of the app that answers this request."""
    site: Site = current_app.extensions[_NAME]
    return site


def db() -> Connection:
    """Return this request's connection, for reading."""
    if "db" not in g:
        g.db = here().engine.connect()
    connection: Connection = g.db
    return connection


def writing() -> AbstractContextManager[Connection]:
    """Return a transaction that may write: committed at the end of the block, undone on any exception."""
    return schema.writing(here().engine)


def _close(_error: BaseException | None) -> None:
    if (connection := g.pop("db", None)) is not None:
        connection.close()
