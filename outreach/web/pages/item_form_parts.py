"""What is more than one text or number (来源所述, 预报, 预警) as inputs that anybody can fill in.

The importer reads such a value from one cell as JSON; nobody is asked to type that into a form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from outreach.items.labels import FormField

_NONE: Final = "无"
_BREAK: Final = re.compile(r"[、，,；;\s]+")
_SPAN: Final = re.compile(r"\s*[～~—–\-至]+\s*")
_SUBSCRIPTS: Final = str.maketrans("₂₃", "23")
_WARNING_LEVELS: Final = tuple((one, one) for one in ("蓝色", "黄色", "橙色", "红色"))
_ROW: Final = ("date", "area", "category")
_ROW_LABELS: Final[Mapping[str, str]] = {"date": "日期", "area": "区域", "category": "类别"}

PARTS: Final[Mapping[str, tuple[FormField, ...]]] = {
    "stated": (
        FormField("stated.aqi", "来源公布的 AQI", "text", False, hint="0 至 500 的整数；没有数据的填 NA。"),
        FormField("stated.level", "来源公布的级别", "text", False, hint="一级至六级。"),
        FormField("stated.category", "来源公布的类别", "text", False, hint="例如：良。"),
        FormField(
            "stated.primary",
            "来源公布的首要污染物",
            "text",
            False,
            hint=f"例如 PM2.5、O3；没有的填“{_NONE}”。",
        ),
        FormField("stated.iaqi", "来源公布的分指数", "json", False),
    ),
    "forecast": (
        FormField(
            "forecast",
            "预报",
            "textarea",
            False,
            hint="每行一条：日期、区域、类别，中间用空格分开，例如 2026-03-01 城区 良。",
        ),
    ),
    "warning": (
        FormField("warning.level", "预警级别", "choice", False, _WARNING_LEVELS),
        FormField("warning.authority_document", "发布依据文号", "text", False, hint="政府发布预警的文号。"),
        FormField("warning.starts_at", "预警开始时间", "datetime", False),
        FormField("warning.ends_at", "预警结束时间", "datetime", False),
        FormField("warning.forecast_aqi", "预测 AQI", "text", False, hint="先低后高，例如 165～218。"),
    ),
}
"""The inputs of each such field. One of type `json` is not typed: it is kept as it came."""


def spread(fields: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the inputs for an item's stored `fields`."""
    texts = {
        "forecast": "\n".join(" ".join(row[key] for key in _ROW) for row in fields.get("forecast") or ())
    }
    for whole in ("stated", "warning"):
        for name, value in (fields.get(whole) or {}).items():
            texts[f"{whole}.{name}"] = _text(name, value)
    return texts


def gathered(typed: Mapping[str, str]) -> dict[str, str]:
    """The cells that say what was typed into the inputs; empty where nothing was."""
    stated, warning = (
        {
            one.name.partition(".")[2]: _value(one.name, typed[one.name].strip())
            for one in PARTS[whole]
            if typed.get(one.name, "").strip()
        }
        for whole in ("stated", "warning")
    )
    rows = [_row(line) for line in typed.get("forecast", "").splitlines() if line.strip()]
    return {
        name: json.dumps(value, ensure_ascii=False) if value else ""
        for name, value in (("stated", stated), ("forecast", rows), ("warning", warning))
    }


def input_of(field: str) -> str | None:
    """The input in which the value of a dotted name was typed: `warning.forecast_aqi` for
    `fields.warning.forecast_aqi.1`. None where it is none of these."""
    whole, _, rest = field.removeprefix("fields.").partition(".")
    if whole not in PARTS:
        return None
    typed = [one.name for one in PARTS[whole] if one.type != "json"]
    name = f"{whole}.{rest.partition('.')[0]}"
    return name if name in typed else typed[0]


def place_in(field: str) -> str:
    """Which line and word of a forecast an error is about: `第 2 行的类别：`; empty for other fields."""
    whole, *path = field.removeprefix("fields.").split(".")
    if whole != "forecast" or not path:
        return ""
    label = "".join(f"的{_ROW_LABELS[one]}" for one in path[1:] if one in _ROW_LABELS)
    return f"第 {int(path[0]) + 1} 行{label}："


def names() -> Iterator[str]:
    """The names of all these inputs."""
    return (one.name for inputs in PARTS.values() for one in inputs)


def _text(name: str, value: Any) -> str:
    if name == "primary" and value is not None:
        return "、".join(value) or _NONE
    if name == "forecast_aqi" and value is not None:
        return "～".join(map(str, value))
    if name == "iaqi":
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _value(name: str, text: str) -> Any:
    match name:
        case "stated.primary":
            return [] if text == _NONE else _BREAK.split(text.translate(_SUBSCRIPTS))
        case "stated.iaqi":
            return _kept(text)
        case "warning.forecast_aqi":
            return _SPAN.split(text)
        case _:
            return text


def _kept(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # told as wrong by whoever reads it


def _row(line: str) -> dict[str, str]:
    words: Sequence[str] = line.split(maxsplit=len(_ROW) - 1)
    return dict(zip(_ROW, words, strict=False))
