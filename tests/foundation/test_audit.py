from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from outreach.foundation import audit, audit_log
from outreach.foundation.audit import COMMAND_LINE, AuditEvent, AuditHead, Fault
from outreach.foundation.database import Database

EVENTS = 5


@pytest.fixture(autouse=True)
async def five_events(db: Database) -> None:
    for number in range(EVENTS):
        async with db.begin() as session:
            await audit.record(session, COMMAND_LINE, "item.edit", "item", f"item-{number}", 字数=number)


async def faults(db: Database) -> Sequence[Fault]:
    async with db.read() as session:
        return await audit.verify(session)


async def tamper(db: Database, *statements: object) -> None:
    async with db.begin() as session:
        for statement in statements:
            await session.execute(statement)  # type: ignore[call-overload]


async def test_an_untouched_chain_is_whole(db: Database) -> None:
    assert await faults(db) == []


@pytest.mark.parametrize("column", ["actor_name", "actor_id", "act", "subject_id", "subject_kind"])
async def test_a_changed_row_is_named(db: Database, column: str) -> None:
    await tamper(db, update(AuditEvent).where(AuditEvent.number == 3).values({column: "x"}))
    (fault,) = await faults(db)
    assert fault.number == 3
    assert "第 3 条被改动" in fault.message


async def test_a_changed_detail_and_a_changed_time_are_named(db: Database) -> None:
    changed = update(AuditEvent).where(AuditEvent.number == 2).values(detail={"字数": 7})
    async with db.read() as session:
        later = (await session.get_one(AuditEvent, 5)).at.replace(year=2020)
    await tamper(db, changed, update(AuditEvent).where(AuditEvent.number == 4).values(at=later))
    assert [fault.number for fault in await faults(db)] == [2, 4]


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("column", "value"),
    [("detail", "'{broken'"), ("detail", "'[]'"), ("detail", "x'00'"), ("at", "'yesterday'"), ("at", "5"),
     ("mac", "'密'"), ("mac", "5"), ("actor_name", "x'00'")],
)  # fmt: skip
async def test_a_row_that_holds_what_no_program_wrote_is_named(db: Database, column: str, value: str) -> None:
    await tamper(db, text(f"UPDATE audit_event SET {column} = {value} WHERE number = 3"))
    assert next(iter(await faults(db))).number == 3
    async with db.read() as session:
        assert len((await audit_log.page(session)).events) == EVENTS


async def test_a_row_inserted_before_the_first_is_named(db: Database) -> None:
    copied = {column.name: column for column in AuditEvent.__table__.c}
    forged = select(*({**copied, "number": AuditEvent.number - 4}.values())).where(AuditEvent.number == 3)
    await tamper(db, insert(AuditEvent).from_select(list(copied), forged))
    assert [fault.number for fault in await faults(db)] == [-1]


async def test_a_row_removed_from_the_middle_is_named(db: Database) -> None:
    await tamper(db, delete(AuditEvent).where(AuditEvent.number == 3))
    found = await faults(db)
    assert found[0] == Fault(3, "第 3 条至第 3 条缺失")
    assert [fault.number for fault in found] == [3, 4]


async def test_the_last_rows_removed_are_named(db: Database) -> None:
    await tamper(db, delete(AuditEvent).where(AuditEvent.number >= 4))
    assert await faults(db) == [Fault(4, "末尾缺少第 4 条至第 5 条")]


async def test_hiding_a_removal_in_the_head_is_found(db: Database) -> None:
    async with db.read() as session:
        last_mac = (await session.get_one(AuditEvent, 4)).mac
    shortened = update(AuditHead).values(count=4, last_mac=last_mac)
    await tamper(db, delete(AuditEvent).where(AuditEvent.number == 5), shortened)
    assert Fault(4, "链头记录被改动过") in await faults(db)


async def test_a_row_inserted_at_the_end_is_named(db: Database) -> None:
    copied = {column.name: column for column in AuditEvent.__table__.c}
    forged = insert(AuditEvent).from_select(
        list(copied),
        select(*({**copied, "number": AuditEvent.number + 1}.values())).where(AuditEvent.number == 5),
    )
    await tamper(db, forged)
    assert {fault.number for fault in await faults(db)} == {6}


async def test_a_row_inserted_in_the_middle_is_named(db: Database) -> None:
    for number in (5, 4, 3):
        await tamper(db, update(AuditEvent).where(AuditEvent.number == number).values(number=number + 1))
    copied = {column.name: column for column in AuditEvent.__table__.c}
    await tamper(
        db,
        insert(AuditEvent).from_select(
            list(copied),
            select(*({**copied, "number": AuditEvent.number + 1}.values())).where(AuditEvent.number == 2),
        ),
    )
    assert 3 in {fault.number for fault in await faults(db)}


async def test_two_rows_that_changed_places_are_named(db: Database) -> None:
    for before, after in ((2, 99), (3, 2), (99, 3)):
        await tamper(db, update(AuditEvent).where(AuditEvent.number == before).values(number=after))
    assert {2, 3} <= {fault.number for fault in await faults(db)}


async def test_a_head_that_is_gone_is_told(db: Database) -> None:
    await tamper(db, delete(AuditHead))
    assert [fault.message for fault in await faults(db)] == ["链头记录不见了"]


async def test_another_key_opens_nothing(db: Database, database_url: str) -> None:
    stranger = Database(database_url, audit_key=b"another key")
    assert len(await faults(stranger)) == EVENTS + 1
    await stranger.close()


async def test_twenty_appends_at_once_keep_one_chain(db: Database) -> None:
    async def append(number: int) -> None:
        async with db.begin() as session:
            await session.execute(text("SELECT 1"))
            await audit.record(session, COMMAND_LINE, "item.edit", "item", f"at-once-{number}")

    await asyncio.gather(*(append(number) for number in range(20)))
    assert await faults(db) == []
    async with db.read() as session:
        assert await session.scalar(select(func.count(AuditEvent.number))) == EVENTS + 20
        assert (await session.get_one(AuditHead, 1)).count == EVENTS + 20


async def test_what_is_rolled_back_leaves_no_gap(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as session:
            await audit.record(session, COMMAND_LINE, "item.edit", "item", "never")
            raise ZeroDivisionError
    async with db.begin() as session:
        await audit.record(session, COMMAND_LINE, "item.edit", "item", "next")
    assert await faults(db) == []
