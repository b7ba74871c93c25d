"""An item that is still being typed, as far as it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from pydantic import TypeAdapter, ValidationError

from outreach.foundation.problems import InvalidContent
from outreach.items.aqi.bulletin import bulletin_of
from outreach.items.content import Content, known_kind, read_content
from outreach.items.kinds import FIELDS
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS, read_concentrations
from outreach.items.kinds.shape import KindFields, Shape

_TEXTS: Final = ("title", "short_title", "section", "repost_source", "repost_url", "corrects")
_OF_AN_INDEX: Final = ("period", "concentrations", "stated")


def read_so_far(raw: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The item in the shape of `Content.as_json`, and whether all of it is right.

    Where something is wrong, the texts that all kinds have are given as they were typed, and of the other
    values those that can be read: rules between several fields wait until the item is saved. `raw` has its
    `kind` and `fields`.
    """
    try:
        return read_content(raw).as_json(), True
    except InvalidContent:
        return _readable(raw), False


def _readable(raw: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: _text(raw.get(name)) or None for name in _TEXTS}
    return {
        **texts,
        "kind": raw["kind"],
        "title": texts["title"] or "",
        "origin": _value(Content, "origin", raw.get("origin")) or Content.defaults["origin"],
        "formed_on": _value(Content, "formed_on", raw.get("formed_on")),
        "body": _value(Content, "body", raw.get("body", "")) or _text(raw.get("body")),
        "fields": _fields(raw),
    }


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    kind = known_kind(raw["kind"])
    shape = FIELDS[kind] if kind else KindFields
    typed = {name: value for name, value in raw["fields"].items() if name in shape.model_fields}
    values = {name: _value(shape, name, value) for name, value in typed.items()}
    if "concentrations" in typed:
        values["concentrations"] = _concentrations(typed["concentrations"])
    known = {name: value for name, value in values.items() if value is not None}
    return known if _has_readable_index(known) else _without_index(known)


def _value(shape: type[Shape], name: str, typed: Any) -> Any:
    """The plain JSON of one value; None where it can't be read."""
    try:
        adapter = _adapter(shape, name)
        return adapter.dump_python(adapter.validate_python(typed), mode="json")
    except ValidationError:
        return None


@cache
def _adapter(shape: type[Shape], name: str) -> TypeAdapter[Any]:
    info = shape.model_fields[name]
    typed: Any = info.annotation
    return TypeAdapter(Annotated[typed, *info.metadata] if info.metadata else typed)


def _concentrations(typed: Mapping[str, Any]) -> dict[str, Any]:
    readings: dict[str, Any] = {}
    for key, value in typed.items():
        try:
            readings.update(read_concentrations({key: value}, CONCENTRATION_KEYS))
        except ValidationError:
            continue
    return readings


def _has_readable_index(fields: Mapping[str, Any]) -> bool:
    try:
        bulletin_of(fields)
    except ValidationError:
        return False
    return True


def _without_index(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _OF_AN_INDEX}
