"""Items as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from outreach.foundation.problems import invalid
from outreach.items.importing.cells import Cell
from outreach.items.importing.header import TableRow
from outreach.items.importing.rows import RawRow
from outreach.items.importing.table import read_table


def read_csv(text: str) -> Iterator[RawRow]:
    """A row for every row of the table that is not empty.

    Raises InvalidContent where the text is no table with a header.
    """
    return read_table(csv_rows(text))


def csv_rows(text: str) -> Iterator[TableRow]:
    """The rows of a table as CSV. Raises InvalidContent where a row can't be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield TableRow(number, {place: Cell(cell) for place, cell in enumerate(cells, start=1) if cell})
    except csv.Error:
        message = f"表格第 {number + 1} 行无法读取。请核对引号是否成对，或用电子表格另存为 CSV UTF-8。"
        raise invalid("file", message) from None
