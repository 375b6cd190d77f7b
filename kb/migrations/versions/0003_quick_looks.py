"""Indexes that answer what every run asks without touching the large rows of raw sources, posts and pages."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_raws_known", "raws", ["source", "kind", "name", "hash", "mark"])
    op.create_index("ix_posts_known", "posts", ["raw_id", "url", "fingerprint", "published"])
    op.create_index("ix_pages_asked_again_at", "pages", ["asked_again_at"])
