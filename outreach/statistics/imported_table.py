"""Figures of before the start as they are typed: into a form, or into a table with a column for each thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from typing import Any, Final, TypeVar

import xlsxwriter

from outreach.channels.model import ChannelName
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.problems import FieldError, InvalidContent, invalid
from outreach.items.importing import MAX_ROWS, read_tables
from outreach.items.importing.cells import WrongCell, text_of
from outreach.items.importing.header import ROWS_ABOVE, TableRow, read_header, told_of_sheet
from outreach.items.kinds.shape import InputType
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind, Origin
from outreach.statistics.rules import check_month, check_year
from outreach.statistics.service import ImportedRow

COLUMNS: Final[Mapping[str, str]] = {
    "period": "月份或年份",
    "channel": "渠道",
    "kind": "类别",
    "original": "原创",
    "repost": "转载",
    "source": "来源",
}
"""The columns of a table, and the fields of a form, by their names."""

_OTHER_NAMES: Final[Mapping[str, str]] = {
    "月份": "period",
    "年份": "period",
    "年月": "period",
    "账号类型": "channel",
}
_MEANING: Final = {**{label: name for name, label in COLUMNS.items()}, **_OTHER_NAMES}
_UNDIVIDED: Final = frozenset({"", "全部", "合计", "不分", "不分渠道", "不分类别"})
_SHORT: Final[Mapping[str, ChannelName]] = {"微信": ChannelName.WECHAT, "公众号": ChannelName.WECHAT}
_PERIOD: Final = re.compile(
    r"(?P<year>\d{4})(?:年度?|(?:[-/.年](?P<month>\d{1,2})|(?P<two>\d{2}))月?(?:[-/.]0?1)?)?", re.ASCII
)
_EXPECTED: Final[Mapping[str, InputType]] = {"period": "date", "original": "number", "repost": "number"}
_LONGEST_SOURCE: Final = 200
_MOST: Final = 1_000_000_000
_Choice = TypeVar("_Choice", ChannelName, Kind)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What one row (or the form) says: its figures and their source, or what is wrong, by the names of `COLUMNS`.
    `number` and `sheet` say where it stands, as a spreadsheet counts."""

    figures: Sequence[ImportedRow]
    source: str
    errors: Sequence[FieldError] = ()
    number: int = 1
    sheet: str | None = None


def read_figures(name: str, content: bytes) -> list[FigureRow]:
    """The rows of a workbook or a CSV file; one that says the same as another above it is wrong.

    Raises InvalidContent or TooLarge where the file as a whole can't be read.
    """
    rows = list(islice(_all_rows(name, content), MAX_ROWS + 1))
    if not rows:
        raise invalid("file", "文件里没有数字。请核对文件后再导入。")
    if len(rows) > MAX_ROWS:
        raise invalid("file", f"一次最多导入 {MAX_ROWS} 行。请分成几个文件导入。")
    return _without_doubles(rows)


def read_row(texts: Mapping[str, str], number: int = 1, sheet: str | None = None) -> FigureRow:
    """What one row says, cells by the names of `COLUMNS`; what is missing reads as empty."""
    errors: list[FieldError] = []
    typed = {name: unicodedata.normalize("NFKC", texts.get(name, "")).strip() for name in COLUMNS}
    period = _period(typed["period"], errors)
    channels = {label: one for one, label in CHANNEL_LABELS.items()}
    channel = _choice("channel", typed["channel"], {**channels, **_SHORT}, ChannelName, errors)
    kind = _choice("kind", typed["kind"], {label: one for one, label in KIND_LABELS.items()}, Kind, errors)
    numbers = {origin: _number(str(origin), typed[str(origin)], errors) for origin in Origin}
    if not any(typed[str(origin)] for origin in Origin):
        errors.append(FieldError("original", "请至少填写原创、转载中的一项。"))
    source = texts.get("source", "").strip()
    if not source:
        errors.append(FieldError("source", "请写明数字的来源，例如“2020年度报告”。"))
    elif len(source) > _LONGEST_SOURCE:
        errors.append(FieldError("source", f"最多 {_LONGEST_SOURCE} 个字，请缩短。"))
    if errors:
        return FigureRow((), source, errors, number, sheet)
    figures = [
        ImportedRow(period, channel, kind, origin, posts)
        for origin, posts in numbers.items()
        if posts is not None
    ]
    return FigureRow(figures, source, (), number, sheet)


def write_template() -> bytes:
    """The workbook to fill in."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet: Any = book.add_worksheet("历史数字")
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
    text = book.add_format({"num_format": "@"})
    for place, (name, label) in enumerate(COLUMNS.items()):
        is_number = name in set(Origin)
        sheet.set_column(place, place, 36 if name == "source" else 14, None if is_number else text)
        sheet.write_string(0, place, label, head)
    sheet.data_validation(1, 1, MAX_ROWS, 1, {"validate": "list", "source": list(CHANNEL_LABELS.values())})
    sheet.data_validation(1, 2, MAX_ROWS, 2, {"validate": "list", "source": list(KIND_LABELS.values())})
    whole = {"validate": "integer", "criteria": ">=", "value": 0, "error_message": "请填写 0 或正整数。"}
    sheet.data_validation(1, 3, MAX_ROWS, 4, whole)
    sheet.freeze_panes(1, 0)
    book.close()
    return target.getvalue()


def _all_rows(name: str, content: bytes) -> Iterator[FigureRow]:
    for sheet, table in read_tables(name, content):
        above = list(islice(table, ROWS_ABOVE))
        if all(row.is_blank for row in above):
            continue
        columns = _columns(above, sheet)
        for row in chain(above[1:], table):
            if not row.is_blank:
                yield _row(row, columns, sheet)


def _columns(above: Sequence[TableRow], sheet: str | None) -> dict[int, str]:
    names = read_header(above, sheet, is_known=_MEANING.__contains__, example="、".join(COLUMNS.values()))
    meant: dict[int, str] = {}
    for place, name in names.items():
        if name and name not in _MEANING:
            told = f"不认得列“{name[:30]}”。请删去这一列，或改成：{'、'.join(COLUMNS.values())}。"
            raise invalid("file", told_of_sheet(sheet) + told)
        if name and _MEANING[name] in meant.values():
            raise invalid("file", f"{told_of_sheet(sheet)}列“{name}”重复了，请只保留一列。")
        if name:
            meant[place] = _MEANING[name]
    return meant


def _row(row: TableRow, columns: Mapping[int, str], sheet: str | None) -> FigureRow:
    texts: dict[str, str] = {}
    wrong: dict[str, FieldError] = {}
    for place, name in columns.items():
        try:
            texts[name] = text_of(row.cells[place], _EXPECTED.get(name)) if place in row.cells else ""
        except WrongCell as fault:
            wrong[name] = FieldError(name, str(fault))
    read = read_row(texts, row.number, sheet)
    if any(not cell.is_blank for place, cell in row.cells.items() if place not in columns):
        wrong["row"] = FieldError("row", "这一行有内容写在没有列名的格里，请移到对应的列或删去。")
    if not wrong:
        return read
    errors = [*wrong.values(), *(error for error in read.errors if error.field not in wrong)]
    return FigureRow((), read.source, errors, row.number, sheet)


def _without_doubles(rows: Sequence[FigureRow]) -> list[FigureRow]:
    first: dict[tuple[Any, ...], FigureRow] = {}
    checked = []
    for row in rows:
        keys = [(one.period, one.channel, one.kind, one.origin) for one in row.figures]
        double = next((first[key] for key in keys if key in first), None)
        if double is not None:
            told = f"与{told_of_sheet(double.sheet)}第 {double.number} 行是同一项，请只保留一行。"
            row = FigureRow((), row.source, [FieldError("period", told)], row.number, row.sheet)
        first |= {key: row for key in keys if key not in first}
        checked.append(row)
    return checked


def _period(typed: str, errors: list[FieldError]) -> str:
    found = _PERIOD.fullmatch(typed)
    try:
        month = found and (found["month"] or found["two"])
        if found and month:
            return check_month(f"{found['year']}-{int(month):02}")
        if found:
            return f"{check_year(found['year']):04}"
    except InvalidContent:
        pass  # told below, with what was typed
    told = f"“{typed[:20]}”不是月份，也不是年份。请写成 2020-10 或 2020。" if typed else "请填写月份或年份。"
    errors.append(FieldError("period", told))
    return ""


def _choice(
    name: str,
    typed: str,
    labels: Mapping[str, _Choice],
    values: type[_Choice],
    errors: list[FieldError],
) -> _Choice | None:
    if typed in _UNDIVIDED:
        return None
    if typed in labels:
        return labels[typed]
    if typed in set(values):
        return values(typed)
    known = "、".join(labels)
    errors.append(FieldError(name, f"没有“{typed[:20]}”这种{COLUMNS[name]}。请填写：{known}；不分的留空。"))
    return None


def _number(name: str, typed: str, errors: list[FieldError]) -> int | None:
    if not typed:
        return None
    digits = typed.replace(",", "")
    if digits.isascii() and digits.isdigit() and int(digits) <= _MOST:
        return int(digits)
    errors.append(FieldError(name, f"“{typed[:20]}”不是件数。请填写 0 或正整数。"))
    return None
