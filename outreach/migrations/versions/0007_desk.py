"""Keep proposals for redaction, who works on an item at a stage, who asked to hurry, and comments on passages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_table(
        "redaction_proposal",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.String(length=26), nullable=True),
        sa.Column("closed_by_name", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_redaction_proposal_by_id")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_redaction_proposal_closed_by_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_redaction_proposal_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction_proposal")),
    )
    with op.batch_alter_table("redaction_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redaction_proposal_item_id"), ["item_id"], unique=False)
        batch_op.create_index(
            "uq_redaction_proposal_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
    op.create_table(
        "taking",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("person_name", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_taking_item_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_taking_person_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_taking")),
    )
    with op.batch_alter_table("taking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taking_person_id"), ["person_id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_reminder_by_id")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_reminder_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "item_id", "revision", "stage", "day", name=op.f("uq_reminder_item_id_revision_stage_day")
        ),
    )
    op.create_table(
        "passage_comment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=128), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote_mac", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by_id", sa.String(length=26), nullable=True),
        sa.Column("resolved_by_name", sa.String(length=64), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_passage_comment_by_id")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_passage_comment_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["person.id"], name=op.f("fk_passage_comment_resolved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_comment")),
    )
    with op.batch_alter_table("passage_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passage_comment_item_id"), ["item_id"], unique=False)
