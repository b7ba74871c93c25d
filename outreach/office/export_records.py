"""The register goes out as a table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from outreach.foundation import audit
from outreach.foundation.problems import NotFound
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.review.queries import RecordFilter, records_in_order
from outreach.review.register_table import CsvTable, XlsxTable, cells_of


class TableFormat(StrEnum):
    """What a table can be written as."""

    XLSX = "xlsx"
    CSV = "csv"


_TABLES: Final[Mapping[TableFormat, Callable[[Path], XlsxTable | CsvTable]]] = {
    TableFormat.XLSX: XlsxTable,
    TableFormat.CSV: CsvTable,
}


async def export_records(
    office: Office, reader: Person, narrow: RecordFilter, target: Path, format_: TableFormat
) -> int:
    """Writes to `target` what the register would show `reader`, in the order of the numbers, and tells how many
    records that are. Who took how many out is recorded. Raises NotFound where there are none."""
    count = 0
    table = await asyncio.to_thread(_TABLES[format_], target)
    try:
        async with office.db.snapshot() as session:
            async for rows in records_in_order(session, reader, narrow):
                await asyncio.to_thread(table.write, [cells_of(row) for row in rows])
                count += len(rows)
    finally:
        await asyncio.to_thread(table.close)
    if not count:
        raise NotFound("没有符合条件的审查记录，没有可以导出的内容。")
    async with office.db.begin() as session:
        await audit.record(session, reader, "record.export", "record", "file", count=count)
    return count
