"""SQLite as it is set up here, and whose turn it is to write.

There is one writer at a time, and SQLite keeps no queue: who waits tries again, at last each tenth of a second only, and
whoever writes again and again is back before that. So who waits tries every few milliseconds here, and who has written
for a while rests for longer than that before they begin anew.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from typing import Any, Final

import aiosqlite
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S: Final = 30
"""How long whoever wants to write waits for others. After that sqlalchemy.exc.OperationalError is raised."""
_TRY_EVERY_S: Final = 0.004
_LONGEST_REST_S: Final = 0.01
_REST: Final = 0.25
"""Of the time for which the last transaction kept others out."""
_BEGAN_AT: Final = "outreach_began_at"


class ReleasingConnection(sqlite3.Connection):
    """Gives the file free when it is closed. SQLite itself keeps a closed connection's transaction, and with it all others
    out, for as long as there is a cursor, and there is one in the traceback of whoever was cancelled."""

    def close(self) -> None:
        """Rolls back and closes; does nothing the second time."""
        with suppress(sqlite3.ProgrammingError):
            self.rollback()
        super().close()


def attend(engine: Engine, *, takes_turns: bool) -> None:
    """Sets each connection of `engine` up. With `takes_turns` it is for writing alone, and its transactions take turns with
    those of others; else who waits leaves that to SQLite."""
    timeout_s = 0 if takes_turns else BUSY_TIMEOUT_S
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, timeout_s))
    if takes_turns:
        turns = _Turns()
        event.listen(engine, "begin", turns.begin)
        event.listen(engine, "checkin", turns.ended)
    else:
        event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    """A deferred transaction that reads first and then writes would fail as busy, or lose an update, when another writer was
    between."""
    writes = connection.get_execution_options().get("outreach_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Turns:
    """The writing transactions of one process on one database."""

    def __init__(self) -> None:
        self._rests_until = 0.0
        self._next = asyncio.Lock()

    def begin(self, connection: Connection) -> None:
        """Waits for its turn and begins to write."""
        adapted: Any = connection.connection.dbapi_connection
        if not adapted.run_async(self._has_begun):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # tells what keeps it out
        connection.info[_BEGAN_AT] = time.monotonic()

    async def _has_begun(self, driver: aiosqlite.Connection) -> bool:
        """Tries until the file is free. One of a process does, the others stand behind it."""
        gives_up_at = time.monotonic() + BUSY_TIMEOUT_S
        async with self._next:
            await asyncio.sleep(self._rests_until - time.monotonic())
            while not await _begins(driver):
                if time.monotonic() > gives_up_at:
                    return False
                await asyncio.sleep(_TRY_EVERY_S)
        return True

    def ended(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """The connection is given back, after its last transaction."""
        if (began_at := record.info.pop(_BEGAN_AT, None)) is not None:
            now = time.monotonic()
            self._rests_until = now + min(_LONGEST_REST_S, _REST * (now - began_at))


async def _begins(driver: aiosqlite.Connection) -> bool:
    try:
        await driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _prepare(connection: Any, timeout_s: float) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {round(1000 * timeout_s)}")
    cursor.close()
