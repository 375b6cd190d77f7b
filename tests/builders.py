"""Records with everything filled in, for tests that care for one field only."""

from datetime import UTC, datetime
from typing import Any

from kb.model import Block, Digest, Filing, Outline, Post, Quote, Raw
from kb.posts import Origins

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FEED = Origins(source="https://a.example/feed", origin="feed")
DOCUMENT = Origins(source="notes.txt", origin="document")
STARTER = Origins(source="starter/one.txt", origin="starter")


def quote(text: str, within: str, topics: tuple[str, ...] = (), confidence: float = 0.9) -> Quote:
    """Return the quote *text* of the post text *within*."""
    start = within.index(text)
    filed = tuple(Filing(topic=topic, words=("word",)) for topic in topics)
    return Quote(
        text=text, start=start, end=start + len(text), context=text, confidence=confidence, topics=filed
    )


def post(text: str, **known: Any) -> Post:
    """Return a post of one paragraph."""
    values: dict[str, Any] = {
        "key": "1",
        "source": "https://a.example/feed",
        "publisher": "a.example",
        "title": "A post",
        "blocks": (Block(kind="paragraph", start=0, end=len(text)),),
    }
    return Post(text=text, **{**values, **known})


def digest(*sentences: str, topics: tuple[str, ...] = (), **known: Any) -> Digest:
    """Return a post whose every sentence is a quote."""
    text = " ".join(sentences)
    return Digest(post=post(text, **known), quotes=tuple(quote(one, text, topics) for one in sentences))


def raw(body: str, name: str = "1", kind: Any = "entry") -> Raw:
    return Raw(kind=kind, name=name, body=body.encode())


def outline(url: str, *folder: str, title: str | None = None) -> Outline:
    return Outline(url=url, title=title, folder=folder)
