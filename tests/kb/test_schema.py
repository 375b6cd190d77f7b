import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from kb import facts, schema
from kb.errors import BadSetting, StoreTooNew


def test_the_migrations_make_the_tables_of_the_schema(engine: Engine) -> None:
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_newest_migration_is_the_one_that_is_aimed_at() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))

    assert scripts.get_current_head() == schema.REVISION


def earlier() -> list[str]:
    scripts = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    return [script.revision for script in scripts.walk_revisions() if script.revision != schema.REVISION]


@pytest.mark.parametrize("revision", earlier())
def test_a_store_of_an_earlier_version_is_brought_to_this_one(tmp_path: Path, revision: str) -> None:
    engine = schema.connect(schema.at(tmp_path / "kb.db"))
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    with schema.writing(engine) as db:
        config.attributes["connection"] = db
        command.upgrade(config, revision)
        facts.put(db, "kept", "yes")

    schema.upgrade(engine)

    with engine.connect() as db:
        assert facts.get(db, "kept") == "yes"
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_opening_a_store_again_changes_nothing(engine: Engine) -> None:
    with schema.writing(engine) as db:
        facts.put(db, "kept", "yes")

    schema.upgrade(engine)

    with engine.connect() as db:
        assert facts.get(db, "kept") == "yes"


def test_a_store_of_a_later_version_is_refused_and_left_alone(engine: Engine) -> None:
    with schema.writing(engine) as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreTooNew, match="9999"):
        schema.open_store(str(engine.url))

    with engine.connect() as db:
        assert db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_sqlite_keeps_foreign_keys_and_writes_ahead(engine: Engine) -> None:
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), schema.writing(engine) as db:
        facts.put(db, "half", "done")
        raise RuntimeError

    with engine.connect() as db:
        assert facts.get(db, "half") is None


def test_a_writer_takes_the_lock_before_it_reads(engine: Engine) -> None:
    path = engine.url.database
    assert path is not None
    with schema.writing(engine):
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_moments_come_back_in_utc_whatever_their_zone(engine: Engine) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with schema.writing(engine) as db:
        db.execute(sa.insert(schema.principles).values(text="Own it.", sources=1, added_at=noon))
        found = db.execute(sa.select(schema.principles.c.added_at)).scalar()

    assert found == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_missing_moment_stays_missing() -> None:
    assert schema.Moment().process_bind_param(None, None) is None
    assert schema.Moment().process_result_value(None, None) is None


def test_another_engine_gets_no_sqlite_options() -> None:
    assert schema._sqlite_options("postgresql://localhost/kb") == {}


def test_the_store_is_one_file_in_its_folder(tmp_path: Path, engine: Engine) -> None:
    engine.dispose()
    assert [path.name for path in tmp_path.iterdir()] == ["kb.db"]


def test_a_store_that_is_up_to_date_opens_while_another_one_writes(engine: Engine) -> None:
    engine.dispose()
    with schema.writing(engine):
        schema.open_store(str(engine.url)).dispose()


@pytest.mark.parametrize("url", ["nonsense", "nosuch://localhost/kb", "postgresql+nodriver://localhost/kb"])
def test_an_address_of_no_database_is_a_setting_of_no_use(url: str) -> None:
    with pytest.raises(BadSetting):
        schema.connect(url)


def test_a_store_that_cannot_be_opened_is_left_closed(tmp_path: Path) -> None:
    (tmp_path / "kb.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(sa.exc.DatabaseError, match="not a database"):
        schema.open_store(f"sqlite:///{tmp_path / 'kb.db'}")
