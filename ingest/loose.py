"""Loose documents into the store."""

from datetime import datetime

from sqlalchemy.engine import Engine

from ingest import digest, document
from kb import corrections, posts, raws, schema
from kb.model import Digest, Origins, Raw
from kb.posts import Kept
from kb.topics import Lessons


def digested(body: bytes, source: str, lessons: Lessons | None = None) -> list[Digest]:
    """Return a document's posts with the guidance in them. Raises DocumentError when it cannot be read."""
    return [digest.of_post(post, lessons) for post in document.posts(body, source)]


def add(engine: Engine, raw: Raw, origins: Origins, now: datetime) -> Kept | None:
    """Keep a loose document's posts; None when a document of the same content is there already.

    Raises DocumentError when it cannot be read.
    """
    with engine.connect() as db:
        lessons = corrections.load(db)
    digests = digested(raw.body, origins.source, lessons)
    with schema.writing(engine) as db:
        if raws.has_document(db, raw):
            return None
        return posts.keep(db, raw, origins, digests, now)
