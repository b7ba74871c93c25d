"""Close months, list what changed later, count acts with the contents, keep figures from before the start"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Brings the tables forward, and counts the acts there were."""
    op.add_column("tally", sa.Column("closed_posts", sa.Integer(), nullable=True))
    op.add_column("tally", sa.Column("closed_withdrawn", sa.Integer(), nullable=True))
    acts = op.create_table(
        "act_tally",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closed_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "month",
            "measure",
            "account_id",
            "kind",
            "section_id",
            "origin",
            "detail",
            name=op.f("pk_act_tally"),
        ),
    )
    op.create_table(
        "closed_month",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_closed_month_by_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_month")),
    )
    op.create_table(
        "month_correction",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("post_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["month"], ["closed_month.month"], name=op.f("fk_month_correction_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_correction")),
    )
    op.create_index(op.f("ix_month_correction_month"), "month_correction", ["month"])
    op.create_table(
        "imported_figure",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("period", "channel", "kind", "origin", name=op.f("pk_imported_figure")),
    )
    counted = _acts_so_far()
    if counted:
        names = ("month", "measure", "account_id", "kind", "section_id", "detail")
        rows = [
            {**dict(zip(names, key, strict=True)), "origin": "", "number": number}
            for key, number in counted.items()
        ]
        op.bulk_insert(acts, rows)
    op.execute(_CONTENTS)
    op.drop_table("content_tally")


def _acts_so_far() -> Counter[tuple[str, ...]]:
    zone = ZoneInfo(os.environ.get("OUTREACH_TIMEZONE") or "Asia/Shanghai")
    acts: Counter[tuple[str, ...]] = Counter()
    for at, measure, account, kind, section, detail in _rows():
        moment: datetime = datetime.fromisoformat(at) if isinstance(at, str) else at
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        acts[f"{aware.astimezone(zone):%Y-%m}", measure, account, kind, section, detail] += 1
    return acts


def _rows() -> list[tuple[Any, str, str, str, str, str]]:
    connection = op.get_bind()
    return [
        (row[0], row[1], row[2], row[3], row[4], row[5])
        for query in (_ARTICLES, _REVIEWS, _REFUSALS, _NOTICES)
        for row in connection.execute(sa.text(query))
    ]


_ARTICLES = """
    SELECT published_at, 'articles', account_id, kind, section_id, '' FROM post
    WHERE published_at IS NOT NULL AND edition_id IS NOT NULL
"""
_CONTENTS = """
    INSERT INTO act_tally (month, measure, account_id, kind, section_id, origin, detail, number)
    SELECT month, 'contents', '', kind, section_id, origin, '', contents FROM content_tally
"""
_REVIEWS = """
    SELECT decision.at, 'reviews', '', review_record.kind, review_record.section_id,
        decision.stage || ':' || decision.kind
    FROM decision JOIN review_record
    ON review_record.item_id = decision.item_id AND review_record.revision = decision.revision
"""
_REFUSALS = """
    SELECT decision.at, 'refusals', '', review_record.kind, review_record.section_id,
        COALESCE(CAST(review_record.article AS VARCHAR(64)), 'other')
    FROM decision JOIN review_record
    ON review_record.item_id = decision.item_id AND review_record.revision = decision.revision
    WHERE decision.kind = 'refuse'
"""
_NOTICES = """
    SELECT started_at, 'notices', account_id, '', '', occasion FROM notice WHERE started_at IS NOT NULL
"""
