"""What the database does so that what was committed is there after a power cut, and what time it is there.

SQLite: sqlite.org/pragma.html; PostgreSQL: postgresql.org/docs, "Reliability and the Write-Ahead Log".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

SAFE: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "sqlite": {
        "journal_mode": frozenset({"wal"}),
        "synchronous": frozenset({"2", "3"}),  # FULL, EXTRA
        "foreign_keys": frozenset({"1"}),
    },
    "postgresql": {
        "fsync": frozenset({"on"}),
        "full_page_writes": frozenset({"on"}),
        "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    },
}
"""For each database, the values of each setting with which nothing committed is lost or torn."""


async def unsafe_settings(session: AsyncSession) -> dict[str, str]:
    """The settings, as they hold for this session, under which something could be lost, with their values."""
    dialect = session.get_bind().dialect.name
    ask = "PRAGMA" if dialect == "sqlite" else "SHOW"
    found = {
        name: str(await session.scalar(text(f"{ask} {name}")))
        for name in SAFE[dialect]  # names from above
    }
    return {name: value for name, value in found.items() if value not in SAFE[dialect][name]}


async def server_time(session: AsyncSession) -> datetime | None:
    """What time the database's server says it is; None for SQLite, which has no clock of its own."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    told: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return told
