"""Tell of a finding in which file it is, and where"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings the tables forward."""
    for name in ("attachment", "place", "shown"):
        op.add_column("finding", sa.Column(name, sa.String(255)))
