"""The register: an entry for each revision that was reviewed, with a number that is given once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.database import insert_into
from outreach.items.model import Item, Revision
from outreach.people.model import Person
from outreach.review.model import Decision, RecordCount, ReviewRecord, Standing
from outreach.review.rules import article_of


async def settle_record(
    session: AsyncSession, item: Item, snapshot: Revision, standing: Standing, decision: Decision
) -> ReviewRecord:
    """The revision's record as `decision` leaves it; the first decision opens it."""
    record = await open_record(session, item, snapshot)
    record.standing = standing
    if standing is not Standing.OPEN:
        record.concluded_at = decision.at
        record.basis, record.article = decision.basis, article_of(decision.basis)
    await session.flush()
    return record


async def open_record(session: AsyncSession, item: Item, snapshot: Revision) -> ReviewRecord:
    """The revision's record, with a number from now on if it had none yet."""
    return await record_of(session, item.id, snapshot.number) or await _open(session, item, snapshot)


async def record_of(session: AsyncSession, item_id: str, revision: int) -> ReviewRecord | None:
    """The record of a revision, once it bears a decision."""
    query = select(ReviewRecord).where(ReviewRecord.item_id == item_id, ReviewRecord.revision == revision)
    return (await session.scalars(query)).one_or_none()


async def remember_filed(session: AsyncSession, by: Person, numbers: Sequence[tuple[int, int]]) -> None:
    """Notes on the records, named by year and number, that they went to the archive; a later filing replaces an
    earlier one."""
    filed = {"filed_at": clock.now(), "filed_by_id": by.id, "filed_by_name": by.name}
    for year in dict.fromkeys(year for year, _ in numbers):
        of_year = [number for other, number in numbers if other == year]
        query = update(ReviewRecord).where(ReviewRecord.year == year, ReviewRecord.number.in_(of_year))
        await session.execute(query.values(filed).execution_options(synchronize_session=False))


async def _open(session: AsyncSession, item: Item, snapshot: Revision) -> ReviewRecord:
    now = clock.now()
    year = now.astimezone(clock.SHANGHAI).year
    record = ReviewRecord(
        year=year,
        number=await _next_number(session, year),
        item_id=item.id,
        revision=snapshot.number,
        title=item.title,
        kind=item.kind,
        section_id=item.section_id,
        standing=Standing.OPEN,
        opened_at=now,
    )
    session.add(record)
    return record


async def _next_number(session: AsyncSession, year: int) -> int:
    """The row is locked until the transaction ends and what it gave is taken back with it: no number is given twice
    and none is left out, also by many at once on PostgreSQL."""
    query = (
        insert_into(session, RecordCount)
        .values(year=year, given=1)
        .on_conflict_do_update(index_elements=["year"], set_={"given": RecordCount.given + 1})
        .returning(RecordCount.given)
    )
    given: int = (await session.execute(query)).scalar_one()
    return given
