"""What many write at the same moment shares a transaction, and each is told what came of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import COMMAND_LINE, AuditEvent
from outreach.foundation.database import Database
from outreach.foundation.outages import outage_of
from outreach.foundation.together import ENOUGH, MOST
from tests.servers import Postgres

CANNOT_BE_STORED = "\ud800"  # half a character: no database takes it


class Desk:
    """Stores subjects in the audit log, and remembers how many came in at once."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.began, self.goes_on = asyncio.Event(), asyncio.Event()
        self.goes_on.set()

    async def store(self, session: AsyncSession, subjects: Sequence[str]) -> Sequence[str]:
        self.groups.append(len(subjects))
        self.began.set()
        await self.goes_on.wait()
        entries = [audit.Entry("a.test", "subject", subject, {"of": subject}) for subject in subjects]
        await audit.record_all(session, COMMAND_LINE, entries)
        return [f"stored {subject}" for subject in subjects]


async def store_all(db: Database, desk: Desk, subjects: Sequence[str]) -> list[str | BaseException]:
    return await asyncio.gather(
        *(db.write_together(desk.store, subject) for subject in subjects), return_exceptions=True
    )


async def stored(db: Database) -> list[str]:
    async with db.read() as session:
        assert await audit.verify(session) == []
        return list(await session.scalars(select(AuditEvent.subject_id).order_by(AuditEvent.number)))


async def test_who_comes_at_the_same_moment_goes_together_up_to_a_number(db: Database) -> None:
    most = ENOUGH if db.engine.dialect.name == "sqlite" else MOST
    desk, subjects = Desk(), [f"subject {number}" for number in range(most + 10)]
    assert await store_all(db, desk, subjects) == [f"stored {subject}" for subject in subjects]
    assert await stored(db) == subjects
    assert desk.groups == [most, 10]


async def test_who_comes_later_than_the_first_waits_for_no_more_than_that_one(db: Database) -> None:
    desk = Desk()
    desk.goes_on.clear()
    first = asyncio.create_task(db.write_together(desk.store, "first"))
    await desk.began.wait()
    others = asyncio.create_task(store_all(db, desk, ["second", "third"]))
    await asyncio.sleep(0)
    desk.goes_on.set()
    assert await first == "stored first"
    assert await others == ["stored second", "stored third"]
    assert desk.groups == [1, 2]


async def test_an_error_is_told_to_the_one_that_it_belongs_to_and_the_others_are_stored(db: Database) -> None:
    desk = Desk()
    first, bad, last = await store_all(db, desk, ["first", CANNOT_BE_STORED, "last"])
    assert (first, last) == ("stored first", "stored last")
    assert isinstance(bad, Exception)
    assert outage_of(bad) is None
    assert await stored(db) == ["first", "last"]


async def test_who_no_longer_waits_does_not_take_the_others_along(db: Database) -> None:
    desk = Desk()
    desk.goes_on.clear()
    tasks = [asyncio.create_task(db.write_together(desk.store, name)) for name in ("one", "two")]
    await desk.began.wait()
    tasks[0].cancel()
    desk.goes_on.set()
    assert await tasks[1] == "stored two"
    assert await stored(db) == ["one", "two"]


async def test_what_was_begun_is_stored_before_the_database_is_closed(database_url: str) -> None:
    desk, db = Desk(), Database(database_url, audit_key=b"")
    desk.goes_on.clear()
    waiting = asyncio.create_task(db.write_together(desk.store, "begun"))
    await desk.began.wait()
    waiting.cancel()
    closing = asyncio.create_task(db.close())
    desk.goes_on.set()
    await closing
    again = Database(database_url, audit_key=b"")
    assert await stored(again) == ["begun"]
    await again.close()


async def test_a_database_that_goes_away_in_the_middle_is_told_to_all_and_nothing_is_stored(
    postgresql: Postgres, tmp_path: Path
) -> None:
    async with postgresql.migrated(tmp_path) as url:
        db, desk = Database(url, audit_key=b""), Desk()
        desk.goes_on.clear()
        storing = asyncio.create_task(store_all(db, desk, ["one", "two", "three"]))
        await desk.began.wait()
        async with postgresql.closed_to_all(make_url(url).database or ""):
            desk.goes_on.set()
            assert all(isinstance(told, Exception) and outage_of(told) for told in await storing)
            assert desk.groups == [3]
        assert await stored(db) == []
        assert await store_all(db, desk, ["one", "two"]) == ["stored one", "stored two"]
        assert await stored(db) == ["one", "two"]
        await db.close()
