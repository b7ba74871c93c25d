"""Keep what followers write and do, what they are answered, how far their list was fetched; and keep figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_COUNTS = (
    "read_users",
    "read_count",
    "share_users",
    "share_count",
    "favourite_users",
    "zaikan_users",
    "like_users",
    "comments",
    "target_users",
)


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
    op.add_column("post", sa.Column("msg_data_id", sa.String(length=64), nullable=True))
    op.create_table(
        "article_reading",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("msg_data_id", sa.String(length=64), nullable=False),
        sa.Column("article_idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _COUNTS),
        sa.Column("fetched_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_article_reading_account_id")),
        sa.PrimaryKeyConstraint(
            "account_id", "msg_data_id", "article_idx", "on_day", name=op.f("pk_article_reading")
        ),
    )
    op.create_table(
        "follower_day",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("following", sa.Integer(), nullable=True),
        sa.Column("fetched_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_follower_day_account_id")),
        sa.PrimaryKeyConstraint("account_id", "on_day", name=op.f("pk_follower_day")),
    )
    op.create_table(
        "figures_fetch",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("fetched_on", sa.Date(), nullable=True),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_figures_fetch_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_figures_fetch")),
    )
