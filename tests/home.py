"""A store and an index with a clock of their own, for tests of whole runs."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path

from builders import NOW, outline
from sqlalchemy.engine import Engine

from ingest import fetch, pipeline
from ingest.fetch import Limits
from ingest.keeping import Step
from ingest.pipeline import Summary
from ingest.workers import Here
from kb import feeds, posts, schema, search
from kb.index import Index
from kb.model import Feed, Query, StoredPost

LIMITS = Limits(
    user_agent="test", total=30, connect=10, read=10, gap=0, allow=(ip_network("127.0.0.0/8"),), ports=()
)
FETCH = partial(fetch.many, limits=LIMITS)


class Home:
    """Runs over whatever is due, each so long after the last one that every feed is."""

    def __init__(self, folder: Path) -> None:
        self.engine: Engine = schema.open_store(f"sqlite:///{folder / 'kb.db'}")
        self.index = Index(folder / "index")
        self.now = NOW
        self.steps: list[Step] = []
        self.workers: Executor = Here()

    def subscribe(self, *urls: str) -> None:
        with schema.writing(self.engine) as db:
            feeds.subscribe(db, map(outline, urls), self.now)

    def run(
        self, fetched: pipeline.Fetch = FETCH, tick: Callable[[Step], None] | None = None, days: float = 10
    ) -> Summary:
        self.now += timedelta(days=days)
        with self.engine.connect() as db:
            due = feeds.due(db, self.now)
        heard = tick or self.steps.append
        return pipeline.refresh(self.engine, self.index, due, fetched, self.workers, lambda: self.now, heard)

    def feed(self, number: int = 1) -> Feed:
        with self.engine.connect() as db:
            return feeds.get(db, number)

    def posts(self) -> list[StoredPost]:
        with self.engine.connect() as db:
            return posts.many(db, posts.ids(db))

    def hits(self, text: str) -> list[str]:
        with self.engine.connect() as db:
            return [hit.principle.text for hit in search.principles(db, self.index, Query(text=text)).hits]
