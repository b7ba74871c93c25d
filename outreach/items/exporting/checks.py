"""What a cell of a spreadsheet lets through: drop-downs and bounds, with the sentence for what is wrong.

These are a help while typing. What is right is decided by the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from outreach.items.content import MAX_SHORT_TITLE, MAX_TITLE
from outreach.items.importing.table import NOT_MEASURED
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.labels import FormField

Check = dict[str, Any]
"""As XlsxWriter's `data_validation` takes it."""

_LONGEST: Final[Mapping[str, int]] = {"source_id": 64, "title": MAX_TITLE, "short_title": MAX_SHORT_TITLE}
_NOT_BEFORE: Final[Mapping[str, str]] = {
    "notice_end": "notice_start",
    "period_end": "period_start",
    "ends_at": "starts_at",
    "notified_on": "inspected_on",
}
_FIRST_DAY: Final = date(1949, 1, 1)
_AFTER_LAST_DAY: Final = date(2101, 1, 1)
_USCC_LENGTH: Final = 18


def check_of(field: FormField, choices: str | list[str] | None, columns: Mapping[str, str]) -> Check | None:
    """What cells of the column let through; None where anything may be typed.

    Args:
        choices: what may be chosen, or the range of cells that holds it, where the field itself does not say it.
        columns: the letters of the sheet's columns by the names of their fields.
    """
    if choices:
        return _list_of(choices)
    if field.type == "choice":
        return _list_of([label for _, label in field.choices])
    if field.type in ("date", "datetime"):
        return _days(field, columns)
    if field.name == "hour":
        return _told("integer", "请填写 0 至 23 的整数。", criteria="between", minimum=0, maximum=23)
    if field.name in CONCENTRATION_KEYS:
        cell = f"{columns[field.name]}2"
        formula = f'=OR({cell}="{NOT_MEASURED}",AND(ISNUMBER({cell}),{cell}>=0))'
        return _told("custom", f"请填写不小于 0 的数字；没有测到的填“{NOT_MEASURED}”。", value=formula)
    if field.type == "number":
        return _numbers(field)
    if field.name == "uscc":
        return _told("length", "统一社会信用代码应为 18 位。", criteria="==", value=_USCC_LENGTH)
    if field.name in _LONGEST:
        most = _LONGEST[field.name]
        return _told("length", f"最多 {most} 个字，请缩短。", criteria="<=", value=most)
    return None


def _list_of(source: str | list[str]) -> Check:
    return _told("list", "请从下拉列表中选择。", source=source)


def _days(field: FormField, columns: Mapping[str, str]) -> Check:
    earlier = _NOT_BEFORE.get(field.name)
    if earlier:
        told = "请填写日期，并且不早于前一个日期。"
        return _told("date", told, criteria=">=", value=f"={columns[earlier]}2")
    told = "请填写真实的日期，例如 2026-03-01。"
    return _told("date", told, criteria="between", minimum=_FIRST_DAY, maximum=_AFTER_LAST_DAY)


def _numbers(field: FormField) -> Check:
    unit = f"，单位为{field.unit}" if field.unit else ""
    if field.unit == "%":
        return _told(
            "decimal", "请填写 0 至 100 的数字，不带百分号。", criteria="between", minimum=0, maximum=100
        )
    return _told("decimal", f"请填写不小于 0 的数字{unit}。", criteria=">=", value=0)


def _told(validate: str, message: str, **how: Any) -> Check:
    return {"validate": validate, "error_title": "请修改", "error_message": message, **how}
