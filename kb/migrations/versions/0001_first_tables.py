"""The first tables: feeds, what came of them, and the queue that the index follows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("site_url", sa.Text),
        sa.Column("folder", sa.JSON, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.String(64)),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.Column("checked_at", sa.DateTime),
        sa.Column("changed_at", sa.DateTime),
        sa.Column("next_due", sa.DateTime, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feeds_next_due", "feeds", ["next_due"])
    op.create_table(
        "raws",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("feed_id", sa.Integer),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raws"),
        sa.UniqueConstraint("source", "name", name="uq_raws_source_name"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_raws_feed_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_raws_feed_id", "raws", ["feed_id"])
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("raw_id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("publisher", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("published", sa.DateTime),
        sa.Column("completeness", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blocks", sa.JSON, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("raw_id", "key", name="uq_posts_raw_id_key"),
        sa.ForeignKeyConstraint(["raw_id"], ["raws.id"], name="fk_posts_raw_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posts_publisher", "posts", ["publisher"])
    op.create_index("ix_posts_added_at", "posts", ["added_at"])
    op.create_table(
        "principles",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sources", sa.Integer, nullable=False),
        sa.Column("added_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_principles"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_principles_added_at", "principles", ["added_at"])
    op.create_table(
        "quotes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("principle_id", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quotes"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_quotes_post_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["principle_id"], ["principles.id"], name="fk_quotes_principle_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quotes_post_id", "quotes", ["post_id"])
    op.create_index("ix_quotes_principle_id", "quotes", ["principle_id"])
    op.create_table(
        "quote_terms",
        sa.Column("term", sa.Text, nullable=False),
        sa.Column("quote_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("term", "quote_id", name="pk_quote_terms"),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quotes.id"], name="fk_quote_terms_quote_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_quote_terms_quote_id", "quote_terms", ["quote_id"])
    op.create_table(
        "principle_topics",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("principle_id", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("topic", "principle_id", name="pk_principle_topics"),
        sa.ForeignKeyConstraint(
            ["principle_id"], ["principles.id"], name="fk_principle_topics_principle_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_principle_topics_principle_id", "principle_topics", ["principle_id"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
