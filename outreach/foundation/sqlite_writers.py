"""SQLite as it is set up here, and whose turn it is to write.

There is one writer at a time, and SQLite keeps no queue: who waits tries again, at last each tenth of a second only, and
whoever writes again and again is back before that. So who waits tries every few milliseconds here, and who has written
for a while rests for longer than that before they begin anew.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 30
"""How long whoever wants to write waits for others. After that sqlalchemy.exc.OperationalError is raised."""
_TRY_EVERY_S: Final = 0.004
_LONGEST_REST_S: Final = 0.01
_REST: Final = 0.25
"""Of the time for which the last transaction kept others out."""
_PATIENT: Final = f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}"
_BEGAN_AT: Final = "outreach_began_at"


def attend(engine: Engine) -> None:
    """Sets each connection of `engine` up, and has its writing transactions take turns with those of others."""
    turns = _Turns()
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "checkin", turns.ended)


class _Turns:
    """The writing transactions of one process on one database."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    def begin(self, connection: Connection) -> None:
        """BEGIN, or BEGIN IMMEDIATE where something will be written: a transaction that reads first and then writes would
        fail as busy, or lose an update, when another writer was between."""
        if not _writes(connection):
            connection.exec_driver_sql("BEGIN")
            return
        try:
            self._wait_and_begin(connection)
        except BaseException:
            connection.invalidate()  # it may be left without patience, also by whoever was cancelled meanwhile
            raise
        connection.info[_BEGAN_AT] = time.monotonic()

    def _wait_and_begin(self, connection: Connection) -> None:
        gives_up_at = time.monotonic() + BUSY_TIMEOUT_S
        _sleep(connection, self._rests_until - time.monotonic())
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        while not _begun(connection):
            if time.monotonic() > gives_up_at:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                break
            _sleep(connection, _TRY_EVERY_S)
        connection.exec_driver_sql(_PATIENT)

    def ended(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """The connection is given back, after its last transaction."""
        if (began_at := record.info.pop(_BEGAN_AT, None)) is not None:
            now = time.monotonic()
            self._rests_until = now + min(_LONGEST_REST_S, _REST * (now - began_at))


def _writes(connection: Connection) -> bool:
    writes: bool = connection.get_execution_options().get("outreach_writes", False)
    return writes


def _begun(connection: Connection) -> bool:
    cursor = connection.connection.cursor()
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    finally:
        cursor.close()
    return True


def _sleep(connection: Connection, seconds: float) -> None:
    if seconds > 0:
        adapted: Any = connection.connection.dbapi_connection
        adapted.run_async(lambda _: asyncio.sleep(seconds))


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(_PATIENT)
    cursor.close()
