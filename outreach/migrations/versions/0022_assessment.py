"""Keep an outbox of e-mails with the address book, and who was told of which account"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    _mail()
    _indicators()


def _mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("to_name", sa.String(length=64), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        _moment("due_at"),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("handed_over_at", nullable=True),
        _moment("give_up_at"),
        sa.Column("problem", sa.Text(), nullable=True),
        _moment("written_at"),
        _moment("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index("ix_mail_state_due_at", "mail", ["state", "due_at"])
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("entered_by_name", sa.String(length=64), nullable=False),
        _moment("entered_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("address", name=op.f("uq_contact_address")),
    )


def _indicators() -> None:
    out = sa.text("published_at IS NOT NULL")
    op.create_index(
        "ix_post_account_id_published_at",
        "post",
        ["account_id", "published_at"],
        sqlite_where=out,
        postgresql_where=out,
    )
    op.create_table(
        "indicator_warning",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        _moment("told_at"),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_indicator_warning_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "since", "level", name=op.f("pk_indicator_warning")),
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
