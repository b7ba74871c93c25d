"""Keep house texts with their reviews, questions that nobody understood, and which notice a follower agreed to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    op.add_column("follower", sa.Column("consented_to", sa.String(length=64), nullable=True))
    op.add_column("follower", sa.Column("notice_told", sa.String(length=64), nullable=True))
    op.create_table(
        "house_text",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("triggers", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("author_ids", sa.JSON(), nullable=False),
        sa.Column("author_name", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.String(length=26), nullable=True),
        sa.Column("decided_by_name", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.String(length=512), nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_house_text_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_text")),
        sa.UniqueConstraint("key", "number", name=op.f("uq_house_text_key_number")),
    )
    _one("uq_house_text_open", "state IN ('draft', 'in_review')")
    _one("uq_house_text_approved", "state = 'approved'")
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("words_hash", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_name", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_question_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("words_hash", name=op.f("uq_question_words_hash")),
    )
    op.create_index("ix_question_closed_at_last_at", "question", ["closed_at", "last_at"])


def _one(name: str, where: str) -> None:
    """At most one edition of a text is in such a state."""
    op.create_index(
        name,
        "house_text",
        ["key"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
