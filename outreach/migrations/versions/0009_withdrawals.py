"""Keep why, by whom and how far posts are withdrawn, and on which day a penalty withdraws itself"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SOME = sa.text("withdraw_on IS NOT NULL")
_DAYS = ("publish_until", "credit_repaired_on")
_ITEM = sa.table(
    "item",
    sa.column("id", sa.String),
    sa.column("kind", sa.String),
    sa.column("fields", sa.JSON),
    sa.column("publish_until", sa.Date),
    sa.column("credit_repaired_on", sa.Date),
    sa.column("withdraw_on", sa.Date),
)


def upgrade() -> None:
    """Brings the tables forward, and the days of the penalties that are there."""
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdraw_reason", sa.String(length=512), nullable=True))
        batch_op.add_column(sa.Column("withdraw_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("withdraw_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("takedown_began_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("publish_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("credit_repaired_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("withdraw_on", sa.Date(), nullable=True))
    _take_over_days()
    op.create_index(
        "ix_item_withdraw_on", "item", ["withdraw_on"], sqlite_where=_SOME, postgresql_where=_SOME
    )


def _take_over_days() -> None:
    connection = op.get_bind()
    query = sa.select(_ITEM.c.id, _ITEM.c.fields).where(_ITEM.c.kind == "penalty")
    for item_id, fields in connection.execute(query).all():
        days = _days_in(fields)
        if days:
            change = sa.update(_ITEM).where(_ITEM.c.id == item_id)
            connection.execute(change.values(**days, withdraw_on=min(days.values())))


def _days_in(fields: Mapping[str, Any]) -> dict[str, date]:
    return {name: date.fromisoformat(fields[name]) for name in _DAYS if fields.get(name)}
