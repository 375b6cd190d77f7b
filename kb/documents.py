"""What the index holds of each principle and post: the stems of its fields. As many statements a batch, not an item."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from kb import topics
from kb.schema import posts, principle_topics, principles, quotes, raws
from kb.text import stems

BATCH = 100  # items read from the store at a time; a post may have megabytes

Words = Mapping[str, Sequence[str]]  # by field, each as often as it is there
Document = tuple[int, Words]  # the id of the principle or post

_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
# What no source says any more is kept, but nobody should find it and act on it.
_PRINCIPLES = (
    select(principles.c.id, principles.c.text)
    .where(principles.c.id.in_(_WANTED), principles.c.sources > 0)
    .order_by(principles.c.id)
)
_EVIDENCE = (
    select(
        quotes.c.principle_id.label("item"),
        quotes.c.text,
        quotes.c.context,
        posts.c.title,
        posts.c.published,
        posts.c.flaw,
        raws.c.source,
    )
    .select_from(quotes.join(posts, quotes.c.post_id == posts.c.id).join(raws, posts.c.raw_id == raws.c.id))
    .where(quotes.c.principle_id.in_(_WANTED))
)
_FILED = select(principle_topics.c.principle_id.label("item"), principle_topics.c.topic).where(
    principle_topics.c.principle_id.in_(_WANTED)
)
_POSTS = (
    select(posts.c.id, posts.c.title, posts.c.text, posts.c.tags, posts.c.published, raws.c.source)
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
        for item, text in db.execute(_PRINCIPLES, {"wanted": some}):
            yield item, _principle(text, evidence[item], [row.topic for row in filed[item]])


def of_posts(db: Connection, ids: Sequence[int]) -> Iterator[Document]:
    """Yield what the index holds of these posts, as far as they are there."""
    for some in _batches(ids):
        said = _by_item(db, _SAID, some)
        for row in db.execute(_POSTS, {"wanted": some}):
            yield row.id, _post(row, said[row.id])


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _by_item(db: Connection, statement: Select[Any], ids: Sequence[int]) -> Mapping[int, list[Any]]:
    found = defaultdict(list)
    for row in db.execute(statement, {"wanted": ids}):
        found[row[0]].append(row)
    return found


def _principle(text: str, evidence: Sequence[Any], filed: Iterable[str]) -> Words:
    others = {row.text for row in evidence} - {text}
    if all(row.flaw for row in evidence):  # what only flawed posts say is found behind what others say
        text, others = "", {text, *others}
    return {
        "quote": stems(text),
        "others": stems(" ".join(others)),
        "title": stems(" ".join({row.title for row in evidence})),
        "context": stems(" ".join({row.context for row in evidence})),
        **_filed(filed),
        **_origins({(row.source, row.published) for row in evidence}),
    }


def _post(row: Any, said: Sequence[Any]) -> Words:
    return {
        "quote": stems(" ".join(quote.text for quote in said)),
        "others": stems(" ".join(row.tags)),
        "title": stems(row.title),
        "context": stems(row.text),
        **_filed({topic for quote in said for topic, _ in quote.topics}),
        **_origins([(row.source, row.published)]),
    }


def _filed(names: Iterable[str]) -> Words:
    known = list(names)
    return {"topic": known, "topics": [stem for name in known for stem in _topic_stems(name)]}


@lru_cache(maxsize=256)
def _topic_stems(name: str) -> Sequence[str]:
    topic = topics.get(name)
    return stems(" ".join((topic.name, topic.title, *topic.aliases)))


def _origins(found: Collection[tuple[str, datetime | None]]) -> Words:
    return {
        "feed": list({source for source, _ in found}),
        "year": list({str(published.year) for _, published in found if published}),
    }
