"""How much a post is worth as a source, which principles pull against each other, and what people have decided."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("posts", sa.Column("flaw", sa.Text))
    op.add_column("posts", sa.Column("copy_of", sa.Integer))
    op.create_index("ix_posts_copy_of", "posts", ["copy_of"])
    op.create_table(
        "post_bands",
        sa.Column("band", sa.Text, nullable=False),
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("band", "post_id", name="pk_post_bands"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_bands_post_id", ondelete="CASCADE"),
    )
    op.create_index("ix_post_bands_post_id", "post_bands", ["post_id"])
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("heading", sa.Text, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("undone_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tensions",
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("other", sa.Integer, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name="pk_tensions"),
        sa.ForeignKeyConstraint(["one"], ["principles.id"], name="fk_tensions_one", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["principles.id"], name="fk_tensions_other", ondelete="CASCADE"),
    )
    op.create_index("ix_tensions_other", "tensions", ["other"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("one", sa.Text, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("undone_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sqlite_autoincrement=True,
    )
