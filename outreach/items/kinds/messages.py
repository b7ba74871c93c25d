"""What pydantic finds wrong, told in Chinese: one table from its error types to what the user should mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

from outreach.foundation.problems import FieldError
from outreach.items.kinds.shape import Shape

REQUIRED: Final = "必填，请填写。"

_MESSAGES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "mend": lambda ctx: str(ctx["message"]),
    "missing": lambda _: REQUIRED,
    "string_type": lambda _: "请填写文字。",
    "string_too_short": lambda _: REQUIRED,
    "string_too_long": lambda ctx: f"最多 {ctx['max_length']} 个字，请缩短。",
    "string_unicode": lambda _: "含有无法识别的字符，请删去后重新填写。",
    "literal_error": lambda ctx: f"只能填写：{_listed(ctx['expected'])}。",
    "enum": lambda ctx: f"只能填写：{_listed(ctx['expected'])}。",
    "too_long": lambda ctx: f"最多 {ctx['max_length']} 项，请删去多余的。",
    "too_short": lambda ctx: f"至少 {ctx['min_length']} 项，请补齐。",
    "list_type": lambda _: "请填写清单（JSON 数组）。",
    "tuple_type": lambda _: "请填写清单（JSON 数组）。",
    "dict_type": lambda _: "请填写成组的名称和值（JSON 对象）。",
    "model_type": lambda _: "请填写成组的名称和值（JSON 对象）。",
    "model_attributes_type": lambda _: "请填写成组的名称和值（JSON 对象）。",
}


def field_errors(
    details: Iterable[ErrorDetails], unknown: Callable[[tuple[str | int, ...]], str]
) -> list[FieldError]:
    """Every error in Chinese, each under its dotted name (`item` where it is the whole).

    `unknown` tells what to do about a name that is not known at that place.
    """
    return [FieldError(dotted(error["loc"]) or "item", _message(error, unknown)) for error in details]


def unknown_name(name: str, known: Iterable[str], otherwise: str = "请删去，或写进 fields.extra。") -> str:
    """Says that a name is not known, and the nearest one that is; where none is near, what to do otherwise."""
    near = get_close_matches(name[:64], list(known), n=1, cutoff=0.5)
    return f"没有“{printable(name)}”这个名称。" + (f"是否应为“{near[0]}”？" if near else otherwise)


def dotted(location: Iterable[str | int]) -> str:
    """`fields.forecast.0.date` for the place of an error."""
    return ".".join(printable(str(step)) for step in location if step != "[key]")


def printable(name: str) -> str:
    """A name as somebody sent it, made fit for a message: short, without anything unprintable."""
    return "".join(sign if sign.isprintable() else "�" for sign in name[:64])


def shape_at(shape: type[Shape], location: Iterable[str | int]) -> type[Shape]:
    """The shape in which the last step of `location` is a name."""
    for step in tuple(location)[:-1]:
        shape = shape.parts.get(str(step), shape)
    return shape


def _message(error: ErrorDetails, unknown: Callable[[tuple[str | int, ...]], str]) -> str:
    if error["type"] == "extra_forbidden":
        return unknown(error["loc"])
    if error["type"] != "mend" and error["input"] is None:
        return REQUIRED
    tell = _MESSAGES.get(error["type"])
    return tell(error.get("ctx", {})) if tell else "填写有误，请核对格式。"


def _listed(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", "、").replace(", ", "、")
