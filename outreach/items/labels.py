"""The fields as people see them: labels, forms to type them into, rows to read them from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic.fields import FieldInfo

from outreach.items.aqi.bulletin import told_index
from outreach.items.content import Content
from outreach.items.kinds import FIELDS
from outreach.items.kinds.air_quality import (
    CONCENTRATION_KEYS,
    DAILY_KEYS,
    HOURLY_KEYS_2012,
    MONTHLY_KEYS,
    PERIOD_LABELS,
    unit_of,
)
from outreach.items.kinds.readable import READABLE, concentration_label, day_text, index_text
from outreach.items.kinds.shape import InputType, choices_of, input_of, number_text
from outreach.items.model import Kind

KIND_LABELS: Final[Mapping[Kind, str]] = {
    Kind.EIA_NOTICE: "环评公示",
    Kind.PENALTY: "行政处罚",
    Kind.AIR_QUALITY: "空气质量",
    Kind.EVENT: "活动预告",
}
ORIGIN_LABELS: Final[Mapping[str, str]] = {"original": "原创", "repost": "转载"}

CHOICE_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {kind.value: label for kind, label in KIND_LABELS.items()},
    "origin": ORIGIN_LABELS,
    "period": PERIOD_LABELS,
}
"""Chinese words for the values of those choices whose values are English."""

EXTRA_PREFIX: Final = "附加:"
_WHOLE: Final[Mapping[str, str]] = {"item": "整条信息", "row": "整行", "file": "文件"}
_FORM_COMMON: Final = tuple(name for name in Content.model_fields if name != "fields")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `choices` are (value, label); `hint` says what to mind, `unit` stands behind."""

    name: str
    label: str
    type: InputType
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    hint: str = ""


def label_of(kind: Kind, name: str) -> str:
    """The label of a field of that kind, or of one that all kinds have. Raises KeyError."""
    own = FIELDS[kind].model_fields
    return _label((own if name in own else Content.model_fields)[name])


def name_of(label: str, kind: Kind | None = None) -> str | None:
    """The field that bears a label: one that all kinds have, or one of `kind` (without it, of any kind)."""
    common = {_label(info): name for name, info in Content.model_fields.items() if name != "fields"}
    if label in common:
        return common[label]
    kinds = [kind] if kind else list(FIELDS)
    return next((name for one in kinds if (name := _own_names(one).get(label))), None)


def column_of(field: str) -> str:
    """The column or form field in which the value of a dotted name was typed:
    `fields.concentrations.PM2.5` in `PM2.5`, `fields.forecast.0.date` in `forecast`."""
    if field.startswith("fields.concentrations."):
        return field.removeprefix("fields.concentrations.")
    if field.startswith("fields.extra."):
        return EXTRA_PREFIX + field.removeprefix("fields.extra.")
    return field.removeprefix("fields.").split(".")[0]


def field_label(kind: Kind | None, field: str) -> str:
    """How a page or a report calls the field of an error: the label, else the name itself."""
    column = column_of(field)
    if column in _WHOLE:
        return _WHOLE[column]
    own = FIELDS[kind].model_fields if kind else {}
    info = own.get(column) or Content.model_fields.get(column)
    return _label(info) if info else column


def common_form_fields() -> list[FormField]:
    """The form fields that every kind has."""
    return [_form_field(name, Content.model_fields[name]) for name in _FORM_COMMON]


def form_fields(kind: Kind) -> list[FormField]:
    """The form fields that the kind has of its own. Each concentration is one, named by its key."""
    fields: list[FormField] = []
    for name, info in FIELDS[kind].model_fields.items():
        if name == "concentrations":
            fields.extend(_concentration_field(key) for key in CONCENTRATION_KEYS)
        elif name != "extra":
            fields.append(_form_field(name, info))
    return fields


def display_values(kind: Kind, fields: Mapping[str, Any]) -> dict[str, str]:
    """What is known of an item's stored `fields`, as readable text by name (lists on several lines)."""
    told = ((name, fields.get(name)) for name in FIELDS[kind].model_fields if name != "extra")
    return {
        name: text
        for name, value in told
        if value is not None and (text := _text(name, value, FIELDS[kind].model_fields[name]))
    }


def display_rows(kind: Kind, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The rows of a table of an item's stored `fields`: label and text, the office's own rows last."""
    known = FIELDS[kind].model_fields
    rows = [(_bare_label(known[name]), text) for name, text in display_values(kind, fields).items()]
    return rows + _index_rows(fields) + extra_rows(fields)


def extra_rows(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The rows that the office added itself."""
    return [(label, text) for label, text in (fields.get("extra") or {}).items() if text]


def _index_rows(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The index of an air-quality report, where it tells more than its source states."""
    index = told_index(fields)
    told = index_text(index)
    if told == index_text(fields.get("stated") or {}):
        return []
    return [("空气质量指数", f"{told}（{index['standard']}）")]


def _label(info: FieldInfo) -> str:
    return info.title or ""


def _bare_label(info: FieldInfo) -> str:
    """The label without the unit, which stands behind the value."""
    return _label(info).removesuffix(f"({input_of(_typed(info)).unit})")


@cache
def _own_names(kind: Kind) -> Mapping[str, str]:
    return {_label(info): name for name, info in FIELDS[kind].model_fields.items()}


def _form_field(name: str, info: FieldInfo) -> FormField:
    typed = _typed(info)
    values = [kind.value for kind in Kind] if name == "kind" else choices_of(typed)
    words = CHOICE_LABELS.get(name, {})
    return FormField(
        name,
        _bare_label(info),
        "choice" if values else "text" if name == "attachments" else input_of(typed).type,
        info.is_required() or name == "origin",
        tuple((value, words.get(value, value)) for value in values),
        input_of(typed).unit,
        info.description or "",
    )


def _concentration_field(key: str) -> FormField:
    periods = {"日报": DAILY_KEYS, "实时报": HOURLY_KEYS_2012, "月报": MONTHLY_KEYS}
    used = "、".join(period for period, keys in periods.items() if key in keys)
    return FormField(key, concentration_label(key), "number", False, (), unit_of(key), used)


def _typed(info: FieldInfo) -> Any:
    """The annotation with what pydantic moved off its outermost level put back."""
    found = next((one for one in info.metadata if hasattr(one, "unit")), None)
    return found or info.annotation


def _text(name: str, value: Any, info: FieldInfo) -> str:
    if name in READABLE:
        return READABLE[name](value)
    typed = input_of(_typed(info))
    if typed.type in ("date", "datetime"):
        return day_text(value)
    if typed.type == "number":
        return number_text(value) + ("时" if name == "hour" else typed.unit)
    return CHOICE_LABELS.get(name, {}).get(value, str(value))
