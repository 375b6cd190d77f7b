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
    # Filled by the first transaction that files quotes.
    op.drop_table("quote_terms")
    op.add_column("quotes", sa.Column("sense_id", sa.Integer))
    op.create_index("ix_quotes_sense_id", "quotes", ["sense_id"])
    op.create_table(
        "senses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("leader_id", sa.Integer),
        sa.Column("nearness", sa.Float, nullable=False),
        sa.Column("principle_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_senses"),
        sa.UniqueConstraint("hash", name="uq_senses_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_senses_leader_id", "senses", ["leader_id"])
    op.create_table(
        "sense_terms",
        sa.Column("term", sa.Text, nullable=False),
        sa.Column("sense_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("term", "sense_id", name="pk_sense_terms"),
        sa.ForeignKeyConstraint(
            ["sense_id"], ["senses.id"], name="fk_sense_terms_sense_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sense_terms_sense_id", "sense_terms", ["sense_id"])
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
        "principle_marks",
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("principle_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("mark", "principle_id", name="pk_principle_marks"),
        sa.ForeignKeyConstraint(
            ["principle_id"], ["principles.id"], name="fk_principle_marks_principle_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_principle_marks_principle_id", "principle_marks", ["principle_id"])
    op.create_table(
        "unweighed",
        sa.Column("principle_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("principle_id", name="pk_unweighed"),
        sa.ForeignKeyConstraint(
            ["principle_id"], ["principles.id"], name="fk_unweighed_principle_id", ondelete="CASCADE"
        ),
    )
    op.execute("INSERT INTO unweighed (principle_id) SELECT id FROM principles")
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
