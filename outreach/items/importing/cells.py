"""One cell of a table, as the text that stands for it; or what is wrong with it, told and not guessed.

A spreadsheet keeps numbers, dates and results of formulas where people see texts, and changes what it takes for a
number or a date. What can be read without doubt becomes text here: a date `YYYY-MM-DD`, a number its plain digits.
Everything else raises `WrongCell` with the sentence that the user reads.

A text that a spreadsheet would take for a formula (`=` `+` `-` `@`, tab or line break in front), an error value or a
power of ten bears an apostrophe in front, as it would be typed into a spreadsheet: `protected` puts it there, and
reading takes it away again. See OWASP, "CSV Injection", for the signs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from outreach.items.kinds.shape import InputType

Value = str | bool | int | float | datetime | date | time | timedelta

ERROR_VALUES: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
SIGNIFICANT_DIGITS: Final = 15
"""A spreadsheet keeps that many digits of a number; the rest become zeros or noise."""

_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n＝＋－＠")
_POWER_OF_TEN: Final = re.compile(r"\d(\.\d+)?[Ee]\+\d{1,3}", re.ASCII)
_DAY: Final = re.compile(
    r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})|年(?P<month_>\d{1,2})月(?P<day_>\d{1,2})日)"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?)?",
    re.ASCII,
)
_PADDED: Final = re.compile(r"0{2,}")
_NOT_SHOWN: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class WrongCell(Exception):
    """A cell that can't be read without guessing. Its text is Chinese and says what to mend."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds. `number_format` is how a spreadsheet shows its number or date; `fault` what was found
    wrong with the cell before its value was looked at."""

    value: Value
    number_format: str = "General"
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return isinstance(self.value, str) and not self.value.strip()


def text_of(cell: Cell, expects: InputType | None) -> str:
    """The text that stands for the cell in a column of that type; None is a row of the office's own.

    Raises WrongCell.
    """
    if cell.fault:
        raise WrongCell(cell.fault)
    value = cell.value
    if isinstance(value, str):
        return _typed_text(value, expects)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format, expects)
    return _date_text(value, cell.number_format, expects)


def protected(text: str) -> str:
    """The text as it may stand in a spreadsheet without being taken for something else."""
    return f"'{text}" if _is_unsafe(text) else text


def _typed_text(text: str, expects: InputType | None) -> str:
    if text.startswith("'") and _is_unsafe(text[1:]):
        return text[1:]
    if text.strip() in ERROR_VALUES:
        raise WrongCell(f"这一格是错误值 {text.strip()}。请改正公式，或填写内容。")
    if expects in ("date", "datetime"):
        return _plain_day(text.strip(), with_time=expects == "datetime")
    if expects != "number" and _POWER_OF_TEN.fullmatch(text.strip()):
        raise WrongCell(f"“{text.strip()}”已被电子表格改成科学记数。请把这一列设为文本格式，重新填写。")
    return text


def _is_unsafe(text: str) -> bool:
    bare = text.lstrip("'")
    return bare.startswith(_FORMULA_SIGNS) or bare in ERROR_VALUES or bool(_POWER_OF_TEN.fullmatch(bare))


def _plain_day(text: str, *, with_time: bool) -> str:
    """`2026/3/1`, `2026.3.1` and `2026年3月1日` as `2026-03-01`; anything else as it is."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    month, day = found["month"] or found["month_"], found["day"] or found["day_"]
    plain = f"{found['year']}-{int(month):02}-{int(day):02}"
    if found["hour"] is None or (not with_time and int(found["hour"] + found["minute"]) == 0):
        return plain
    return f"{plain}T{int(found['hour']):02}:{found['minute']}"


def _number_text(value: int | float, number_format: str, expects: InputType | None) -> str:
    if "%" in number_format:
        raise WrongCell("这一格是百分比格式。请改为常规格式，只填数字，例如 85.6。")
    digits = _digits(value)
    if expects == "number":
        return f"{digits}.0" if number_format == "0.0" and "." not in digits else digits
    if abs(value) >= 10**SIGNIFICANT_DIGITS:
        raise WrongCell("这一格是数字格式，超过 15 位的数字已被电子表格改动。请设为文本格式后重新填写。")
    return digits.zfill(len(number_format)) if _PADDED.fullmatch(number_format) else digits


def _digits(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    rounded = Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return format(rounded.to_integral() if rounded == rounded.to_integral() else rounded, "f")


def _date_text(
    value: datetime | date | time | timedelta, number_format: str, expects: InputType | None
) -> str:
    if not isinstance(value, date) or expects not in ("date", "datetime", None):
        raise WrongCell("这一格是日期或时间格式，内容可能已被电子表格改动。请设为文本格式后重新填写。")
    if not isinstance(value, datetime):
        return value.isoformat()
    moment = (value + timedelta(milliseconds=500)).replace(
        microsecond=0
    )  # a day's fraction is no exact number
    if moment.second:
        return moment.isoformat()
    shows_time = "h" in _NOT_SHOWN.sub("", number_format).lower()
    if moment.time() == time() and not (shows_time and expects == "datetime"):
        return moment.date().isoformat()
    return moment.isoformat(timespec="minutes")
