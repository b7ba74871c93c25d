"""A file of entries: read into rows, each with what was typed or with what is wrong with it.

A column is a field by its name or its Chinese label, with or without its unit. Of a register with several variants the
column 登记方式 says which one a row is; without it the name of the sheet does, else it is the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from outreach.foundation.problems import FieldError, invalid
from outreach.items.importing import MAX_ROWS, read_tables
from outreach.items.importing.cells import WrongCell, text_of
from outreach.items.importing.header import ROWS_ABOVE, TableRow, read_header, told_of_sheet
from outreach.items.kinds.messages import printable
from outreach.statistics.registers.shape import Register, Variant

VARIANT_HEADER: Final = "登记方式"
SECTION_HEADER: Final = "科室"
SUMMARY_SHEET: Final = "汇总"
"""The sheet of an export that adds up the others; it bears no entries."""
_ROW: Final = "row"
_SECTION: Final = "section"
_VARIANT: Final = "variant"


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row: where it stands, what was typed by the names of the fields, and what is wrong with its cells."""

    number: int
    sheet: str | None
    variant: Variant
    typed: Mapping[str, str]
    section: str
    errors: tuple[FieldError, ...]

    @property
    def place(self) -> str:
        """Where the row stands, as one says it."""
        return f"工作表“{self.sheet}”第 {self.number} 行" if self.sheet else f"第 {self.number} 行"


def read_rows(register: Register, name: str, content: bytes) -> list[TypedRow]:
    """The rows of an Excel workbook or a CSV file.

    Raises TooLarge; InvalidContent where the file can't be read, has no row, or more than 20,000.
    """
    rows: list[TypedRow] = []
    for sheet, table in read_tables(name, content):
        if sheet != SUMMARY_SHEET:
            rows += islice(_rows_of(register, table, sheet), MAX_ROWS + 1 - len(rows))
    if not rows:
        raise invalid("file", "文件里没有登记。请核对文件后再导入。")
    if len(rows) > MAX_ROWS:
        raise invalid("file", f"一次最多导入 {MAX_ROWS} 行。请分成几个文件导入。")
    return rows


def label_of(register: Register, field: str) -> str:
    """What a report calls the field of an error."""
    known = register.fields().get(field)
    return (
        known.label if known else {_VARIANT: VARIANT_HEADER, _SECTION: SECTION_HEADER, _ROW: "整行"}.get(field, field)
    )  # fmt: skip


def _rows_of(register: Register, table: Iterator[TableRow], sheet: str | None) -> Iterator[TypedRow]:
    above = list(islice(table, ROWS_ABOVE))
    if all(row.is_blank for row in above):
        return
    meanings = _meanings(register)
    example = "、".join(field.header for field in register.variants[0].fields[:4])
    columns = read_header(above, sheet, is_known=meanings.__contains__, example=example)
    _refuse_unknown(columns, meanings, example, sheet)
    meant = {place: meanings[name] for place, name in columns.items() if name in meanings}
    _refuse_doubles(columns, meant, sheet)
    by_title = next((one for one in register.variants if one.label == sheet), register.variants[0])
    for row in chain(above[1:], table):
        if not row.is_blank:
            yield _row(register, row, meant, by_title, sheet)


def _row(
    register: Register, row: TableRow, columns: Mapping[int, str], usual: Variant, sheet: str | None
) -> TypedRow:
    all_fields = register.fields()
    texts: dict[str, str] = {}
    errors: list[FieldError] = []
    for place, name in columns.items():
        if place not in row.cells or not name:
            continue
        try:
            texts[name] = text_of(row.cells[place], all_fields[name].cell if name in all_fields else "text")
        except WrongCell as wrong:
            errors.append(FieldError(name, str(wrong)))
    variant = _variant(register, texts.pop(_VARIANT, "").strip(), usual, errors)
    section = texts.pop(_SECTION, "").strip()
    own = {field.name for field in variant.fields}
    for name, text in texts.items():
        if text.strip() and name not in own:
            errors.append(FieldError(name, f"“{variant.label}”没有这一栏，请清空这一格，或改登记方式。"))
    if any(not cell.is_blank for place, cell in row.cells.items() if place not in columns):
        errors.append(FieldError(_ROW, "这一行有内容写在没有列名的格里，请移到对应的列或删去。"))
    typed = {name: text for name, text in texts.items() if name in own}
    return TypedRow(row.number, sheet, variant, typed, section, tuple(errors))


def _variant(register: Register, typed: str, usual: Variant, errors: list[FieldError]) -> Variant:
    found = next((one for one in register.variants if typed in (one.key, one.label)), None)
    if typed and found is None:
        labels = "、".join(one.label for one in register.variants)
        errors.append(FieldError(_VARIANT, f"没有“{typed[:20]}”这种登记方式，请填写：{labels}。"))
    return found or usual


def _meanings(register: Register) -> Mapping[str, str]:
    """What each header stands for: the name of a field, or nothing where an import passes the column over. A label may
    stand for fields of several variants (年度, 月份): then they have the same name."""
    headers = {VARIANT_HEADER: _VARIANT, **dict.fromkeys(register.recorded, "")}
    if register.by_section:
        headers[SECTION_HEADER] = _SECTION
    for field in register.fields().values():
        headers |= dict.fromkeys((field.name, field.label, field.header), field.name)
    return headers


def _refuse_unknown(
    columns: Mapping[int, str], known: Collection[str], example: str, sheet: str | None
) -> None:
    for name in columns.values():
        if name and name not in known:
            told = f"不认得列“{printable(name)}”。请删去这一列，或改成登记册的栏目，例如 {example}。"
            raise invalid("file", told_of_sheet(sheet) + told)


def _refuse_doubles(columns: Mapping[int, str], meant: Mapping[int, str], sheet: str | None) -> None:
    seen: dict[str, str] = {}
    for place, name in meant.items():
        if name and name in seen:
            told = f"列“{printable(seen[name])}”和“{printable(columns[place])}”是同一项，请只保留一列。"
            raise invalid("file", told_of_sheet(sheet) + told)
        seen[name] = columns[place]
