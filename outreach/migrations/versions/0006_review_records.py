"""Keep a register of reviews, their outcomes, and what was referred to a department"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_OUTCOMES = {"approve": "disclose", "refuse": "withhold"}
_CITED = re.compile(r"政府信息公开条例》?\s*第(十四|十五|十六|十七|1[4-7])条")
_ARTICLES = {"十四": 14, "十五": 15, "十六": 16, "十七": 17}


def upgrade() -> None:
    """Brings the tables forward; revisions that were decided on before get their numbers in that order."""
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=32), nullable=True))
    op.create_table(
        "record_count",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_record_count")),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("referred_to", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("article", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=128), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_number", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("noted_by_id", sa.String(length=26), nullable=True),
        sa.Column("noted_by_name", sa.String(length=64), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_referral_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_referral_item_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["person.id"], name=op.f("fk_referral_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_item_id"), ["item_id"], unique=False)
        batch_op.create_index(
            "uq_referral_unanswered",
            ["item_id", "revision"],
            unique=True,
            sqlite_where=sa.text("noted_at IS NULL"),
            postgresql_where=sa.text("noted_at IS NULL"),
        )
    op.create_table(
        "review_record",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("article", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_by_id", sa.String(length=26), nullable=True),
        sa.Column("filed_by_name", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_review_record_filed_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_review_record_item_id")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_review_record_section_id")),
        sa.PrimaryKeyConstraint("year", "number", name=op.f("pk_review_record")),
        sa.UniqueConstraint("item_id", "revision", name=op.f("uq_review_record_item_id_revision")),
    )
    with op.batch_alter_table("review_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_record_concluded_at"), ["concluded_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_record_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_record_section_id"), ["section_id"], unique=False)
    _fill(op.get_bind())


_DECISION = sa.table(
    "decision",
    *(sa.column(name) for name in ("id", "item_id", "revision", "stage", "kind", "outcome", "basis")),
    sa.column("at", sa.DateTime(timezone=True)),
)
_ITEM = sa.table("item", *(sa.column(name) for name in ("id", "title", "kind", "section_id")))
_SECTION = sa.table("section", sa.column("id"), sa.column("name"))
_REVISION = sa.table("revision", sa.column("item_id"), sa.column("number"), sa.column("snapshot", sa.JSON()))
_RECORD = sa.table(
    "review_record",
    *(sa.column(name) for name in ("year", "number", "item_id", "revision", "title", "kind", "section_id")),
    *(sa.column(name) for name in ("standing", "basis", "article")),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("opened_at", "concluded_at")),
)
_COUNT = sa.table("record_count", sa.column("year"), sa.column("given"))


def _fill(bind: sa.Connection) -> None:
    for kind, outcome in _OUTCOMES.items():
        bind.execute(sa.update(_DECISION).where(_DECISION.c.kind == kind).values(outcome=outcome))
    sections: dict[str, str] = {
        name: id_ for id_, name in bind.execute(sa.select(_SECTION.c.id, _SECTION.c.name))
    }
    given: Counter[int] = Counter()
    for rows in _revisions_in_order(bind):
        records = [_record(row, sections, given) for row in rows]
        bind.execute(sa.insert(_RECORD), records)
    if given:
        bind.execute(sa.insert(_COUNT), [{"year": year, "given": number} for year, number in given.items()])


def _revisions_in_order(bind: sa.Connection) -> Iterator[list[Any]]:
    """Every revision with a decision, the first one first, with its first and last decision."""
    d = _DECISION.c
    ends = (
        sa.select(
            d.item_id, d.revision, sa.func.min(d.at).label("opened_at"), sa.func.max(d.at).label("last_at")
        )
        .group_by(d.item_id, d.revision)
        .subquery()
    )
    query = (
        sa.select(
            ends.c.item_id, ends.c.revision, ends.c.opened_at, ends.c.last_at, d.stage, d.kind, d.basis,
            _ITEM.c.title, _ITEM.c.kind.label("item_kind"), _ITEM.c.section_id, _REVISION.c.snapshot,
        )
        .join(_DECISION, sa.and_(d.item_id == ends.c.item_id, d.revision == ends.c.revision, d.at == ends.c.last_at))
        .join(_ITEM, _ITEM.c.id == ends.c.item_id)
        .outerjoin(_REVISION, sa.and_(_REVISION.c.item_id == ends.c.item_id, _REVISION.c.number == ends.c.revision))
        .order_by(ends.c.opened_at, ends.c.item_id, ends.c.revision)
    )  # fmt: skip
    seen: tuple[str, int] | None = None
    for rows in bind.execute(query).partitions(500):
        fresh = []
        for row in rows:
            if (row.item_id, row.revision) != seen:  # two decisions at one moment
                fresh.append(row)
            seen = row.item_id, row.revision
        if fresh:
            yield fresh


def _record(row: Any, sections: dict[str, str], given: Counter[int]) -> dict[str, Any]:
    opened_at, last_at = _aware(row.opened_at), _aware(row.last_at)
    year = opened_at.astimezone(_SHANGHAI).year
    given[year] += 1
    snapshot = row.snapshot or {}
    standing = {
        "approve": "disclose" if row.stage == "sign_off" else "open",
        "return": "returned",
        "refuse": "withhold",
    }[row.kind]
    cited = _CITED.search(row.basis or "") if standing != "open" else None
    return {
        "year": year,
        "number": given[year],
        "item_id": row.item_id,
        "revision": row.revision,
        "title": snapshot.get("title", row.title),
        "kind": snapshot.get("kind", row.item_kind),
        "section_id": sections.get(snapshot.get("section", ""), row.section_id),
        "standing": standing,
        "basis": row.basis if standing != "open" else None,
        "article": (_ARTICLES.get(cited[1]) or int(cited[1])) if cited else None,
        "opened_at": opened_at,
        "concluded_at": last_at if standing != "open" else None,
    }


def _aware(moment: datetime) -> datetime:
    """SQLite gives times back naive, in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
