"""Keep emergencies, times before which nothing goes out, and the holidays that the office entered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    # Not in batches: for a default SQLite's would put a new table in the old one's place, and dropping the old one
    # deletes what refers to it, or fails. Both databases take this.
    op.add_column("item", sa.Column("is_emergency", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "decision", sa.Column("afterwards", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "emergency",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authority_document", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("section_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("section_review", sa.String(length=32), nullable=False),
        sa.Column("kept_reason", sa.Text(), nullable=True),
        sa.Column("kept_by_id", sa.String(length=26), nullable=True),
        sa.Column("kept_by_name", sa.String(length=64), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_emergency_by_id")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name=op.f("fk_emergency_kept_by_id")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_emergency_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "revision", name=op.f("pk_emergency")),
    )
    with op.batch_alter_table("emergency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergency_section_review"), ["section_review"], unique=False)
    op.create_table(
        "holiday_notice",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_holiday_notice_by_id")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_holiday_notice")),
    )
    op.create_table(
        "special_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["holiday_notice.year"], name=op.f("fk_special_day_year"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_special_day")),
    )
    with op.batch_alter_table("special_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_special_day_year"), ["year"], unique=False)
