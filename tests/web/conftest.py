"""A site over a real store and a real index, and short ways to fill them."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from kb import feeds, posts, schema
from kb.index import Index
from kb.model import Digest, Filing, Outline, Post, Quote, Raw
from kb.posts import Origins
from web.app import create_app

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)

Keep = Callable[..., int]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without rows, made once: its migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "guidepost.db"
    schema.open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, empty_store: Path) -> Iterator[Engine]:
    opened = schema.connect(f"sqlite:///{shutil.copy(empty_store, tmp_path)}")
    yield opened
    opened.dispose()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "index")
    yield opened
    opened.close()


@pytest.fixture
def app(engine: Engine, index: Index) -> Flask:
    return create_app(engine, index, lambda: NOW, b"a secret of thirty-two bytes, no less")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> Callable[[str], str]:
    """Return the text of a page that must be there."""

    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    return get


@pytest.fixture
def send(client: FlaskClient) -> Callable[..., TestResponse]:
    """Send a form with the token of the feeds page."""

    def post(address: str, **data: Any) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/feeds").text)
        assert token
        return client.post(address, data={"csrf_token": token[1], **data})

    return post


@pytest.fixture
def subscribe(engine: Engine) -> Keep:
    """Subscribe a feed and return its id."""

    def add(url: str = "https://tillside.example/feed", **outline: Any) -> int:
        with schema.writing(engine) as db:
            feeds.subscribe(db, [Outline(url=url, **outline)], NOW)
            return feeds.find(db, url).id

    return add


@pytest.fixture
def keep(engine: Engine, index: Index) -> Keep:
    """Keep a post with those sentences of its text as quotes, and return its id."""

    def add(
        text: str, *quotes: str, topics: tuple[Filing, ...] = (), origin: Any = "feed", **post: Any
    ) -> int:
        feed = post.pop("feed_id", None)
        known = {"key": text, "source": "https://tillside.example/feed", "publisher": "tillside.example"}
        made = Post(text=text, **{"title": "On the counter", **known, **post})
        found = tuple(_quote(text, quote, topics) for quote in quotes)
        raw = Raw(kind="entry", name=made.key, body=text.encode())
        with schema.writing(engine) as db:
            posts.keep(
                db,
                raw,
                Origins(source=made.source, origin=origin, feed_id=feed),
                [Digest(post=made, quotes=found)],
                NOW,
            )
            newest = posts.ids(db)[-1]
        index.catch_up(engine)
        return newest

    return add


def _quote(text: str, quote: str, topics: tuple[Filing, ...]) -> Quote:
    start = text.index(quote)
    return Quote(text=quote, start=start, end=start + len(quote), context=text, confidence=0.9, topics=topics)
