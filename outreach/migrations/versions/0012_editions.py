"""Keep editions: mass pushes of several articles, with their previews and how each went"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward; every post that there is goes out by itself."""
    op.create_table(
        "edition",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.String(length=256), nullable=True),
        sa.Column("draft_of", sa.String(length=64), nullable=True),
        sa.Column("client_msg_id", sa.String(length=32), nullable=True),
        sa.Column("release_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("msg_id", sa.String(length=64), nullable=True),
        sa.Column("msg_data_id", sa.String(length=64), nullable=True),
        sa.Column("total_count", sa.Integer(), nullable=True),
        sa.Column("filter_count", sa.Integer(), nullable=True),
        sa.Column("sent_count", sa.Integer(), nullable=True),
        sa.Column("error_count", sa.Integer(), nullable=True),
        sa.Column("problem_code", sa.String(length=64), nullable=True),
        sa.Column("problem_message", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.String(length=26), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_edition_account_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_edition_created_by")),
        sa.ForeignKeyConstraint(["planned_by"], ["person.id"], name=op.f("fk_edition_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_edition_msg_id"), ["msg_id"], unique=False)
        batch_op.create_index("ix_edition_state_due", ["state", "due_at"], unique=False)
    op.create_table(
        "edition_attempt",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("edition_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_attempt_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_attempt")),
    )
    with op.batch_alter_table("edition_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_attempt_edition_id"), ["edition_id"], unique=False)
    op.create_table(
        "edition_preview",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("edition_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_edition_preview_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_edition_preview_by_id")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_preview_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_preview")),
    )
    with op.batch_alter_table("edition_preview", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_preview_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_edition_preview_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_edition_preview_edition_id"), ["edition_id"], unique=False)
    # Not by a new table in the old one's place, as SQLite's batches do where a constraint comes: dropping the old
    # one would delete what refers to it. Both databases take this.
    op.execute(
        "ALTER TABLE post ADD COLUMN edition_id VARCHAR(26) CONSTRAINT fk_post_edition_id REFERENCES edition (id)"
    )
    op.add_column("post", sa.Column("article_idx", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_post_edition_id"), "post", ["edition_id"], unique=False)
