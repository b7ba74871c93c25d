"""A database with nobody in it yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from argon2 import PasswordHasher

from outreach.foundation.audit import GENESIS, AuditHead
from outreach.foundation.database import Base, Database
from outreach.people import model  # noqa: F401 - its tables
from outreach.people.passwords import Passwords

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest_asyncio.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite file with every table."""
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'people.sqlite'}", audit_key=b"key")
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with opened.begin() as session:
        session.add(AuditHead(id=1, count=0, last_mac=GENESIS, mac=""))
    yield opened
    await opened.close()
