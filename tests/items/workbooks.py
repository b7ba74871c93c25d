"""Workbooks as people and programs make them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

EVENT: dict[str, Any] = {
    "来源编号": "e-1", "类别": "活动预告", "标题": "开放日", "科室": "宣传教育科",
    "活动名称": "开放日", "开始时间": "2026-06-05", "活动地点": "监测站", "主办单位": "市局",
}  # fmt: skip


def workbook(
    *rows: Sequence[Any], change: Callable[[Worksheet], object] | None = None, name: str = "信息"
) -> bytes:
    """One sheet of these rows; `change` may do more to it."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return _bytes(book)


def sheets(**rows_by_name: Sequence[Sequence[Any]]) -> bytes:
    """Several sheets by their names; one whose name begins with `_` is hidden."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in rows_by_name.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("_") else "visible"
        for row in rows:
            sheet.append(list(row))
    return _bytes(book)


def event(change: Callable[[Worksheet], object] | None = None, /, **cells: Any) -> bytes:
    """A sheet of one event; cells are given by their columns."""
    given = {**EVENT, **cells}
    return workbook(list(given), list(given.values()), change=change)


def with_parts(content: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The package with these parts added or replaced; a function makes the new part from the old one."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        old = {name: source.read(name) for name in source.namelist()}
        for name in {**old, **parts}:
            new = parts.get(name, old.get(name, b""))
            copy.writestr(name, new(old.get(name, b"")) if callable(new) else new)
    return target.getvalue()


def _bytes(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
