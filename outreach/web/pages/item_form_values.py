"""An item and what stands in the inputs of its form: from the one to the other and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from outreach.foundation.ids import new_id
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.content import MAX_SHORT_TITLE, MAX_TITLE, Content, read_content
from outreach.items.importing.table import raw_from_cells
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.shape import number_text
from outreach.items.labels import FormField, common_form_fields, form_fields
from outreach.items.model import Item, Kind
from outreach.items.service import as_typed
from outreach.web.forms import Form
from outreach.web.pages.item_form_parts import PARTS, gathered, names, spread

EXTRA_LABEL: Final = "extra_label"
EXTRA_VALUE: Final = "extra_value"
STRUCK: Final = "strike"
COMPOSES: Final = "composes"
"""The input of a new form: a body that is left empty is composed from the fields."""
WHOLE_DAY: Final = "_whole_day"
"""What follows a time's name in the name of its checkbox: only the day of what was typed counts."""

_CORRECTION: Final = "更正："
_FORM_ID: Final = re.compile(r"[0-9A-Z]{26}")
_ELSEWHERE: Final = frozenset({"kind", "attachments"})
_FIXED: Final = frozenset({"kind", "source_id", "attachments", "fields"})
_IN_PARTS: Final = frozenset(names())
_CHANGEABLE: Final = tuple(name for name in Content.model_fields if name not in _FIXED)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form: texts by the names of their inputs, the rows of the office's own (label,
    text), and the names of the attachments that are to be struck."""

    values: Mapping[str, str]
    extra: Sequence[tuple[str, str]] = ()
    struck: frozenset[str] = frozenset()


def all_fields(kind: Kind) -> list[FormField]:
    """The inputs of that kind's form, without the rows of the office's own and the attachments."""
    return [one for one in common_form_fields() if one.name not in _ELSEWHERE] + own_fields(kind)


def own_fields(kind: Kind) -> list[FormField]:
    """The inputs that the kind has of its own."""
    return [one for field in form_fields(kind) for one in PARTS.get(field.name, (field,))]


def typed_in(form: Form, kind: Kind) -> Typed:
    """What a posted form brings, as it was typed."""
    values = {one.name: _typed(form, one) for one in all_fields(kind)}
    rows = zip(form.texts(EXTRA_LABEL), form.texts(EXTRA_VALUE), strict=False)
    extra = [(label.strip(), text) for label, text in rows if label.strip() or text.strip()]
    return Typed(values, extra, frozenset(form.texts(STRUCK)))


def typed_of(item: Item) -> Typed:
    """The inputs that would give the item as it is."""
    content = as_typed(item)
    fields = content["fields"]
    told = {**content, **fields, **(fields.get("concentrations") or {}), **spread(fields)}
    values = {one.name: _shown(one, told.get(one.name)) for one in all_fields(item.kind)}
    extra = [(label, text or "") for label, text in (fields.get("extra") or {}).items()]
    return Typed(values, extra)


def correction_of(item: Item) -> Typed:
    """The inputs of a new item that corrects `item`: what that says, formed today. A title that leaves room for it says
    that it is a correction, so that the two can be told apart wherever both are listed."""
    typed = typed_of(item)
    titles = {
        name: _as_correction(typed.values[name], longest)
        for name, longest in (("title", MAX_TITLE), ("short_title", MAX_SHORT_TITLE))
    }
    own = {"source_id": "", "formed_on": "", "corrects": item.source_id or item.id}
    return Typed({**typed.values, **titles, **own}, typed.extra)


def _as_correction(title: str, longest: int) -> str:
    is_short = title and len(title) + len(_CORRECTION) <= longest
    return f"{_CORRECTION}{title}" if is_short and not title.startswith(_CORRECTION) else title


def raw_item(kind: Kind, typed: Typed) -> dict[str, Any]:
    """The raw item that was typed.

    Raises InvalidContent where an input can't even be read; what is wrong elsewhere is told with it.
    """
    raw, errors = raw_so_far(kind, typed)
    if errors:
        raise InvalidContent(errors[0].message, errors=[*errors, *_further(raw, errors)])
    return raw


def typed_by_field(typed: Typed) -> dict[str, Any]:
    """Everything that stands in the inputs, also what can't be read, in the shape of a raw item."""
    own = {name: text for name, text in typed.values.items() if name not in Content.model_fields}
    measured = {name: own.pop(name) for name in CONCENTRATION_KEYS if name in own}
    common = {name: text for name, text in typed.values.items() if name in Content.model_fields}
    extra: dict[str, str] = {}
    for label, text in typed.extra:
        extra[label] = f"{extra[label]}\n{text}" if label in extra else text
    return {**common, "fields": {**own, "concentrations": measured, "extra": extra}}


def raw_so_far(kind: Kind, typed: Typed) -> tuple[dict[str, Any], list[FieldError]]:
    """The raw item as far as the inputs can be read, and what can't be."""
    cells = {name: text for name, text in typed.values.items() if name not in _IN_PARTS}
    raw, errors = raw_from_cells({"kind": kind.value, **cells, **gathered(typed.values)})
    extra, wrong_rows = _read_extra(typed.extra)
    if extra:
        raw["fields"]["extra"] = extra
    return raw, [*errors, *wrong_rows]


def changes_of(raw: Mapping[str, Any], item: Item, typed: Typed) -> dict[str, Any]:
    """The merge patch that makes `item` what was typed: what was emptied is taken out by None."""
    emptied = dict.fromkeys(name for name in item.fields if name not in raw["fields"])
    names = [one.name for one in item.attachments if one.name not in typed.struck]
    number = {"source_id": raw["source_id"]} if item.source_id is None and "source_id" in raw else {}
    return {
        **number,
        **{name: raw.get(name) for name in _CHANGEABLE},
        "fields": {**emptied, **raw["fields"]},
        "attachments": names,
    }


def form_id_in(form: Form) -> str:
    """The id that a new form gives to its item; another one where it was tampered with."""
    typed = form.text("form_id")
    return typed if _FORM_ID.fullmatch(typed) else new_id()


def version_in(form: Form) -> int:
    """The version of the item that the form shows. A form without it counts as one of a version that was
    never."""
    typed = form.text("version")
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else 0


def extra_input(typed: Typed, field: str) -> str | None:
    """The input of the row that an error in `fields.extra` is about: `extra-2`; None where none is."""
    told = field.removeprefix("fields.extra.")
    labels = [label[:64] for label, _ in typed.extra]
    number = next((n for n, label in enumerate(labels, 1) if told in (label, f"{label}.label")), None)
    return f"extra-{number}" if number else None


def _typed(form: Form, one: FormField) -> str:
    text = form.raw(one.name)
    is_day = one.type == "datetime" and form.is_ticked(one.name + WHOLE_DAY)
    return text[:10] if is_day else text


def _shown(one: FormField, value: Any) -> str:
    if value is None:
        return ""
    return number_text(value) if one.name in CONCENTRATION_KEYS or one.type == "number" else str(value)


def _read_extra(rows: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[FieldError]]:
    extra: dict[str, str] = {}
    errors: list[FieldError] = []
    for label, text in rows:
        if not label:
            errors.append(FieldError("fields.extra.", "这一行有内容而没有名称，请填写名称或清空内容。"))
        elif label in extra:
            errors.append(FieldError(f"fields.extra.{label}", f"“{label}”写了两次，请合并或改名。"))
        elif text.strip():
            extra[label] = text
    return extra, errors


def _further(raw: Mapping[str, Any], known: Sequence[FieldError]) -> list[FieldError]:
    told = {error.field for error in known}
    try:
        read_content(raw)
    except InvalidContent as problem:
        return [error for error in problem.errors if error.field not in told]
    return []
