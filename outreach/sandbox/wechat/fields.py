"""What may stand in the fields of a notice, by the type that a field's name begins with (订阅通知参数值内容限制)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from outreach.sandbox.wechat.errors import WeChatError

_HAN: Final = r"[\u3400-\u9fff\uf900-\ufaff·]"
_DATE: Final = r"\d{4}(?:年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2})"
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?"
_MOMENT: Final = rf"(?:{_DATE}\s*(?:{_TIME})?|{_TIME})"

_TYPES: Final[Mapping[str, re.Pattern[str]]] = {
    "thing": re.compile(r".{1,20}", re.DOTALL),
    "number": re.compile(r"(?=.{1,32}$)\d+(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "time": re.compile(rf"{_MOMENT}(?:\s*~\s*{_MOMENT})?"),
    "date": re.compile(rf"{_DATE}\s*(?:{_TIME})?(?:\s*~\s*{_MOMENT})?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d+)?元?"),
    "phone_number": re.compile(r"[\d+\-()# ]{1,17}"),
    "car_number": re.compile(rf"(?:{_HAN}|[A-Z0-9]){{1,8}}"),
    "name": re.compile(rf"(?:{_HAN}{{1,10}}|[A-Za-z .]{{1,20}})"),
    "phrase": re.compile(rf"{_HAN}{{1,5}}"),
}
_NAME: Final = re.compile(r"([a-z_]+?)\d*")


def check(data: Any, required: Iterable[str]) -> dict[str, dict[str, str]]:
    """The fields of a notice: `{name: {"value": text}}`. Raises WeChatError (47003), which names the field."""
    if not isinstance(data, dict) or not data:
        raise WeChatError(47003, "data is empty")
    for name in required:
        if name not in data:
            raise WeChatError(47003, f"data.{name}.value is empty")
    return {name: {"value": _value(name, field)} for name, field in data.items()}


def _value(name: str, field: Any) -> str:
    value = field.get("value") if isinstance(field, dict) else None
    if not isinstance(value, str) or not value:
        raise WeChatError(47003, f"data.{name}.value is empty")
    kind = _NAME.fullmatch(name)
    pattern = _TYPES.get(kind[1]) if kind else None
    if pattern and not pattern.fullmatch(value):
        raise WeChatError(47003, f"data.{name}.value invalid")
    return value
