"""How a stored post is read in short: the columns, the join and the record."""

from typing import Any

from kb.model import PostRef
from kb.schema import feeds, posts, raws

ref_columns = (
    posts.c.id,
    posts.c.title,
    posts.c.url,
    raws.c.source,
    posts.c.publisher,
    posts.c.author,
    posts.c.published,
    feeds.c.title.label("feed"),
    posts.c.completeness,
    raws.c.origin,
    posts.c.flaw,
    posts.c.copy_of,
)
ref_tables = posts.join(raws, posts.c.raw_id == raws.c.id).outerjoin(feeds, raws.c.feed_id == feeds.c.id)


def of_ref(row: Any) -> PostRef:
    """Make the record of a row that holds `ref_columns`."""
    return PostRef(**{column.name: row[column.name] for column in ref_columns})
