"""The tables (SQLAlchemy Core), and opening a store whose tables are as this version wants them.

The migrations in `kb/migrations` hold their own definitions; a test compares what they make with these.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from kb.errors import BadSetting, StoreTooNew

REVISION = "0005"  # the newest of kb/migrations/versions
BUSY_SECONDS = 30  # how long a writer waits for another one; a run writes for well under a second at a time


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept as naive UTC so that SQLite and PostgreSQL compare it alike."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# Unnamed constraints cannot be altered by a later migration.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _reference(target: str, on_delete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(target, ondelete=on_delete)


feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("site_url", sa.Text),
    sa.Column("folder", sa.JSON, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("body_hash", sa.String(64)),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("checked_at", Moment),
    sa.Column("changed_at", Moment),
    sa.Column("next_due", Moment, nullable=False, index=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("why", sa.Text),  # it is asked again when it is
    sa.Column("pace", sa.JSON),  # see ingest/schedule.py
    sa.Column("failing_since", Moment),
    sa.Column("moved_to", sa.Text),  # where it redirects for good, as its server says
    sa.Column("moved_on", sa.JSON),  # days on which that was seen
    sa.Column("suggestion", sa.Text),  # another address that its site announces
    sa.Column("hub", sa.Text),
    sa.Column("self_url", sa.Text),
    sa.Column("repeats", sa.JSON),  # fingerprints of blocks that stand under many of its posts
    sa.Column("learned", sa.Integer),  # how many posts it had when that was worked out
    sqlite_autoincrement=True,
)

raws = sa.Table(
    "raws",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("origin", sa.String(8), nullable=False, index=True),
    sa.Column("feed_id", sa.Integer, _reference("feeds.id", "SET NULL"), index=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # zlib
    sa.Column("mark", sa.String(64)),  # of the entry's bytes in its feed, see ingest/items.py
    sa.UniqueConstraint("source", "name"),
    sa.Index("ix_raws_known", "source", "kind", "name", "hash", "mark"),  # see raws.known
    sqlite_autoincrement=True,
)

# The page by which a cut-off entry was made whole, or why it was not.
pages = sa.Table(
    "pages",
    metadata,
    sa.Column("raw_id", sa.Integer, _reference("raws.id"), primary_key=True, autoincrement=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text),
    sa.Column("body", sa.LargeBinary),  # zlib
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("asked_again_at", Moment, index=True),  # never, where it is empty
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("raw_id", sa.Integer, _reference("raws.id"), nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("publisher", sa.Text, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("author", sa.Text),
    sa.Column("published", Moment),
    sa.Column("completeness", sa.String(8), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("blocks", sa.JSON, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("added_at", Moment, nullable=False, index=True),
    sa.Column("fingerprint", sa.String(64)),  # of the letters of a text long enough to be told by them
    sa.Column("date_note", sa.Text),  # what is wrong with the date that its source gives
    sa.Column("flaw", sa.Text),  # why its text is no good source: spun, garbled, mistranslated
    sa.Column("copy_of", sa.Integer, index=True),  # the post that it republishes, if any
    sa.UniqueConstraint("raw_id", "key"),
    sa.Index("ix_posts_known", "raw_id", "url", "fingerprint", "published"),  # see raws.known
    sqlite_autoincrement=True,
)

# Parts of what posts say, by which near copies are found, see kb/copies.py.
post_bands = sa.Table(
    "post_bands",
    metadata,
    sa.Column("band", sa.Text, primary_key=True),
    sa.Column("post_id", sa.Integer, _reference("posts.id"), primary_key=True, index=True),
)

# What a post's text was before its source changed it.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("post_id", sa.Integer, _reference("posts.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("replaced_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

principles = sa.Table(
    "principles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sources", sa.Integer, nullable=False),
    sa.Column("added_at", Moment, nullable=False, index=True),
    sqlite_autoincrement=True,
)

quotes = sa.Table(
    "quotes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("post_id", sa.Integer, _reference("posts.id"), nullable=False, index=True),
    sa.Column("principle_id", sa.Integer, _reference("principles.id"), nullable=False, index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),  # [[topic, [word, ...]], ...], main one first
    # The version that it stood in, where its source has changed that passage since; its offsets count there.
    # No reference: SQLite adds none to a table but by making it anew, and both go with their post anyway.
    sa.Column("version_id", sa.Integer),
    sa.Column("sense_id", sa.Integer, index=True),
    sqlite_autoincrement=True,
)

# What quotes say, each once however many quotes say it, and which sense it is grouped under: see kb/grouping.py.
senses = sa.Table(
    "senses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(32), nullable=False, unique=True),
    sa.Column("said", sa.Text, nullable=False),  # see kb/sought.py
    sa.Column("leader_id", sa.Integer, index=True),  # its own where it leads
    sa.Column("nearness", sa.Float, nullable=False),  # to its leader
    sa.Column("principle_id", sa.Integer),  # of one that leads
    sqlite_autoincrement=True,
)

# The words by which senses that may be alike are found.
sense_terms = sa.Table(
    "sense_terms",
    metadata,
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("sense_id", sa.Integer, _reference("senses.id"), primary_key=True, index=True),
)

principle_topics = sa.Table(
    "principle_topics",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("principle_id", sa.Integer, _reference("principles.id"), primary_key=True, index=True),
    sa.Column("rank", sa.Integer, nullable=False),  # 0 is the main one
    sa.Column("words", sa.JSON, nullable=False),
)

# Under which topics a person files words like these; an undone one counts no more.
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),  # of the quote
    sa.Column("heading", sa.Text, nullable=False),  # that it stands under
    sa.Column("topics", sa.JSON, nullable=False),  # names, main one first
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    sqlite_autoincrement=True,
)

# Principles that pull against each other; `one` has the smaller id.
tensions = sa.Table(
    "tensions",
    metadata,
    sa.Column("one", sa.Integer, _reference("principles.id"), primary_key=True),
    sa.Column("other", sa.Integer, _reference("principles.id"), primary_key=True, index=True),
    sa.Column("state", sa.String(9), nullable=False),  # found | confirmed | dismissed
    sa.Column("score", sa.Float, nullable=False),
)

# What principles are against, so that those who ask for it find them: see kb/tensions.py.
principle_marks = sa.Table(
    "principle_marks",
    metadata,
    sa.Column("mark", sa.Text, primary_key=True),
    sa.Column("principle_id", sa.Integer, _reference("principles.id"), primary_key=True, index=True),
)

# Principles whose tensions have yet to be found.
unweighed = sa.Table(
    "unweighed",
    metadata,
    sa.Column("principle_id", sa.Integer, _reference("principles.id"), primary_key=True, autoincrement=False),
)

# What curators have decided about principles, told by the texts of quotes so that it survives everything.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(7), nullable=False),  # merge | split | wording
    sa.Column("one", sa.Text, nullable=False),
    sa.Column("other", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    sqlite_autoincrement=True,
)

# What sentence encoders make of principles, see kb/vectors.py. No reference, for they follow later, as the index does.
vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("principle_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),  # that was encoded
    sa.Column("scale", sa.Float, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),  # a signed byte for each of its numbers
)

# What the index has yet to take over; written in the transaction of the change itself.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(9), nullable=False),  # principle | post
    sa.Column("item_id", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

# Subscriptions at hubs that tell of news (WebSub).
hubs = sa.Table(
    "hubs",
    metadata,
    sa.Column("feed_id", sa.Integer, _reference("feeds.id"), primary_key=True, autoincrement=False),
    sa.Column("hub", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("token", sa.String(64), nullable=False, unique=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # asked | verified | denied
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("lease_until", Moment),
    sa.Column("reason", sa.Text),
)

# Single facts about this store, e.g. that the starter collection was removed and should not come back.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def connect(url: str) -> Engine:
    """Return an engine for the store at *url* without touching its tables; BadSetting for no such address."""
    try:
        # Parameters may hold the secrets of private feeds, and errors go into logs.
        engine = sa.create_engine(url, hide_parameters=True, **_sqlite_options(url))
    except (sa.exc.ArgumentError, ImportError) as error:
        raise BadSetting(f"the database's address cannot be used: {error}") from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_at_once)
    return engine


def _sqlite_options(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() != "sqlite":
        return {}
    return {"connect_args": {"timeout": BUSY_SECONDS}}


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # sqlite3's own implicit transactions would begin too late (see _begin_at_once) and not around DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL may lose the last commits on power loss but never tears the file; FULL keeps them.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_at_once(connection: sa.Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once with "database is locked" when
    # another one wrote in between, however long the time-out.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that may write; committed at the end, rolled back on an exception."""
    with engine.connect().execution_options(writes=True) as db, db.begin():
        yield db


def at(file: Path) -> str:
    """Return the address of the SQLite store in *file*, whose path may hold what means something in an address."""
    return sa.URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def open_store(url: str) -> Engine:
    """Return an engine for the store at *url* with this version's tables; StoreTooNew when a later version wrote it."""
    engine = connect(url)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def upgrade(engine: Engine) -> None:
    """Bring the tables to this version's; nothing happens when they are there already."""
    with engine.connect() as db:
        if _revision(db) == REVISION:  # most often; whoever only reads must not wait for a writer
            return
    with writing(engine) as db:
        found = _revision(db)
        if found != REVISION:
            _migrate(db, found)


def _revision(db: sa.Connection) -> str | None:
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(db: sa.Connection, found: str | None) -> None:
    # Loaded only when there is something to migrate: it takes as long as everything else of a short command.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, REVISION)
    except CommandError as error:
        raise StoreTooNew(f"the store was written by a later version (its tables are at {found})") from error
