"""Keep who stands in for whom, in whose stead something was decided or referred, and what the command line was refused"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_table(
        "deputy",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("deputy_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("named_by_id", sa.String(length=26), nullable=False),
        sa.Column("named_by_name", sa.String(length=64), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.String(length=26), nullable=True),
        sa.Column("revoked_by_name", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_deputy_deputy_id")),
        sa.ForeignKeyConstraint(["named_by_id"], ["person.id"], name=op.f("fk_deputy_named_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_deputy_person_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_deputy_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputy_person_id"), ["person_id"], unique=False)
    # Not in a batch, whose new table SQLite would put in the old one's place. Both databases take this.
    op.execute(
        "ALTER TABLE decision ADD COLUMN absent_id VARCHAR(26)"
        " CONSTRAINT fk_decision_absent_id REFERENCES person (id)"
    )
    op.add_column("decision", sa.Column("absent_name", sa.String(length=64), nullable=True))
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.add_column(sa.Column("absent_name", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("noted_absent_name", sa.String(length=64), nullable=True))
    with op.batch_alter_table("taking", schema=None) as batch_op:
        batch_op.alter_column("person_name", type_=sa.String(length=160), existing_type=sa.String(length=64))
    with op.batch_alter_table("mark_incident", schema=None) as batch_op:
        batch_op.alter_column("person_id", existing_type=sa.String(length=26), nullable=True)
