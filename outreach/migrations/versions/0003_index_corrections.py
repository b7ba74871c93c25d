"""Find the items that correct another one by an index, not by reading every item"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FEW = sa.text("corrects_id IS NOT NULL")


def upgrade() -> None:
    """Brings the tables forward."""
    op.create_index("ix_item_corrects_id", "item", ["corrects_id"], sqlite_where=_FEW, postgresql_where=_FEW)
