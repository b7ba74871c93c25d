"""备案: reviewed records are packed for the archive, and each remembers when and by whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.ids import new_id
from outreach.foundation.passing_file import passing_folder, passing_place
from outreach.foundation.problems import Forbidden, NotFound, invalid
from outreach.office.context import Office
from outreach.office.filing_package import FilingPackage
from outreach.office.review_sheet import sheets_of
from outreach.office.sheet_document import SheetPrinter
from outreach.people.model import Person
from outreach.review.queries import RecordFilter, count_by_standing, records_in_order
from outreach.review.rules import number_label, sees_every_record
from outreach.review.service import remember_filed

Progress = Callable[[int, int], Awaitable[None]]
"""Is told how many of how many records are packed; first 0."""

MOST_RECORDS: Final = 2000
"""That many, each with an attachment of a megabyte, take about half a minute and 2 GB of disk."""

_NAME: Final = re.compile(r"[0-9A-Z]{26}")


def require_may_file(by: Person) -> None:
    """Whoever sees every record hands them to the archive. Raises Forbidden."""
    if not sees_every_record(by):
        raise Forbidden("备案由审计员或保密审查员办理。如有需要，请联系系统管理员。")


async def count_to_file(office: Office, by: Person, narrow: RecordFilter) -> int:
    """How many records a filing would take. Raises Forbidden, NotFound where there are none, InvalidContent where
    there are too many for one package."""
    require_may_file(by)
    async with office.db.read() as session:
        return await _count(session, by, narrow)


async def file_records(office: Office, by: Person, narrow: RecordFilter, tell: Progress) -> str:
    """Packs what the register would show, and gives the name under which `package_path` finds it for a day. The
    records are marked only once the whole package is there; a sealed one is listed and not marked.

    Raises Forbidden, NotFound, InvalidContent, and NotPossible where an attachment is missing or was changed.
    """
    require_may_file(by)
    name = new_id()
    async with passing_folder(office.settings.home) as folder:
        numbers = await _pack(office, by, narrow, folder / "package.zip", tell)
        await asyncio.to_thread((folder / "package.zip").rename, _place(office, by, name))
    async with office.db.begin() as session:
        await remember_filed(session, by, numbers)
        await audit.record(session, by, "record.file", "record", name, count=len(numbers), **_ends(numbers))
    return name


def package_path(office: Office, by: Person, name: str) -> Path:
    """Where the package lies that `by` made. Raises NotFound."""
    path = _place(office, by, name)
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("没有这个备案包，或者它已过期。请重新打包。")
    return path


async def _count(session: AsyncSession, by: Person, narrow: RecordFilter) -> int:
    counts = await count_by_standing(session, by, narrow)
    wanted = counts.get(narrow.standing, 0) if narrow.standing else sum(counts.values())
    if not wanted:
        raise NotFound("没有符合条件的审查记录，没有可以备案的内容。")
    if wanted > MOST_RECORDS:
        told = f"符合条件的审查记录有 {wanted} 份，一次最多备案 {MOST_RECORDS} 份。请按月份或科室分批备案。"
        raise invalid("first", told)
    return wanted


async def _pack(
    office: Office, by: Person, narrow: RecordFilter, target: Path, tell: Progress
) -> list[tuple[int, int]]:
    """The numbers of what was packed."""
    numbers: list[tuple[int, int]] = []
    done = 0
    printer = SheetPrinter(office.settings.home)
    package = await asyncio.to_thread(FilingPackage, target, office.media, printer)
    try:
        async with office.db.snapshot() as session:
            total = await _count(session, by, narrow)
            await tell(0, total)
            async for rows in records_in_order(session, by, narrow):
                open_rows = [row for row in rows if row.title is not None]
                await asyncio.to_thread(package.add, rows, await sheets_of(session, open_rows))
                numbers += [(row.year, row.number) for row in open_rows]
                done += len(rows)
                await tell(done, total)
        await asyncio.to_thread(package.finish, clock.now())
    finally:
        await asyncio.to_thread(package.close)
    return numbers


def _ends(numbers: Sequence[tuple[int, int]]) -> dict[str, str]:
    """The first and last number, where any was packed."""
    return {"first": number_label(*numbers[0]), "last": number_label(*numbers[-1])} if numbers else {}


def _place(office: Office, by: Person, name: str) -> Path:
    return passing_place(office.settings.home) / f"filing-{by.id}-{name}.zip"
