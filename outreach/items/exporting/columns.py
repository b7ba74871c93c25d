"""The columns of a sheet of one kind: what is called how, what may be typed, and what a cell of it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from outreach.items.importing.cells import SIGNIFICANT_DIGITS, protected
from outreach.items.importing.table import NOT_MEASURED
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.shape import Number, number_text
from outreach.items.labels import EXTRA_PREFIX, FormField, common_form_fields, form_fields, label_of
from outreach.items.model import Kind

_LAST: Final = ("body", "attachments")


class Look(StrEnum):
    """How a cell looks, as number formats of a spreadsheet. A text stays one when somebody types into it; a whole
    number that was written with a decimal keeps it."""

    GENERAL = "General"
    TEXT = "@"
    DAY = "yyyy-mm-dd"
    TIME = "yyyy-mm-dd hh:mm"
    ONE_DECIMAL = "0.0"


@dataclass(frozen=True, slots=True)
class Written:
    """What a cell holds and how it looks. Text is written as text, whatever it begins with."""

    value: str | Number | datetime
    look: Look


def fields_of(kind: Kind) -> list[FormField]:
    """The columns of a sheet of that kind, from left to right; those of the office's own follow them."""
    common = common_form_fields()
    first = [field for field in common if field.name not in _LAST]
    return [*first, *form_fields(kind), *(field for field in common if field.name in _LAST)]


def header_of(kind: Kind, field: FormField) -> str:
    """The name of the column: the label with its unit, for a concentration its key."""
    return field.name if field.name in CONCENTRATION_KEYS else label_of(kind, field.name)


def is_required(field: FormField) -> bool:
    """Whether a row of an import must fill the column: a number it must bear, the origin is 原创 where it says none."""
    return field.name == "source_id" or (field.required and field.name != "origin")


def extra_header(label: str) -> str:
    """The name of the column of a row of the office's own."""
    return EXTRA_PREFIX + label


def look_of(field: FormField) -> Look:
    """How empty cells of the column look, so that what is typed there stays what it is. A time has no look of its own:
    a spreadsheet then shows whether a day or a time was typed."""
    return {"text": Look.TEXT, "choice": Look.TEXT, "date": Look.DAY}.get(field.type, Look.GENERAL)


def written(field: FormField, typed: Mapping[str, Any]) -> Written | None:
    """What the column holds for an item in the shape in which it is typed; None leaves the cell empty."""
    if field.name in CONCENTRATION_KEYS:
        measured = typed["fields"].get("concentrations") or {}
        if field.name in measured and measured[field.name] is None:
            return Written(NOT_MEASURED, Look.GENERAL)
        return _number(measured[field.name]) if field.name in measured else None
    value = typed[field.name] if field.name in typed else typed["fields"].get(field.name)
    return None if value is None or value in ("", []) else _value(field, value)


def written_text(text: str, look: Look = Look.TEXT) -> Written:
    """A text, protected where a spreadsheet would take it for a formula."""
    return Written(protected(text), look)


def _value(field: FormField, value: Any) -> Written:
    if field.name == "attachments":
        return written_text(_attachments(value))
    match field.type:
        case "number":
            return _number(value)
        case "date":
            return Written(datetime.combine(date.fromisoformat(value), datetime.min.time()), Look.DAY)
        case "datetime":
            return Written(datetime.fromisoformat(value), Look.TIME if "T" in value else Look.DAY)
        case "json":
            return written_text(json.dumps(value, ensure_ascii=False), Look.GENERAL)
        case "choice":
            return written_text(dict(field.choices).get(value, value))
    return written_text(value, look_of(field))


def _number(value: Number) -> Written:
    """A number; where a spreadsheet would not keep all its digits, its text."""
    exact = Decimal(repr(value))
    if exact != Decimal(f"{exact:.{SIGNIFICANT_DIGITS}g}"):
        return Written(number_text(value), Look.TEXT)
    has_decimal = isinstance(value, float) and value.is_integer()
    return Written(value, Look.ONE_DECIMAL if has_decimal else Look.GENERAL)


def _attachments(names: Sequence[str]) -> str:
    if any(sign in name for name in names for sign in "；;"):
        return json.dumps(names, ensure_ascii=False)
    return "；".join(names)
