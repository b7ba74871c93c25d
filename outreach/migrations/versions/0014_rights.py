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
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("authorised_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("called_back_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("account_check", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rights", sa.JSON(), nullable=True))
    op.execute("UPDATE account_check SET rights = '[]'")
    with op.batch_alter_table("account_check", schema=None) as batch_op:
        batch_op.alter_column("rights", existing_type=sa.JSON(), nullable=False)
