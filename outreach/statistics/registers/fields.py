"""Fields of a register: how a value is typed, kept and shown.

What is typed is text, whether it comes from a form or from a cell. Kept is JSON: a day `2020-06-05`, a month
`2020-06`, a year and a count as whole numbers, an amount as the text of an exact decimal (`2612.6122`), a choice by its
key, several choices as a list of keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from outreach.foundation import clock
from outreach.items.kinds.shape import InputType

SEVERAL_BREAK: Final = re.compile(r"[、，,；;\s]+")
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:-01)?|年(\d{1,2})月)", re.ASCII)
_YEAR: Final = re.compile(r"(\d{4})年?", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,9}", re.ASCII)
_SIGNED: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_AMOUNT: Final = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)
_MANY_LINES: Final = frozenset("\n\t")


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    LINK = "link"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    COUNT = "count"
    SIGNED = "signed"
    AMOUNT = "amount"
    CHOICE = "choice"
    SEVERAL = "several"


DATING: Final = frozenset({FieldType.DAY, FieldType.MONTH, FieldType.YEAR})
NUMBERS: Final = frozenset({FieldType.COUNT, FieldType.SIGNED, FieldType.AMOUNT})


@dataclass(frozen=True, slots=True)
class RegisterField:
    """A field: its Chinese label, what it holds, and what is told beside it.

    `choices` are pairs of key and label; of a field that is `by_year` the office says for each year what may be chosen,
    and the labels are the keys. `decimals`: how many an amount may have. `longest`: characters of a text. `wide`: left
    out of the list.
    """

    name: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    by_year: bool = False
    unit: str = ""
    help: str = ""
    decimals: int = 2
    longest: int = 200
    wide: bool = False

    @property
    def header(self) -> str:
        """What a column is called: the label with its unit."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    @property
    def cell(self) -> InputType:
        """What a spreadsheet's cell of the column is expected to hold."""
        return _CELLS.get(self.type, "text")


class WrongValue(ValueError):
    """What was typed can't be taken. Its text is Chinese and says what to mend."""


def read_value(field: RegisterField, typed: str, choices: Sequence[tuple[str, str]]) -> Any:
    """The value as it is kept; None where nothing was typed. `choices`: what may be chosen. Raises WrongValue."""
    text = typed.strip()
    if not text:
        if field.required:
            raise WrongValue("请选择。" if choices else "请填写。")
        return None
    match field.type:
        case FieldType.CHOICE:
            return _choice(text, choices)
        case FieldType.SEVERAL:
            return list(dict.fromkeys(_choice(one, choices) for one in SEVERAL_BREAK.split(text) if one))
        case FieldType.DAY:
            return _day(text).isoformat()
        case FieldType.MONTH:
            return _month(text)
        case FieldType.YEAR:
            return _year(text)
        case FieldType.COUNT:
            return _whole(text)
        case FieldType.SIGNED:
            return _signed(text)
        case FieldType.AMOUNT:
            return _amount(text, field.decimals)
        case FieldType.LINK:
            return _link(_text(text, field.longest, frozenset()))
    is_long = field.type is FieldType.LONG_TEXT
    return _text(text.replace("\r\n", "\n"), field.longest, _MANY_LINES if is_long else frozenset())


def typed_value(value: Any) -> str:
    """What stands in a form for a value that is kept."""
    if isinstance(value, list):
        return "、".join(value)
    return "" if value is None else str(value)


def shown_value(field: RegisterField, value: Any) -> str:
    """The value as a reader sees it, without its unit; empty where there is none."""
    labels = dict(field.choices)
    match value:
        case None:
            return ""
        case list():
            return "、".join(labels.get(str(one), str(one)) for one in value)
        case int() if field.type is FieldType.SIGNED:
            return f"{value:+d}" if value else "0"
    return labels.get(str(value), str(value))


def plain_number(value: int | Decimal) -> str:
    """A number as it is read: thousands parted, no zeros behind its decimals."""
    if isinstance(value, int):
        return f"{value:,}"
    whole, _, decimals = f"{value:,f}".partition(".")
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole


def day_of(value: str | int) -> date:
    """The day that dates an entry: of a month and of a year the first."""
    if isinstance(value, int):
        return date(value, 1, 1)
    return date.fromisoformat(value if len(value) > len("2020-06") else f"{value}-01")


def _choice(text: str, choices: Sequence[tuple[str, str]]) -> str:
    found = next((key for key, label in choices if text in (key, label)), None)
    if found is None:
        raise WrongValue(f"没有“{text[:20]}”这一项，请从中选择：{'、'.join(label for _, label in choices)}。")
    return found


def _day(text: str) -> date:
    wrong = WrongValue("请填写真实的日期，例如 2026-03-01。")
    found = _DAY.fullmatch(text)
    if not found:
        raise wrong
    try:
        day = date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        raise wrong from None
    return _of_our_time(day)


def _month(text: str) -> str:
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2] or found[3]) <= 12:
        raise WrongValue("请填写月份，例如 2026-03。")
    return f"{_of_our_time(date(int(found[1]), int(found[2] or found[3]), 1)):%Y-%m}"


def _year(text: str) -> int:
    found = _YEAR.fullmatch(text)
    if not found:
        raise WrongValue("请填写四位数的年份，例如 2026。")
    return _of_our_time(date(int(found[1]) or 1, 1, 1)).year


def _of_our_time(day: date) -> date:
    if day.year not in clock.YEARS:
        raise WrongValue(f"年份应在 {clock.YEARS[0]} 至 {clock.YEARS[-1]} 之间。")
    return day


def _whole(text: str) -> int:
    if text.startswith(("-", "－")):
        raise WrongValue("不能是负数。")
    if not _COUNT.fullmatch(text):
        raise WrongValue("请填写不小于 0 的整数，不带单位和千位逗号，例如 12。")
    return int(text)


def _signed(text: str) -> int:
    if not _SIGNED.fullmatch(text):
        raise WrongValue("请填写整数，减少的写负数，例如 -3。")
    return int(text)


def _amount(text: str, decimals: int) -> str:
    if text.startswith(("-", "－")):
        raise WrongValue("不能是负数。")
    if not _AMOUNT.fullmatch(text):
        raise WrongValue("请填写不小于 0 的数字，不带单位和千位逗号，例如 12.5。")
    if len(text.partition(".")[2]) > decimals:
        raise WrongValue(f"最多 {decimals} 位小数。")
    return format(Decimal(text), "f")


def _link(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongValue("请填写完整的网址，以 http:// 或 https:// 开头。")
    return text


def _text(text: str, longest: int, allowed: frozenset[str]) -> str:
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") and sign not in allowed for sign in text):
        raise WrongValue("含有换行或不可见的控制字符，请删去后重新填写。")
    if len(text) > longest:
        raise WrongValue(f"最多 {longest} 个字，现在 {len(text)} 个，请缩短。")
    return text


_CELLS: Final[Mapping[FieldType, InputType]] = {
    FieldType.DAY: "date",
    FieldType.MONTH: "date",
    FieldType.YEAR: "number",
    FieldType.COUNT: "number",
    FieldType.SIGNED: "number",
    FieldType.AMOUNT: "number",
    FieldType.LONG_TEXT: "textarea",
    FieldType.CHOICE: "choice",
    FieldType.SEVERAL: "choice",
}
