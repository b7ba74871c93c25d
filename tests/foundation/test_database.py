from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from outreach import migrations
from outreach.foundation import database
from outreach.foundation.audit import AuditEvent, AuditHead
from outreach.foundation.database import Database
from tests.servers import Postgres
from tests.waiting import eventually

SHANGHAI_MIDNIGHT = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8)))


def event_at(moment: datetime) -> AuditEvent:
    return AuditEvent(
        number=1, at=moment, actor_name="某人", act="a", subject_kind="k", subject_id="s", detail={}, mac=""
    )


async def test_times_come_back_aware_and_in_utc(db: Database) -> None:
    async with db.begin() as session:
        session.add(event_at(SHANGHAI_MIDNIGHT))
    async with db.read() as session:
        (found,) = (await session.scalars(select(AuditEvent.at))).all()
        later = select(AuditEvent.number).where(AuditEvent.at > SHANGHAI_MIDNIGHT - timedelta(seconds=1))
        earlier = select(AuditEvent.number).where(AuditEvent.at < SHANGHAI_MIDNIGHT)
        assert (await session.scalars(later)).all() == [1]
        assert (await session.scalars(earlier)).all() == []
    assert found == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert found.tzinfo is UTC


async def test_a_time_without_offset_is_not_stored(db: Database) -> None:
    with pytest.raises(StatementError, match="without its offset"):
        async with db.begin() as session:
            session.add(event_at(SHANGHAI_MIDNIGHT.replace(tzinfo=None)))


async def test_an_error_rolls_everything_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as session:
            session.add(event_at(SHANGHAI_MIDNIGHT))
            await session.flush()
            raise ZeroDivisionError
    async with db.read() as session:
        assert (await session.scalars(select(AuditEvent.number))).all() == []


async def test_writers_at_the_same_time_lose_no_update(db: Database) -> None:
    async def add_one() -> None:
        async with db.begin() as session:
            await session.execute(text("UPDATE audit_head SET count = count + 1"))

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with db.read() as session:
        assert (await session.get_one(AuditHead, 1)).count == 20


async def test_who_writes_again_and_again_keeps_nobody_out(database_url: str, db: Database) -> None:
    """As another process does that works through a great deal, each transaction taking its time."""
    other = Database(database_url, audit_key=b"")
    has_begun, is_enough = asyncio.Event(), asyncio.Event()
    meanwhile = 0

    async def write_again_and_again() -> None:
        nonlocal meanwhile
        while not is_enough.is_set():
            async with other.begin() as session:
                await session.execute(delete(AuditEvent))
                has_begun.set()
                await asyncio.sleep(0.1)
            meanwhile += 1

    writing = asyncio.create_task(write_again_and_again())
    await has_begun.wait()
    for _ in range(5):
        async with db.begin() as session:
            await session.execute(delete(AuditEvent))
    is_enough.set()
    await writing
    await other.close()
    assert meanwhile <= 8 * 5


async def test_a_writer_who_is_cancelled_at_any_moment_keeps_nobody_out(
    database_url: str, db: Database
) -> None:
    """Some while they begin, some while they go back; and what they were cancelled with is kept, as a log does."""
    other = Database(database_url, audit_key=b"")
    kept: list[object] = []

    async def write(by: Database) -> None:
        async with by.begin() as session:
            await session.execute(delete(AuditEvent))
            await asyncio.sleep(0.002)

    for moments in range(0, 120, 3):
        writing = [asyncio.create_task(write(by)) for by in (db, other) for _ in range(3)]
        for number, task in enumerate(writing):
            for _ in range(moments):
                await asyncio.sleep(0)
            task.cancel()
            if number % 2:
                await asyncio.sleep(0)
                task.cancel()
        kept += await asyncio.gather(*writing, return_exceptions=True)
        async with asyncio.timeout(10):
            await write(other)
    assert any(isinstance(one, asyncio.CancelledError) for one in kept)
    await other.close()


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_a_connection_closed_amid_a_transaction_keeps_nobody_out(
    database_url: str, db: Database
) -> None:
    """As the pool closes that of whoever is cancelled again while they go back, whose cursor a traceback holds."""
    other = Database(database_url, audit_key=b"")
    async with db.engine.execution_options(outreach_writes=True).connect() as connection:
        await connection.execute(delete(AuditEvent))
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        held = await driver.execute("SELECT 1 UNION SELECT 2")
        await connection.invalidate()
        async with asyncio.timeout(10), other.begin() as session:
            await session.execute(delete(AuditEvent))
        del held
    await other.close()


async def test_what_a_reading_session_changes_is_thrown_away(db: Database) -> None:
    async with db.read() as session:
        session.add(event_at(SHANGHAI_MIDNIGHT))
        assert (await session.scalars(select(AuditEvent.number))).all() == []
    async with db.read() as session:
        assert (await session.scalars(select(AuditEvent.number))).all() == []


async def test_a_reading_session_refuses_to_write(db: Database) -> None:
    async with db.read() as session:
        session.add(event_at(SHANGHAI_MIDNIGHT))
        with pytest.raises(RuntimeError, match="can't write"):
            await session.flush()
    for statement in (update(AuditHead).values(count=9), delete(AuditHead)):
        async with db.read() as session:
            with pytest.raises(RuntimeError, match="can't write"):
                await session.execute(statement)
    async with db.read() as session:
        assert (await session.scalars(select(AuditHead.count))).all() == [0]


async def test_what_the_driver_saw_closed_is_replaced_before_it_is_used(
    postgresql: Postgres, tmp_path: Path
) -> None:
    async with postgresql.migrated(tmp_path) as url:
        db = Database(url, audit_key=b"")
        for _ in range(3):
            used = await _use_three(db)
            await postgresql.run(_END_ALL)
            await eventually(lambda used=used: _all_closed(used))
        await db.close()


async def test_what_lay_idle_is_asked_whether_it_is_alive(
    postgresql: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "IDLE_S", -1)
    async with postgresql.migrated(tmp_path) as url:
        db = Database(url, audit_key=b"")
        for _ in range(3):
            await _use_three(db)
            await postgresql.run(_END_ALL)
        await db.close()


_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'"


async def _use_three(db: Database) -> list[asyncpg.Connection]:
    """The connections of three sessions that were open, and worked, at the same time."""
    async with db.read() as one, db.read() as other, db.begin() as writing:
        sessions = (one, other, writing)
        for session in sessions:
            assert (await session.scalars(select(AuditHead.count))).all() == [0]
        return [await _driver_connection(session) for session in sessions]


async def _driver_connection(session: AsyncSession) -> asyncpg.Connection:
    raw = await (await session.connection()).get_raw_connection()
    assert isinstance(raw.driver_connection, asyncpg.Connection)
    return raw.driver_connection


async def _all_closed(connections: Sequence[asyncpg.Connection]) -> bool:
    return all(connection.is_closed() for connection in connections)


async def test_an_empty_database_becomes_the_newest(empty_database_url: str) -> None:
    db = Database(empty_database_url, audit_key=b"")
    assert not await migrations.is_current(db)
    await migrations.upgrade(db)
    assert await migrations.is_current(db)
    assert await migrations.differences(db) == []
    await migrations.upgrade(db)
    await db.close()


async def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    several = [Database(empty_database_url, audit_key=b"") for _ in range(3)]
    await asyncio.gather(*(migrations.upgrade(db) for db in several))
    async with several[0].read() as session:
        assert (await session.scalars(select(AuditHead.count))).all() == [0]
    for db in several:
        await db.close()


async def test_a_difference_between_tables_and_code_is_told(db: Database) -> None:
    async with db.begin() as session:
        await session.execute(text("ALTER TABLE person ADD COLUMN nickname VARCHAR(8)"))
    (difference,) = await migrations.differences(db)
    assert "nickname" in difference
