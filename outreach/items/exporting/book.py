"""A workbook of items: a sheet for each kind, with drop-downs, checks and a comment on each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from outreach.foundation.problems import invalid
from outreach.items.exporting.checks import check_of
from outreach.items.exporting.columns import (
    Look,
    Written,
    extra_header,
    fields_of,
    header_of,
    is_required,
    look_of,
    written,
    written_text,
)
from outreach.items.exporting.guide import GUIDE_HEADING, GUIDE_RULES, comment_on, guide_rows
from outreach.items.importing import MAX_ROWS
from outreach.items.importing.survey import MAX_COLUMN
from outreach.items.importing.workbook import GUIDE_SHEET
from outreach.items.labels import KIND_LABELS, FormField
from outreach.items.model import Kind

MAX_CELL: Final = 32_767
"""UTF-16 units that a cell holds ("Excel specifications and limits")."""

_CHOICES_SHEET: Final = "选项"
_FIXED_COLUMNS: Final = 3
_WIDTHS: Final[Mapping[str, int]] = {"title": 36, "body": 40, "kind": 12, "section": 18}
_WIDTH: Final[Mapping[str, int]] = {
    "text": 20,
    "textarea": 30,
    "number": 14,
    "date": 13,
    "datetime": 17,
    "json": 30,
}


class ItemBook:
    """Writes items row by row; a row that was written is not kept in memory.

    Args:
        target: takes the workbook at the end.
        sections: what may be chosen as 科室.
    """

    def __init__(self, target: IO[bytes], sections: Sequence[str]) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(target, options)
        self._looks = {look: self._book.add_format({"num_format": look.value}) for look in Look}
        self._optional = self._book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "border_color": "#B8C4D0"}
        )
        self._required = self._book.add_format(
            {"bold": True, "bg_color": "#FFE3B3", "border": 1, "border_color": "#B8C4D0"}
        )
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._sections = sections
        self._sheets: dict[Kind, _Sheet] = {}

    def add_sheet(self, kind: Kind, extra: Sequence[str] = ()) -> None:
        """A sheet for items of that kind. `extra` are the labels of the office's own rows, a column each.

        Raises InvalidContent where there are more columns than an import takes.
        """
        fields = fields_of(kind)
        if len(fields) + len(extra) > MAX_COLUMN:
            raise invalid("file", f"附加的名称超过 {MAX_COLUMN} 种，放不进一张表。请缩小筛选范围后再导出。")
        sheet = self._book.add_worksheet(KIND_LABELS[kind])
        sheet.freeze_panes(1, _FIXED_COLUMNS)
        self._sheets[kind] = _Sheet(sheet, kind, fields, tuple(extra))
        letters = {field.name: xl_col_to_name(place) for place, field in enumerate(fields)}
        for place, field in enumerate(fields):
            self._add_column(sheet, place, field, kind, letters)
        for place, label in enumerate(extra, start=len(fields)):
            sheet.set_column(place, place, _WIDTH["text"], self._looks[Look.TEXT])
            sheet.write_string(0, place, extra_header(label), self._optional)

    def write(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Adds items in the shape in which they are typed, each to the sheet of its kind.

        Raises InvalidContent where a text is too long for a cell, naming the item.
        """
        for typed in items:
            sheet = self._sheets[Kind(typed["kind"])]
            sheet.last_row += 1
            for place, cell in enumerate(sheet.cells_of(typed)):
                if cell is not None:
                    self._write_cell(sheet, place, cell, typed["title"])

    def add_guide(self) -> None:
        """The sheet that explains the others."""
        sheet = self._book.add_worksheet(GUIDE_SHEET)
        sheet.fit_to_pages(1, 0)
        for place, width in enumerate((12, 24, 10, 90)):
            sheet.set_column(place, place, width)
        for number, rule in enumerate(GUIDE_RULES):
            sheet.write_string(number, 0, rule)
        heading = len(GUIDE_RULES) + 1
        for place, text in enumerate(GUIDE_HEADING):
            sheet.write_string(heading, place, text, self._optional)
        for number, row in enumerate(guide_rows(list(self._sheets)), start=heading + 1):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text, self._wrapped)

    def close(self) -> None:
        """Hands the workbook to its target. To be called after an error too: only then are the rows' files gone."""
        if self._sections:
            choices = self._book.add_worksheet(_CHOICES_SHEET)
            choices.hide()
            for number, name in enumerate(self._sections):
                choices.write_string(number, 0, written_text(name).value)
        self._book.close()

    def _add_column(
        self, sheet: Any, place: int, field: FormField, kind: Kind, letters: Mapping[str, str]
    ) -> None:
        width = _WIDTHS.get(field.name, _WIDTH.get(field.type, 14))
        sheet.set_column(place, place, width, self._looks[look_of(field)])
        sheet.write_string(
            0, place, header_of(kind, field), self._required if is_required(field) else self._optional
        )
        sheet.write_comment(0, place, comment_on(field, kind), {"x_scale": 2, "y_scale": 1.2})
        check = check_of(field, self._choices_for(field, kind), letters)
        if check:
            sheet.data_validation(1, place, MAX_ROWS, place, check)

    def _choices_for(self, field: FormField, kind: Kind) -> str | list[str] | None:
        if field.name == "kind":
            return [KIND_LABELS[kind]]
        if field.name == "section" and self._sections:
            return f"={_CHOICES_SHEET}!$A$1:$A${len(self._sections)}"
        return None

    def _write_cell(self, sheet: _Sheet, place: int, cell: Written, title: str) -> None:
        look = self._looks[cell.look]
        if isinstance(cell.value, str):
            if len(cell.value.encode("utf-16-le")) // 2 > MAX_CELL:
                told = f"“{title}”的“{sheet.header(place)}”超过 {MAX_CELL} 个字，电子表格的一格放不下，没有导出。请缩小筛选范围后再导出。"
                raise invalid("file", told)
            sheet.sheet.write_string(sheet.last_row, place, cell.value, look)
        elif isinstance(cell.value, int | float):
            sheet.sheet.write_number(sheet.last_row, place, cell.value, look)
        else:
            sheet.sheet.write_datetime(sheet.last_row, place, cell.value, look)


class _Sheet:
    """One sheet, and how far it is written; row 0 is the header."""

    def __init__(self, sheet: Any, kind: Kind, fields: Sequence[FormField], extra: Sequence[str]) -> None:
        self.sheet, self.kind, self.fields, self.extra = sheet, kind, fields, extra
        self.last_row = 0

    def cells_of(self, typed: Mapping[str, Any]) -> Iterable[Written | None]:
        """The cells of an item from left to right."""
        for field in self.fields:
            yield written(field, typed)
        own = typed["fields"].get("extra") or {}
        for label in self.extra:
            text = own.get(label)
            yield written_text(text) if text else None

    def header(self, place: int) -> str:
        """The name of a column."""
        return (
            header_of(self.kind, self.fields[place])
            if place < len(self.fields)
            else self.extra[place - len(self.fields)]
        )
