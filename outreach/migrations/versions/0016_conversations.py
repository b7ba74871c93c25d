"""Keep what followers write and do, what they are answered, and how far their list was fetched"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_table(
        "message",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("follower_id", _SERIAL, nullable=True),
        sa.Column("is_report", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id")),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["follower.id"], name=op.f("fk_message_follower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("account_id", "dedupe_key", name=op.f("uq_message_account_id_dedupe_key")),
    )
    op.create_index("ix_message_state_due", "message", ["state", "due_at"])
    op.create_index("ix_message_follower_id", "message", ["follower_id"])
    op.create_index("ix_message_received_at", "message", ["received_at"])
    op.create_index(
        "ix_message_id_worded",
        "message",
        ["id"],
        sqlite_where=sa.text("sealed IS NOT NULL"),
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_index(
        "ix_message_received_at_wordless",
        "message",
        ["received_at"],
        sqlite_where=sa.text("sealed IS NULL"),
        postgresql_where=sa.text("sealed IS NULL"),
    )
    op.create_table(
        "reply",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("message_id", _SERIAL, nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("follower_id", _SERIAL, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("written_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.Column("problem_code", sa.String(length=64), nullable=True),
        sa.Column("problem_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reply_account_id")),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["follower.id"], name=op.f("fk_reply_follower_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_reply_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    op.create_index("ix_reply_state_due", "reply", ["state", "due_at"])
    op.create_index("ix_reply_message_id", "reply", ["message_id"])
    op.create_index("ix_reply_follower_id", "reply", ["follower_id"])
    op.create_index("ix_follower_account_id_subscribed", "follower", ["account_id", "subscribed"])
    op.create_index("ix_follower_unsubscribed_at", "follower", ["unsubscribed_at"])
    op.add_column("follower", sa.Column("listed_at", _TIME, nullable=True))
    op.create_table(
        "follower_sync",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("next_openid", sa.String(length=64), nullable=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("to_detail", sa.Integer(), nullable=True),
        sa.Column("detailed", sa.Integer(), nullable=False),
        sa.Column("detailed_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_follower_sync_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_follower_sync")),
    )
