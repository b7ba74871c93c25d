"""Items as an Excel workbook: each visible sheet is a table, read row by row."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from outreach.foundation.problems import invalid
from outreach.items.importing.cells import Cell
from outreach.items.importing.header import TableRow
from outreach.items.importing.package import look_into
from outreach.items.importing.rows import RawRow
from outreach.items.importing.survey import Merge, Survey
from outreach.items.importing.table import read_table

GUIDE_SHEET: Final = "填写说明"
"""The sheet of the template that explains the others; it bears no items."""

_UNCALCULATED: Final = "这一格的公式没有计算结果。请用电子表格程序打开文件、保存后再导入，或直接填写内容。"
_BROKEN: Final = (
    # What zipfile, expat and openpyxl raise on bytes that only look like a workbook.
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError,
    ExpatError, ParseError, InvalidFileException, ArithmeticError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")

# It warns of parts that it leaves out (pictures, conditional formats); an import has no use for them either.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")


def read_workbook(content: bytes) -> Iterator[RawRow]:
    """A row for every row that is not empty, of every sheet that is neither hidden nor the template's guide.

    Raises InvalidContent where the file is no workbook that can be read, or a sheet has no header.
    """
    for name, rows in sheets_of(content):
        yield from read_table(rows, name)


def sheets_of(content: bytes) -> Iterator[tuple[str, Iterator[TableRow]]]:
    """The name of each such sheet, and its rows. Raises InvalidContent."""
    with _told_if_broken():
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            surveys = look_into(package)
        reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        reader.read()
        parts = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
        sheets = {
            sheet: surveys[parts[sheet.title]]
            for sheet in reader.wb.worksheets
            if sheet.sheet_state == "visible" and sheet.title != GUIDE_SHEET
        }
    for sheet, survey in sheets.items():
        yield sheet.title, _rows(sheet, survey)


@contextmanager
def _told_if_broken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        told = "文件不是可以读取的 Excel 工作簿，或已损坏。请用电子表格打开，另存为“Excel 工作簿（.xlsx）”后再导入。"
        raise invalid("file", told) from error


def _rows(sheet: Any, survey: Survey) -> Iterator[TableRow]:
    """The rows of the sheet; what the survey found is a fault of the cells concerned."""
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows, merges = sheet.iter_rows(), _Merges(survey.merges)
    for number in count(1):
        with _told_if_broken():
            cells = next(rows, None)
            if cells is None:
                return
            row = {cell.column: _cell(cell) for cell in cells if cell.value is not None}
        for column in survey.uncalculated.get(number, ()):
            row[column] = Cell("=", fault=_UNCALCULATED)
        for merge in merges.at(number):
            told = f"这一格与 {merge.name} 合并在一起。请取消合并，在每一行分别填写。"
            row[merge.left] = replace(row.get(merge.left, Cell("")), fault=told)
        yield TableRow(number, row)


def _cell(cell: ReadOnlyCell) -> Cell:
    value: Any = cell.value
    if cell.data_type == "e":
        return Cell(str(value), fault=f"这一格是错误值 {value}。请改正公式，或填写内容。")
    if isinstance(value, str):
        return Cell(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
    return Cell(value, cell.number_format)


class _Merges:
    """The merged ranges of a sheet, asked for row by row from the top."""

    def __init__(self, merges: Iterable[Merge]) -> None:
        self._below = sorted(merges, key=lambda merge: merge.top, reverse=True)
        self._here: list[Merge] = []

    def at(self, row: int) -> Sequence[Merge]:
        """Those that the row takes part in."""
        while self._below and self._below[-1].top <= row:
            self._here.append(self._below.pop())
        self._here = [merge for merge in self._here if merge.bottom >= row]
        return self._here
