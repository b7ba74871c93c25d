"""Keep a case for each item that is sealed, and what was written down at its steps"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward; items that are sealed already get their case, under the item's own id."""
    op.create_table(
        "seal_case",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("rules", sa.String(length=256), nullable=False),
        sa.Column("reason", sa.String(length=512), nullable=True),
        sa.Column("sealed_by_id", sa.String(length=26), nullable=True),
        sa.Column("sealed_by_name", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("verdict_reason", sa.String(length=512), nullable=True),
        sa.Column("judged_by_id", sa.String(length=26), nullable=True),
        sa.Column("judged_by_name", sa.String(length=64), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("purge_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_by_id", sa.String(length=26), nullable=True),
        sa.Column("purged_by_name", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.String(length=26), nullable=True),
        sa.Column("closed_by_name", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_seal_case_item_id")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["person.id"], name=op.f("fk_seal_case_sealed_by_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["person.id"], name=op.f("fk_seal_case_judged_by_id")),
        sa.ForeignKeyConstraint(["purged_by_id"], ["person.id"], name=op.f("fk_seal_case_purged_by_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_seal_case_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_case")),
    )
    with op.batch_alter_table("seal_case", schema=None) as batch_op:
        batch_op.create_index("ix_seal_case_item_id", ["item_id"], unique=False)
        batch_op.create_index(
            "uq_seal_case_open",
            ["item_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "seal_entry",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_seal_entry_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["seal_case.id"], name=op.f("fk_seal_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_entry")),
    )
    with op.batch_alter_table("seal_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_entry_case_id"), ["case_id"], unique=False)
    op.execute(
        'INSERT INTO seal_case (id, item_id, revision, content_hash, rules, sealed_by_name, sealed_at, files, "left")'
        " SELECT item.id, item.id, item.revision, revision.content_hash, '', '系统', item.updated_at, '[]', '[]'"
        " FROM item LEFT JOIN revision ON revision.item_id = item.id AND revision.number = item.revision"
        " WHERE item.state = 'sealed'"
    )
