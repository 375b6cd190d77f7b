"""What a feed needs to be read for years: its rhythm, its moves, its hub; earlier texts, fetched pages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FEED_COLUMNS = (
    ("why", sa.Text),
    ("pace", sa.JSON),
    ("failing_since", sa.DateTime),
    ("moved_to", sa.Text),
    ("moved_on", sa.JSON),
    ("suggestion", sa.Text),
    ("hub", sa.Text),
    ("self_url", sa.Text),
    ("repeats", sa.JSON),
    ("learned", sa.Integer),
)


def upgrade() -> None:
    for name, kind in _FEED_COLUMNS:
        op.add_column("feeds", sa.Column(name, kind))
    op.add_column("raws", sa.Column("mark", sa.String(64)))
    op.add_column("posts", sa.Column("fingerprint", sa.String(64)))
    op.add_column("posts", sa.Column("date_note", sa.Text))
    # Posts and raw sources are large, and every run asks which are cut off and which came with the program.
    op.create_index("ix_posts_completeness", "posts", ["completeness"])
    op.create_index("ix_raws_origin", "raws", ["origin"])
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("replaced_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_versions_post_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_post_id", "versions", ["post_id"])
    op.add_column("quotes", sa.Column("version_id", sa.Integer))
    op.create_table(
        "pages",
        sa.Column("raw_id", sa.Integer, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text),
        sa.Column("body", sa.LargeBinary),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("asked_again_at", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("raw_id", name="pk_pages"),
        sa.ForeignKeyConstraint(["raw_id"], ["raws.id"], name="fk_pages_raw_id", ondelete="CASCADE"),
    )
    op.create_table(
        "hubs",
        sa.Column("feed_id", sa.Integer, nullable=False),
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("feed_id", name="pk_hubs"),
        sa.UniqueConstraint("token", name="uq_hubs_token"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_hubs_feed_id", ondelete="CASCADE"),
    )
