"""Keep notices, the chunks of their recipients, the templates in use and what followers consented to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state IN ('planned', 'running')")
_OPEN = sa.text("NOT is_done")
_DIGEST = sa.text("digest_hour IS NOT NULL")


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_index(
        "ix_follower_account_id_digest_hour",
        "follower",
        ["account_id", "digest_hour"],
        sqlite_where=_DIGEST,
        postgresql_where=_DIGEST,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=True),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("without_call", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speed_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speed_done", sa.Integer(), nullable=False),
        sa.Column("stopped_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_notice_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("account_id", "event", name=op.f("uq_notice_account_id_event")),
    )
    op.create_index(
        "ix_notice_due_at", "notice", ["due_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_notice_account_id_started_at", "notice", ["account_id", "started_at"])
    op.create_index("ix_notice_item_id", "notice", ["item_id"])
    op.create_table(
        "notice_chunk",
        sa.Column("notice_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("msg_ids", sa.LargeBinary(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("begun_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_chunk_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_notice_chunk")),
    )
    op.create_index(
        "ix_notice_chunk_open",
        "notice_chunk",
        ["notice_id", "number"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "notice_template",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("template_id", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_template_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "use", "call", name=op.f("pk_notice_template")),
    )
    op.create_table(
        "notice_consent",
        sa.Column("template_id", sa.String(length=128), nullable=False),
        sa.Column("follower_id", _SERIAL, nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["follower.id"], name=op.f("fk_notice_consent_follower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("template_id", "follower_id", name=op.f("pk_notice_consent")),
    )
