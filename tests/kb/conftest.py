"""A store and an index of their own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from kb import schema
from kb.encoder import Encoder
from kb.index import Index


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = schema.open_store(f"sqlite:///{tmp_path / 'kb.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with schema.writing(engine) as opened:
        yield opened


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "index")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def encoder(model: Path) -> Encoder:
    return Encoder(model)
