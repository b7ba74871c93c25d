"""Keep what each account may do on its platform, when it last called back, and when its authorisation ends"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward. A check that went well before was of the credentials alone: each account is to be
    checked anew."""
    op.add_column("account", sa.Column("authorised_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account_check", sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account_check", sa.Column("rights", sa.JSON(), nullable=False, server_default="[]"))
