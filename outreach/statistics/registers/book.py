"""A register as a workbook: a sheet for each variant in the very columns that an import takes, and the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from outreach.foundation.clock import SHANGHAI
from outreach.items.importing import MAX_ROWS
from outreach.items.importing.cells import SIGNIFICANT_DIGITS, protected
from outreach.items.importing.workbook import GUIDE_SHEET
from outreach.statistics.registers.fields import NUMBERS, FieldType, RegisterField, shown_value
from outreach.statistics.registers.importing import SECTION_HEADER, SUMMARY_SHEET
from outreach.statistics.registers.model import RegisterEntry
from outreach.statistics.registers.shape import Figure, Register, Variant

_A4: Final = 9
"""As XlsxWriter's `set_paper` counts paper formats."""
_MOST_IN_LIST: Final = 255
"""Characters that a drop-down's own list may have together (Excel's limit)."""
_WIDTHS: Final[Mapping[FieldType, int]] = {FieldType.TEXT: 24, FieldType.LONG_TEXT: 36, FieldType.LINK: 36}
_FORMATS: Final[Mapping[FieldType, str]] = {
    FieldType.DAY: "yyyy-mm-dd",
    FieldType.COUNT: "0",
    FieldType.YEAR: "0",
    FieldType.SIGNED: "+0;-0;0",
    FieldType.AMOUNT: "#,##0.00####",
}

Entries = Sequence[tuple[RegisterEntry, str | None]]
"""Entries, each with its section's name."""
Rows = Sequence[tuple[Mapping[str, Any], Sequence[str]]]
"""What the fields of each row hold by their names, and the texts of the columns behind them."""
Choices = Mapping[str, Sequence[tuple[str, str]]]
"""What may be chosen, as pairs of key and label, by the names of the fields."""


@dataclass(frozen=True, slots=True)
class _Sum:
    """A column of a sheet that can be added up."""

    label: str
    cells: str
    value: Decimal


def write_register(
    target: IO[bytes], register: Register, entries: Entries, figures: Sequence[Figure], choices: Choices
) -> None:
    """Entries by their variants, and a sheet that adds them up: its sums are formulas with their values beside them, so
    that a program that does not calculate shows them too."""
    with closing(_Book(target)) as book:
        sums: list[_Sum] = []
        for variant in register.variants:
            own = [_row(entry, section) for entry, section in entries if entry.variant == variant.key]
            if own or variant is register.variants[0]:
                sums += book.add_rows(variant, own, choices, (SECTION_HEADER, *register.recorded))
        book.add_summary(register, sums, figures)


def write_rows(target: IO[bytes], register: Register, rows: Rows) -> None:
    """The rows of a register of one variant that is kept in tables of its own; behind its fields stand the columns that
    an import passes over."""
    with closing(_Book(target)) as book:
        book.add_rows(register.variants[0], rows, {}, register.recorded)


def write_template(target: IO[bytes], register: Register, choices: Choices) -> None:
    """The workbook to fill in and import: a sheet without rows for each variant, and one that explains them."""
    with closing(_Book(target)) as book:
        for variant in register.variants:
            book.add_rows(variant, (), choices, (SECTION_HEADER,) if register.by_section else ())
        book.add_guide(register)


def _row(entry: RegisterEntry, section: str | None) -> tuple[Mapping[str, Any], Sequence[str]]:
    entered_at = f"{entry.entered_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return entry.data, (section or "", entry.entered_by_name, entered_at, entry.source)


class _Book:
    def __init__(self, target: IO[bytes]) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(target, options)
        head = {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "vcenter"}
        self._optional = self._book.add_format(head)
        self._required = self._book.add_format({**head, "bg_color": "#FFE8CC"})
        self._looks = {
            type_: self._book.add_format({"num_format": _FORMATS.get(type_, "@"), "valign": "top"})
            for type_ in FieldType
        }
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._plain = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._number = self._book.add_format({"num_format": "#,##0.######"})

    def close(self) -> None:
        """Writes the file; to be called after an error too."""
        self._book.close()

    def add_rows(self, variant: Variant, rows: Rows, choices: Choices, behind: Sequence[str]) -> list[_Sum]:
        """A sheet of the variant, `behind` its fields the columns of these names; what of it can be added up."""
        sheet: Any = self._book.add_worksheet(variant.label)
        fields = variant.fields
        for place, field in enumerate(fields):
            sheet.write_string(0, place, field.header, self._required if field.required else self._optional)
            sheet.set_column(place, place, _WIDTHS.get(field.type, 14))
            self._explain(sheet, place, field, choices)
        for place, header in enumerate(behind, start=len(fields)):
            sheet.write_string(0, place, header, self._optional)
            sheet.set_column(place, place, 16)
        for number, (data, texts) in enumerate(rows, start=1):
            for place, field in enumerate(fields):
                self._write(sheet, number, place, field, data.get(field.name))
            for place, text in enumerate(texts, start=len(fields)):
                sheet.write_string(number, place, protected(text), self._looks[FieldType.TEXT])
        _set_up(sheet, len(fields) + len(behind), len(rows))
        return [
            _Sum(f"{variant.label}：{field.header}", _cells(variant, place, len(rows)), _total(rows, field))
            for place, field in enumerate(fields)
            if field.type in NUMBERS and rows
        ]

    def add_summary(self, register: Register, sums: Sequence[_Sum], figures: Sequence[Figure]) -> None:
        """The sheet that adds up."""
        sheet: Any = self._book.add_worksheet(SUMMARY_SHEET)
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 2, 16)
        sheet.write_string(0, 0, f"{register.label}汇总", self._title)
        line = self._heading(sheet, 2, "年度数字")
        for figure in figures:
            sheet.write_string(line, 0, protected(figure.label))
            sheet.write_number(line, 1, float(figure.value), self._number)
            sheet.write_string(line, 2, figure.unit)
            line += 1
        line = self._heading(sheet, line + 1, "各栏合计")
        for one in sums:
            sheet.write_string(line, 0, one.label)
            sheet.write_formula(line, 1, f"=SUM({one.cells})", self._number, float(one.value))
            line += 1
        sheet.write_string(line + 1, 0, register.rule)
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)

    def add_guide(self, register: Register) -> None:
        """The sheet that explains the columns; an import passes over it."""
        sheet: Any = self._book.add_worksheet(GUIDE_SHEET)
        sheet.set_column(0, 1, 20)
        sheet.set_column(2, 2, 10)
        sheet.set_column(3, 3, 70)
        sheet.write_string(0, 0, f"{register.label}导入模板", self._title)
        sheet.write_string(1, 0, register.about)
        sheet.write_string(2, 0, register.rule)
        sheet.write_string(
            3,
            0,
            "第一行是列名，不要在上面加标题，不要合并单元格。填好一张工作表即可导入，空的工作表不必删去。",
        )
        for place, text in enumerate(("工作表", "栏目", "必填", "说明")):
            sheet.write_string(5, place, text, self._optional)
        rows = [(variant, field) for variant in register.variants for field in variant.fields]
        for line, (variant, field) in enumerate(rows, start=6):
            told = (variant.label, field.header, "必填" if field.required else "", guide_of(field))
            for place, text in enumerate(told):
                sheet.write_string(line, place, text, self._plain)

    def _heading(self, sheet: Any, line: int, heading: str) -> int:
        """Writes the header of a list; the line below it."""
        for place, text in enumerate((heading, "数值", "单位")):
            sheet.write_string(line, place, text, self._optional)
        return line + 1

    def _explain(self, sheet: Any, place: int, field: RegisterField, choices: Choices) -> None:
        if told := guide_of(field):
            sheet.write_comment(0, place, told, {"x_scale": 2})
        labels = [label for _, label in choices.get(field.name, field.choices)]
        if field.type is FieldType.CHOICE and len(",".join(labels)) <= _MOST_IN_LIST:
            check = {"validate": "list", "source": labels, "error_title": "请修改"}
            sheet.data_validation(
                1, place, MAX_ROWS, place, {**check, "error_message": "请从下拉列表中选择。"}
            )

    def _write(self, sheet: Any, row: int, place: int, field: RegisterField, value: Any) -> None:
        look = self._looks[field.type]
        if value is None:
            sheet.write_blank(row, place, None, look)
        elif field.type is FieldType.DAY:
            sheet.write_datetime(row, place, datetime.fromisoformat(value), look)
        elif field.type in NUMBERS or field.type is FieldType.YEAR:
            exact = Decimal(value)
            if exact == Decimal(f"{exact:.{SIGNIFICANT_DIGITS}g}"):
                sheet.write_number(row, place, float(exact), look)
            else:
                sheet.write_string(row, place, str(value), look)
        else:
            sheet.write_string(row, place, protected(shown_value(field, value)), look)


def guide_of(field: RegisterField) -> str:
    """What is told of a column: its help, what may be chosen, how it is written."""
    forms = {
        FieldType.DAY: "日期，例如 2026-03-01。",
        FieldType.MONTH: "月份，例如 2026-03。",
        FieldType.YEAR: "四位数的年份。",
        FieldType.COUNT: "不小于 0 的整数。",
        FieldType.SIGNED: "整数，可以是负数。",
        FieldType.AMOUNT: f"不小于 0 的数字，最多 {field.decimals} 位小数。",
        FieldType.SEVERAL: "可以填几项，用顿号分开。",
    }
    chosen = f"可选：{'、'.join(label for _, label in field.choices)}。" if field.choices else ""
    return "".join(filter(None, (forms.get(field.type, ""), chosen, field.help)))


def _cells(variant: Variant, place: int, rows: int) -> str:
    return f"'{variant.label}'!{xl_range_abs(1, place, rows, place)}"


def _total(rows: Rows, field: RegisterField) -> Decimal:
    return sum((Decimal(data.get(field.name) or 0) for data, _ in rows), Decimal())


def _set_up(sheet: Any, columns: int, rows: int) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if rows:
        sheet.autofilter(0, 0, rows, columns - 1)
