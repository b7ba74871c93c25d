"""Space that deleted words still fill, in the database's own files.

SQLite (sqlite.org/lang_vacuum.html, /pragma.html#pragma_wal_checkpoint): VACUUM writes the database anew from what is
in it; a TRUNCATE checkpoint brings that into the file and leaves the log empty. Nothing of the database's files holds
the words afterwards; what the disk keeps of blocks that were given back is beyond it.

PostgreSQL (postgresql.org/docs, "Routine Vacuuming"): VACUUM makes the space of deleted rows free for others, and does
not overwrite it. The words may stay in the table's files until other rows come there, in the write-ahead log and its
archive, and on replicas. `VACUUM FULL` by the operator writes the tables anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from outreach.foundation.database import Base, Database

log = structlog.get_logger(__name__)

BUSY: Final = "数据库正被其他操作占用"
FULL: Final = "磁盘空间不足，或数据库文件不能改写"


async def erase_free_space(db: Database, models: Sequence[type[Base]]) -> str | None:
    """Has the database give up what it still holds of rows of `models` that were changed or deleted. None where it
    did all that it can, else the reason in Chinese why it did not. To be called outside of any transaction."""
    if db.engine.dialect.name == "sqlite":
        return await _vacuum_sqlite(db.engine)
    names = ", ".join(f'"{model.__tablename__}"' for model in models)
    async with db.engine.connect() as connection:
        await _autocommit(connection)
        await connection.exec_driver_sql(f"VACUUM {names}")
    return None


def can_overwrite(db: Database) -> bool:
    """Whether the database's own files hold nothing of the words afterwards."""
    return db.engine.dialect.name == "sqlite"


async def _autocommit(connection: AsyncConnection) -> None:
    await connection.execution_options(isolation_level="AUTOCOMMIT")


async def _vacuum_sqlite(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        # The driver's own connection: SQLAlchemy would begin a transaction, in which there is no VACUUM.
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        try:
            async with driver.execute("VACUUM"):
                pass
            async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as answer:
                is_busy, *_ = await answer.fetchone()
        except sqlite3.OperationalError as error:
            log.warning("erasure_failed", reason=str(error))
            return BUSY if "locked" in str(error) or "busy" in str(error) else FULL
    return BUSY if is_busy else None
