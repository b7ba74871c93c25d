"""What the office tells the screening, and what it finds out: word lists, reports, accepted wordings, refusals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.foundation.database import UtcDateTime

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.String(26)
_SEVERITY = sa.String(32)


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_table(
        "word_list_edition",
        sa.Column("id", _ID, nullable=False),
        sa.Column("list_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_newest", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("severity", _SEVERITY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("exceptions", sa.Text(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("basis", sa.String(500), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("saved_by", _ID, nullable=False),
        sa.Column("saved_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name="fk_word_list_edition_saved_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_word_list_edition"),
        sa.UniqueConstraint("list_id", "number", name="uq_word_list_edition_list_id_number"),
    )
    op.create_index("ix_word_list_edition_newest", "word_list_edition", ["is_newest"])
    op.create_table(
        "screening_report",
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(16), nullable=False),
        sa.Column("word_lists", sa.String(16), nullable=False),
        sa.Column("party_names", sa.String(16), nullable=False),
        sa.Column("screened_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name="fk_screening_report_item_id_item", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "revision", name="pk_screening_report"),
    )
    op.create_table(
        "accepted_wording",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("section_id", _ID, nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("accepted_by", _ID, nullable=False),
        sa.Column("accepted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", _ID, nullable=True),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name="fk_accepted_wording_section_id_section"
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["person.id"], name="fk_accepted_wording_accepted_by_person"
        ),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name="fk_accepted_wording_revoked_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_wording"),
    )
    op.create_index("ix_accepted_wording_matter", "accepted_wording", ["kind", "section_id", "mac"])
    op.create_table(
        "mark_incident",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("field", sa.String(128), nullable=False),
        sa.Column("rules", sa.String(256), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("happened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_by", _ID, nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(512), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_mark_incident_person_id_person"),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name="fk_mark_incident_closed_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_mark_incident"),
        sa.UniqueConstraint("text_hash", "person_id", name="uq_mark_incident_text_hash_person_id"),
    )
    op.create_index("ix_mark_incident_happened_at", "mark_incident", ["happened_at"])
    op.create_table(
        "released_line",
        sa.Column("id", _ID, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("released_by", _ID, nullable=False),
        sa.Column("released_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", _ID, nullable=True),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["released_by"], ["person.id"], name="fk_released_line_released_by_person"),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name="fk_released_line_revoked_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_released_line"),
    )
    op.create_index("ix_released_line_mac", "released_line", ["mac"])
