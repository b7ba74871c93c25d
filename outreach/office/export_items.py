"""Items go out as an Excel workbook: those that a reader sees, in the very columns that an import takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import BytesIO

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.problems import NotFound, invalid
from outreach.items.exporting import ItemBook, write_template
from outreach.items.importing import MAX_ROWS
from outreach.items.queries import ItemFilter, export_scope, items_to_export
from outreach.items.service import as_numbered
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.queries import sections
from outreach.people.rules import sees_section


async def export_items(office: Office, reader: Person, narrow: ItemFilter) -> bytes:
    """A workbook of the items that the list would show `reader`, in the same order, without the sealed ones. Who
    took how many out is recorded.

    Raises NotFound where there are none, InvalidContent where there are more than an import takes, or a text is too
    long for a cell.
    """
    target = BytesIO()
    async with office.db.snapshot() as session:
        scope = await export_scope(session, reader, narrow)
        if not scope.total:
            raise NotFound("没有可以导出的信息。")
        if scope.total > MAX_ROWS:
            raise invalid(
                "file",
                f"符合条件的信息有 {scope.total} 条，一次最多导出 {MAX_ROWS} 条。请缩小筛选范围后再导出。",
            )
        book = ItemBook(target, await _section_names(session, reader))
        try:
            for kind, labels in scope.extra.items():
                book.add_sheet(kind, labels)
            async for items in items_to_export(session, reader, narrow):
                await asyncio.to_thread(book.write, [as_numbered(item, corrects) for item, corrects in items])
        finally:
            await asyncio.to_thread(book.close)
    async with office.db.begin() as session:
        await audit.record(session, reader, "item.export", "export", "file", count=scope.total)
    return target.getvalue()


async def import_template(office: Office, writer: Person) -> bytes:
    """The workbook to fill in and import; the sections of `writer` may be chosen in it."""
    async with office.db.read() as session:
        names = await _section_names(session, writer)
    target = BytesIO()
    await asyncio.to_thread(write_template, target, names)
    return target.getvalue()


async def _section_names(session: AsyncSession, person: Person) -> Sequence[str]:
    return [one.name for one in await sections(session) if sees_section(person, one.id)]
