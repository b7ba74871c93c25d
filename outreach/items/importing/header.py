"""The header of a table: its first row, and nothing above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.foundation.problems import invalid
from outreach.items.importing.cells import Cell
from outreach.items.kinds.messages import printable

ROWS_ABOVE: Final = 20
"""So many rows of a table are looked at for one that is its header."""
_LONGEST_QUOTE: Final = 30


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of cells by their places, both counted from 1 as a spreadsheet counts."""

    number: int
    cells: Mapping[int, Cell]

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return all(cell.is_blank for cell in self.cells.values())


def read_header(
    above: Sequence[TableRow], sheet: str | None, *, is_known: Callable[[str], bool], example: str
) -> dict[int, str]:
    """The names of the columns by their places, from the first rows of a table. `is_known`: whether a name means
    anything; `example`: names of columns, for who has none.

    Raises InvalidContent where the first row is not the header: a title above it is told, and so is a header that
    isn't there.
    """
    first = above[0]
    columns = _names_in(first)
    if first.number == 1 and any(map(is_known, columns.values())):
        _refuse_faults(first, sheet)
        return columns
    told = told_of_sheet(sheet)
    for row in above:
        if any(map(is_known, _names_in(row).values())):
            quoted = next((name for name in columns.values() if name), "")[:_LONGEST_QUOTE]
            title = f"第 1 行“{printable(quoted)}”不是列名，" if first.number == 1 and quoted else ""
            raise invalid(
                "file", f"{told}{title}列名在第 {row.number} 行。请删去它上面的各行，让第一行就是列名。"
            )
    raise invalid("file", f"{told}第一行没有认得的列名。第一行应为各列的名称，例如 {example}。")


def told_of_sheet(sheet: str | None) -> str:
    """How a sentence about a table begins: with the name of its sheet, where it has one."""
    return f"工作表“{printable(sheet)}”：" if sheet else ""


def _names_in(row: TableRow) -> dict[int, str]:
    return {place: str(cell.value).strip() for place, cell in row.cells.items()}


def _refuse_faults(header: TableRow, sheet: str | None) -> None:
    for cell in header.cells.values():
        if cell.fault:
            raise invalid("file", f"{told_of_sheet(sheet)}列名一行：{cell.fault}")
