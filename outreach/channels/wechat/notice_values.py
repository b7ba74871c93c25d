"""What fits into a field of a template, by the type that its name begins with (订阅通知参数值内容限制; the fields of category
templates are of the same types). A field of an old industry template (`first`, `keyword1`, `remark`) takes any text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_KIND: Final = re.compile(r"([a-z_]+?)\d*")
_HAN: Final = r"[\u3400-\u9fff\uf900-\ufaff·]"
_DATE: Final = r"\d{4}(?:年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2})"
_TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?"
_ANY_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """What a type takes. `longest` characters, a longer text being cut there; None: what does not match is refused.
    `told` is for the editor (Chinese)."""

    pattern: re.Pattern[str]
    told: str
    longest: int | None = None


RULES: Final[Mapping[str, Rule]] = {
    "thing": Rule(re.compile(r".{1,20}", re.DOTALL), "20 个字以内", 20),
    "number": Rule(re.compile(r"(?=.{1,32}$)\d+(?:\.\d+)?"), "数字，32 位以内"),
    "letter": Rule(re.compile(r"[A-Za-z]{1,32}"), "字母，32 位以内"),
    "symbol": Rule(re.compile(r"[^\w\s]{1,5}"), "符号，5 位以内"),
    "character_string": Rule(re.compile(r"[\x20-\x7e]{1,32}"), "数字、字母或符号，32 位以内"),
    "time": Rule(re.compile(rf"{_DATE}(?:\s*{_TIME})?|{_TIME}"), "时间，如 2026年11月26日 15:01"),
    "date": Rule(re.compile(rf"{_DATE}(?:\s*{_TIME})?"), "日期，如 2026年11月26日"),
    "amount": Rule(re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d+)?元?"), "金额"),
    "phone_number": Rule(re.compile(r"[\d+\-()# ]{1,17}"), "电话号码，17 位以内"),
    "car_number": Rule(re.compile(rf"(?:{_HAN}|[A-Z0-9]){{1,8}}"), "车牌号码"),
    "name": Rule(re.compile(rf"{_HAN}{{1,10}}|[A-Za-z .]{{1,20}}"), "10 个汉字或 20 个字母以内"),
    "phrase": Rule(re.compile(rf"{_HAN}{{1,5}}"), "5 个汉字以内", 5),
}
_ANY: Final = Rule(re.compile(r".+", re.DOTALL), "文字", _ANY_LONGEST)


def rule_of(field: str) -> Rule:
    """The rule of a field, by its name (`thing1`)."""
    kind = _KIND.fullmatch(field)
    return RULES.get(kind[1], _ANY) if kind else _ANY


def fitted(field: str, value: str) -> str | None:
    """`value` as it goes into that field, cut where it is too long; None where it does not fit."""
    rule, text = rule_of(field), value.strip()
    if rule.longest is not None and len(text) > rule.longest:
        text = text[: rule.longest - 1] + "…" if rule.longest > _SHORT else text[: rule.longest]
    return text if rule.pattern.fullmatch(text) else None


_SHORT: Final = 5
