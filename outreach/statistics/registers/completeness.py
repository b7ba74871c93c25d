"""登记完整: the act of a statistician by which what a register counts for a year becomes the office's figure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.database import insert_into
from outreach.foundation.problems import Forbidden, NotPossible
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.statistics.registers.model import CompleteYear

Count = Callable[[AsyncSession, int], Awaitable[Mapping[str, int | Decimal]]]
"""The figures of a year by their names."""


async def mark_complete(session: AsyncSession, key: str, year: int, by: Person) -> None:
    """Says that the register of that key holds all of the year. Again it changes nothing.

    Raises Forbidden, also for somebody who sees a part of the sections only; NotPossible before the year has begun.
    """
    require(by, Act.KEEP_FIGURES)
    if by.section_ids is not None:
        raise Forbidden("只看得到部分科室的人员不能标为登记完整。请由能看到全部科室的统计员来标。")
    if year > clock.today(clock.SHANGHAI).year:
        raise NotPossible(f"{year} 年还没有开始，不能标为登记完整。")
    await audit.hold(session)
    added = await session.execute(
        insert_into(session, CompleteYear)
        .values(register=key, year=year, by_name=by.name, at=clock.now())
        .on_conflict_do_nothing(index_elements=["register", "year"])
        .returning(CompleteYear.year)
    )
    if added.scalar_one_or_none() is not None:
        await audit.record(session, by, "register.complete", "register", key, year=year)


async def reopen(session: AsyncSession, key: str, year: int, by: Person) -> None:
    """Takes back that the year is complete. Again it changes nothing. Raises Forbidden."""
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    removed = await session.execute(
        delete(CompleteYear)
        .where(CompleteYear.register == key, CompleteYear.year == year)
        .returning(CompleteYear.year)
    )
    if removed.scalar_one_or_none() is not None:
        await audit.record(session, by, "register.reopen", "register", key, year=year)


async def complete_registers(session: AsyncSession, year: int) -> Mapping[str, CompleteYear]:
    """The registers of which somebody said that they hold all of the year."""
    query = select(CompleteYear).where(CompleteYear.year == year)
    return {row.register: row for row in await session.scalars(query)}


async def complete_year(session: AsyncSession, key: str, year: int) -> CompleteYear | None:
    """Who said when that the year is complete; None where nobody did."""
    return await session.get(CompleteYear, (key, year), populate_existing=True)


class CompleteGuard:
    """Sees to it that nothing changes the figures of a year that is complete. What leaves them as they are (a title is
    put right, a case that was pending at that year's end is closed) may be done."""

    def __init__(self, count: Count, figures: Mapping[int, Mapping[str, Any]]) -> None:
        self._count = count
        self._figures = figures

    @classmethod
    async def before(cls, session: AsyncSession, key: str, count: Count) -> Self:
        """To be asked before anything is written, in a transaction that holds the audit log's head."""
        query = select(CompleteYear.year).where(CompleteYear.register == key)
        return cls(count, {year: await count(session, year) for year in await session.scalars(query)})

    async def require_unchanged(self, session: AsyncSession) -> None:
        """Raises NotPossible where what was written changes a figure of a complete year."""
        for year, figures in self._figures.items():
            if await self._count(session, year) != figures:
                raise NotPossible(
                    f"{year} 年已标为登记完整，这样做会改变它的数字，没有保存。确需更改的，请先撤销登记完整。"
                )
