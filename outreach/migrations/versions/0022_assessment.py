"""Keep an outbox of e-mails with the address book, who was told of which account,
the points of sections by quarters, and surveys"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    _mail()
    _indicators()
    _assessment()
    _surveys()


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


def _assessment() -> None:
    op.create_table(
        "assessment_scheme",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("saved_by_id", sa.String(length=26), nullable=False),
        sa.Column("saved_by_name", sa.String(length=64), nullable=False),
        _moment("saved_at"),
        _refers("assessment_scheme", "saved_by_id", "person.id"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assessment_scheme")),
    )
    op.create_table(
        "assessment_entry",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        _moment("at"),
        _moment("revoked_at", nullable=True),
        sa.Column("revoked_by_name", sa.String(length=64), nullable=True),
        _refers("assessment_entry", "section_id", "section.id"),
        _refers("assessment_entry", "by_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_entry")),
    )
    op.create_index("ix_assessment_entry_quarter", "assessment_entry", ["quarter"])
    op.create_table(
        "assessment_quarter",
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("scheme_number", sa.Integer(), nullable=True),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("closed_by_id", sa.String(length=26), nullable=False),
        sa.Column("closed_by_name", sa.String(length=64), nullable=False),
        _moment("closed_at"),
        _refers("assessment_quarter", "scheme_number", "assessment_scheme.number"),
        _refers("assessment_quarter", "closed_by_id", "person.id"),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_assessment_quarter")),
    )
    op.create_table(
        "assessment_standing",
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=False),
        sa.Column("section_name", sa.String(length=64), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("total", sa.String(length=16), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("in_time", sa.Integer(), nullable=False),
        _refers("assessment_standing", "quarter", "assessment_quarter.quarter"),
        _refers("assessment_standing", "section_id", "section.id"),
        sa.PrimaryKeyConstraint("quarter", "section_id", name=op.f("pk_assessment_standing")),
    )
    op.create_table(
        "assessment_evidence",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("section_id", sa.String(length=26), nullable=True),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=26), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=512), nullable=False),
        _refers("assessment_evidence", "quarter", "assessment_quarter.quarter"),
        _refers("assessment_evidence", "section_id", "section.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_evidence")),
    )
    op.create_index("ix_assessment_evidence_quarter", "assessment_evidence", ["quarter", "section_id"])


def _surveys() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sealed_salt", sa.Text(), nullable=True),
        sa.Column("made_by_id", sa.String(length=26), nullable=False),
        sa.Column("made_by_name", sa.String(length=64), nullable=False),
        _moment("made_at"),
        _moment("opened_at", nullable=True),
        _moment("ended_at", nullable=True),
        _refers("survey", "account_id", "account.id"),
        _refers("survey", "made_by_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("public_id", name=op.f("uq_survey_public_id")),
    )
    for table, column, *more in (
        ("survey_voter", sa.Column("hash", sa.String(length=64), nullable=False)),
        (
            "survey_answer",
            sa.Column("id", sa.String(length=32), nullable=False),
            sa.Column("is_follower", sa.Boolean(), nullable=False),
            sa.Column("answers", sa.JSON(), nullable=False),
        ),
    ):
        op.create_table(
            table,
            sa.Column("survey_id", sa.String(length=26), nullable=False),
            column,
            *more,
            sa.ForeignKeyConstraint(
                ["survey_id"], ["survey.id"], name=op.f(f"fk_{table}_survey_id"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("survey_id", column.name, name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
