"""What the index holds of each principle and post: the words of its fields. As many statements a batch, not an item."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from kb import topics
from kb.schema import posts, principle_topics, principles, quotes, raws
from kb.segments import Document
from kb.text import tokens

BATCH = 100  # items read from the store at a time; a post may have megabytes
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_LONGEST_HEADING = 120  # characters
_ENDINGS = (".", "!", "?", ":", ";", ",", "…")

_Words = dict[str, Sequence[str]]

_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_OF_POST = (
    posts.c.published,
    posts.c.flaw,
    posts.c.author,
    posts.c.completeness,
    raws.c.source,
    raws.c.origin,
)
# What no source says any more is kept, but nobody should find it and act on it.
_PRINCIPLES = (
    select(principles.c.id, principles.c.text, principles.c.sources)
    .where(principles.c.id.in_(_WANTED), principles.c.sources > 0)
    .order_by(principles.c.id)
)
_EVIDENCE = (
    select(
        quotes.c.principle_id.label("item"),
        quotes.c.text,
        quotes.c.context,
        posts.c.title,
        quotes.c.version_id,
        *_OF_POST,
    )
    .select_from(quotes.join(posts, quotes.c.post_id == posts.c.id).join(raws, posts.c.raw_id == raws.c.id))
    .where(quotes.c.principle_id.in_(_WANTED))
)
_FILED = (
    select(principle_topics.c.principle_id.label("item"), principle_topics.c.topic)
    .where(principle_topics.c.principle_id.in_(_WANTED))
    .order_by(principle_topics.c.rank)
)
_POSTS = (
    select(posts.c.id, posts.c.title, posts.c.text, posts.c.tags, *_OF_POST)
    .select_from(posts.join(raws, posts.c.raw_id == raws.c.id))
    .where(posts.c.id.in_(_WANTED))
    .order_by(posts.c.id)
)
_SAID = select(quotes.c.post_id.label("item"), quotes.c.text, quotes.c.topics).where(
    quotes.c.post_id.in_(_WANTED), quotes.c.version_id.is_(None)
)


def of_principles(db: Connection, ids: Sequence[int]) -> Iterator[Document]:
    """Yield what the index holds of these principles, as far as they are there."""
    for some in _batches(ids):
        evidence, filed = _by_item(db, _EVIDENCE, some), _by_item(db, _FILED, some)
        for row in db.execute(_PRINCIPLES, {"wanted": some}):
            yield _principle(row, evidence[row.id], [one.topic for one in filed[row.id]])


def of_posts(db: Connection, ids: Sequence[int]) -> Iterator[Document]:
    """Yield what the index holds of these posts, as far as they are there."""
    for some in _batches(ids):
        said = _by_item(db, _SAID, some)
        for row in db.execute(_POSTS, {"wanted": some}):
            yield _post(row, said[row.id])


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _by_item(db: Connection, statement: Select[Any], ids: Sequence[int]) -> Mapping[int, list[Any]]:
    found = defaultdict(list)
    for row in db.execute(statement, {"wanted": ids}):
        found[row[0]].append(row)
    return found


def _principle(row: Any, evidence: Sequence[Any], filed: Sequence[str]) -> Document:
    text, others = row.text, {one.text for one in evidence} - {row.text}
    is_flawed = all(one.flaw for one in evidence)
    if is_flawed:  # what only flawed posts say is found behind what others say
        text, others = "", {text, *others}
    headings, passages = _contexts(sorted({one.context for one in evidence}))
    words = {
        "quote": tokens(text),
        "others": tokens("\n".join(sorted(others))),
        "lead": tokens("\n".join(headings)),
        "title": tokens("\n".join(sorted({one.title for one in evidence}))),
        "context": tokens("\n".join(passages)),
        **_filed(filed),
        "main": filed[:1],
        **_origins(evidence),
        "state": sorted({state for one in evidence for state in _states(one, one.version_id is not None)}),
    }
    return Document(row.id, words, _columns(row.sources, is_flawed, evidence))


def _contexts(found: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the headings and lead-ins that quotes stand under, and the passages around them."""
    headings: dict[str, None] = {}
    passages: dict[str, None] = {}
    for line in (line for context in found for line in context.split("\n")):
        is_heading = len(line) <= _LONGEST_HEADING and not line.rstrip().endswith(_ENDINGS)
        (headings if is_heading else passages)[line] = None
    return list(headings), list(passages)


def _post(row: Any, said: Sequence[Any]) -> Document:
    words = {
        "quote": tokens("\n".join(quote.text for quote in said)),
        "others": tokens("\n".join(row.tags)),
        "lead": (),
        "title": tokens(row.title),
        "context": tokens(row.text),
        **_filed(sorted({topic for quote in said for topic, _ in quote.topics})),
        "main": (),
        **_origins([row]),
        "state": sorted(_states(row, False)),
    }
    return Document(row.id, words, _columns(1, bool(row.flaw), [row]))


def _filed(names: Iterable[str]) -> _Words:
    known = list(names)
    return {"topic": known, "topics": [word for name in known for word in _topic_words(name)]}


@lru_cache(maxsize=256)
def _topic_words(name: str) -> Sequence[str]:
    topic = topics.get(name)
    return tokens("\n".join((topic.name, topic.title, *topic.aliases)))


def _origins(found: Collection[Any]) -> _Words:
    days = {row.published.date().isoformat() for row in found if row.published}
    return {
        "feed": sorted({row.source for row in found}),
        "author": sorted({" ".join(row.author.split()) for row in found if row.author}),
        "year": sorted({day[:4].lstrip("0") for day in days}),
        "day": sorted(days),
    }


def _states(row: Any, is_changed: bool) -> Iterator[str]:
    yield row.completeness
    if row.flaw:
        yield "flawed"
    if row.origin == "starter":
        yield "starter"
    if is_changed:
        yield "changed"


def _columns(sources: int, is_flawed: bool, found: Iterable[Any]) -> Mapping[str, int]:
    newest = max(((row.published - _EPOCH).days for row in found if row.published), default=0)
    return {"support": sources, "flawed": int(is_flawed), "newest": newest}
