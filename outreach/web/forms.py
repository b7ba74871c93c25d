"""What was typed into a form, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from aiohttp import web
from pydantic import ValidationError

from outreach.foundation import clock
from outreach.foundation.problems import FieldError, InvalidContent, Problem, invalid


class Form:
    """The fields of a posted form. A field that is missing reads as empty; files are not among them."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """A field's text without spaces around it."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """A field's text exactly as typed (passwords)."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may be chosen several times (checkboxes)."""
        return list(self._fields.get(name, ()))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every field and value."""
        return ((name, value) for name, values in self._fields.items() for value in values)

    def time(self, name: str, zone: tzinfo) -> datetime | None:
        """The time that a browser's date and time field gives, on the clock of `zone`; None where nothing was
        chosen. Raises InvalidContent."""
        typed = self.text(name)
        if not typed:
            return None
        try:
            return clock.read(typed, zone)
        except ValueError:
            raise invalid(name, "请填写日期和时间，例如 2026-11-24 09:30。") from None

    def is_ticked(self, name: str) -> bool:
        """Whether a single checkbox is ticked."""
        return name in self._fields


async def form_of(request: web.Request) -> Form:
    """The form that the request brings, without NUL, which no keyboard types and PostgreSQL does not store."""
    posted = await request.post()
    fields: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value.replace("\x00", ""))
    return Form(fields)


def messages(problem: Problem | None) -> dict[str, str]:
    """The message for each field, for the macros of `_forms.html`."""
    return {error.field: error.message for error in problem.errors} if problem else {}


def invalid_content(error: ValidationError) -> InvalidContent:
    """What pydantic found, told in Chinese and by the dotted names of the fields."""
    errors = [FieldError(".".join(map(str, one["loc"])), _message(one)) for one in error.errors()]
    return InvalidContent("有内容需要修改，请看各栏下的说明。", errors=errors)


_MESSAGES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda limits: "请填写。",
    "string_too_short": lambda limits: f"至少 {limits['min_length']} 个字。",
    "string_too_long": lambda limits: f"最多 {limits['max_length']} 个字。",
    "string_pattern_mismatch": lambda limits: "格式不正确。",
    "int_parsing": lambda limits: "请填写整数。",
    "int_from_float": lambda limits: "请填写整数。",
    "float_parsing": lambda limits: "请填写数字。",
    "greater_than": lambda limits: f"必须大于 {limits['gt']}。",
    "greater_than_equal": lambda limits: f"不能小于 {limits['ge']}。",
    "less_than": lambda limits: f"必须小于 {limits['lt']}。",
    "spell": lambda limits: "开始和结束要么都填，要么都不填，而且不能相同。",
    "ascending": lambda limits: "要晚于第一次提醒，不晚于更新间隔。",
    "less_than_equal": lambda limits: f"不能大于 {limits['le']}。",
}


def _message(error: Mapping[str, Any]) -> str:
    tell = _MESSAGES.get(error["type"])
    return tell(error.get("ctx", {})) if tell else "内容不正确。"
