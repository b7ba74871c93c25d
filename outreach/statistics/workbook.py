"""Views of figures as a workbook: a sheet each, ready to print on A4 across, with totals that Excel adds up itself.

The results of all formulas are stored with them, so that also a program that calculates nothing reads the totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from outreach.items.importing.cells import protected

_A4: Final = 9
"""As XlsxWriter's `set_paper` counts paper formats."""
_TITLE, _NOTE, _HEADER, _FIRST = 0, 1, 2, 3
"""The rows of a sheet; the view's own rows begin at `_FIRST`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view; `is_added` says that its numbers are added up below."""

    header: str
    width: float = 12
    is_number: bool = False
    is_added: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A number that is the sum of other cells of its row; `columns` counts them from 0."""

    columns: Sequence[int]
    number: int


Cell = str | int | float | Sum | None


@dataclass(frozen=True, slots=True)
class View:
    """One sheet: what stands in it, below `title` and `note`. None leaves a cell empty. `total` is what the row of sums is
    called (empty: there is none); `below` are rows that are not added up."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: str = ""
    below: Sequence[Sequence[Cell]] = ()


def number_column(header: str, width: float = 10) -> Column:
    """A column of numbers that are added up."""
    return Column(header, width, is_number=True, is_added=True)


def write_book(views: Sequence[View]) -> bytes:
    """The workbook with those sheets, in their order."""
    target = BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats = _formats(book)
    for view in views:
        _write(book.add_worksheet(view.name), view, formats)
    book.close()
    return target.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    line = {"border": 1, "border_color": "#929DAB", "valign": "vcenter"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "note": book.add_format({"font_color": "#566174", "text_wrap": True, "valign": "vcenter"}),
        "header": book.add_format(
            {**line, "bold": True, "bg_color": "#E8EEF4", "align": "center", "text_wrap": True}
        ),
        "text": book.add_format({**line, "text_wrap": True}),
        "number": book.add_format({**line, "num_format": "#,##0"}),
        "decimal": book.add_format({**line, "num_format": "0.0"}),
        "total": book.add_format({**line, "bold": True, "top": 2}),
        "sum": book.add_format({**line, "bold": True, "top": 2, "num_format": "#,##0"}),
    }


def _write(sheet: Any, view: View, formats: dict[str, Any]) -> None:
    last = len(view.columns) - 1
    for place, column in enumerate(view.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(_HEADER, place, column.header, formats["header"])
    _write_across(sheet, _TITLE, last, view.title, formats["title"])
    sheet.set_row(_TITLE, 30)
    _write_across(sheet, _NOTE, last, view.note, formats["note"])
    width = sum(column.width for column in view.columns)
    sheet.set_row(_NOTE, 16 * (1 + int(2 * len(view.note) // width)))
    for number, row in enumerate(view.rows, start=_FIRST):
        _write_row(sheet, number, row, formats)
    below = _FIRST + len(view.rows)
    if view.total:
        _write_sums(sheet, view, below, formats)
        below += 1
    for number, row in enumerate(view.below, start=below):
        _write_row(sheet, number, row, formats)
    _set_up_print(sheet, view)


def _write_across(sheet: Any, row: int, last: int, text: str, look: Any) -> None:
    if last:
        sheet.merge_range(row, 0, row, last, protected(text), look)
    else:
        sheet.write_string(row, 0, protected(text), look)


def _write_row(sheet: Any, number: int, row: Sequence[Cell], formats: dict[str, Any]) -> None:
    for place, cell in enumerate(row):
        match cell:
            case None:
                sheet.write_blank(number, place, None, formats["text"])
            case str():
                sheet.write_string(number, place, protected(cell), formats["text"])
            case Sum():
                cells = ",".join(xl_rowcol_to_cell(number, one) for one in cell.columns)
                sheet.write_formula(number, place, f"=SUM({cells})", formats["number"], cell.number)
            case float():
                sheet.write_number(number, place, cell, formats["decimal"])
            case _:
                sheet.write_number(number, place, cell, formats["number"])


def _write_sums(sheet: Any, view: View, below: int, formats: dict[str, Any]) -> None:
    for place, column in enumerate(view.columns):
        if not column.is_added:
            sheet.write_string(below, place, view.total if place == 0 else "", formats["total"])
            continue
        number = sum(_number(row[place]) for row in view.rows)
        if view.rows:
            cells = f"{xl_rowcol_to_cell(_FIRST, place)}:{xl_rowcol_to_cell(below - 1, place)}"
            sheet.write_formula(below, place, f"=SUM({cells})", formats["sum"], number)
        else:
            sheet.write_number(below, place, 0, formats["sum"])


def _number(cell: Cell) -> int:
    if isinstance(cell, Sum):
        return cell.number
    return cell if isinstance(cell, int) else 0


def _set_up_print(sheet: Any, view: View) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.freeze_panes(_FIRST, 0)
