"""The body that an item gets where nobody wrote one: composed from its fields by the kind's template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from outreach.foundation.templates import templates_folder
from outreach.items.aqi.bulletin import told_index
from outreach.items.content import Content
from outreach.items.kinds import FIELDS
from outreach.items.kinds.readable import concentration_rows, day_text, level_text, primary_text
from outreach.items.labels import display_values, extra_rows
from outreach.items.model import Kind

_MARKDOWN_SIGNS: Final = re.compile(r"[\\`*_\[\]<>|]|&(?=#?\w+;)")


def composed(content: Content) -> Content:
    """The content, its body composed from the fields where it is empty."""
    if content.body.strip():
        return content
    body = compose_body(content.kind, content.title, content.as_json()["fields"])
    return content.model_copy(update={"body": body})


def compose_body(kind: Kind, title: str, fields: Mapping[str, Any]) -> str:
    """The Markdown body for an item's stored `fields`; what is not known is left out.

    Values are escaped: a `*` in a project's name stays a `*`.
    """
    text = _environment().get_template(f"{kind.value}.md.j2").render(**_context(kind, title, fields))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _context(kind: Kind, title: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Every name of the kind as readable text, None where not known, and the lists as rows."""
    index = told_index(fields)
    unknown = dict.fromkeys(FIELDS[kind].model_fields)
    lists = {
        "concentrations": _measured(fields, index.get("iaqi") or {}),
        "forecast": [{**row, "date": day_text(row["date"])} for row in fields.get("forecast") or []],
        "index": _index(index),
        "has_sub_indices": any(value is not None for value in (index.get("iaqi") or {}).values()),
        "warning": _warning(fields.get("warning") or {}),
        "extra": extra_rows(fields),
        "period": fields.get("period"),
    }
    values = {**unknown, **display_values(kind, fields)}
    return {**values, **lists, "standard": index.get("standard", values.get("standard")), "title": title}


def _measured(fields: Mapping[str, Any], sub_indices: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Label, concentration and sub-index of each item: NA where it is missing, — where there is none."""
    measured = fields.get("concentrations") or {}
    told = {key: "NA" if value is None else str(value) for key, value in sub_indices.items()}
    rows = zip(measured, concentration_rows(measured), strict=True)
    return [(label, text, told.get(key, "—")) for key, (label, text) in rows]


def _index(told: Mapping[str, Any]) -> dict[str, str | None]:
    level, aqi = told.get("level"), told.get("aqi")
    return {
        "aqi": None if aqi is None else str(aqi),
        "level": None if level is None else level_text(level),
        "category": told.get("category"),
        "primary": primary_text(told.get("primary") or []),
    }


def _warning(warning: Mapping[str, Any]) -> dict[str, str | None]:
    low_and_high = warning.get("forecast_aqi")
    return {
        "level": warning.get("level"),
        "starts_at": day_text(warning["starts_at"]) if warning.get("starts_at") else None,
        "ends_at": day_text(warning["ends_at"]) if warning.get("ends_at") else None,
        "forecast_aqi": f"{low_and_high[0]}～{low_and_high[1]}" if low_and_high else None,
        "authority_document": warning.get("authority_document"),
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_folder() / "bodies"),
        autoescape=False,  # noqa: S701 - it makes Markdown, whose raw HTML is shown as text later
        finalize=_escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _escape(value: Any) -> str:
    return _MARKDOWN_SIGNS.sub(lambda sign: "\\" + sign[0], str(value))
