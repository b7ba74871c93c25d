"""Note which version of a report was written to whom"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the table forward."""
    op.create_table(
        "report_mail",
        sa.Column("version_id", sa.String(length=26), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("mail_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["report_version.id"], name=op.f("fk_report_mail_version_id")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_report_mail_mail_id")),
        sa.PrimaryKeyConstraint("version_id", "address", name=op.f("pk_report_mail")),
    )
