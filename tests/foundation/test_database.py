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
