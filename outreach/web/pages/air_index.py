"""The index of an air-quality report: computed while its form is typed, and on the item's page."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import ValidationError

from outreach.foundation.problems import FieldError
from outreach.items.aqi.bulletin import Bulletin, bulletin_of
from outreach.items.aqi.differences import differences_of
from outreach.items.aqi.index import NA
from outreach.items.aqi.measurements import measurement_errors
from outreach.items.aqi.reasons import why_na
from outreach.items.aqi.regulations import REPORTS
from outreach.items.importing.table import raw_from_cells
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.readable import concentration_label, level_text, primary_text
from outreach.items.labels import column_of, field_label
from outreach.items.model import Kind
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.pages.item_form_parts import PARTS, gathered, input_of
from outreach.web.rendering import render

INDEX_INPUTS: Final = (
    "period",
    "period_end",
    "standard",
    *(one.name for one in PARTS["stated"]),
    *CONCENTRATION_KEYS,
)
"""The inputs of the form that the index comes from."""


@dataclass(frozen=True, slots=True)
class WrongInput:
    """An input of the form from which nothing can be computed."""

    name: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class AirIndexView:
    """An index as a page shows it: values as texts, `level` 1 to 6 for its colour, None where there is none.
    `sub_indices` are label and value, `differences` what the source states otherwise."""

    standard: str
    aqi: str
    level: int | None
    level_text: str
    category: str
    color: str
    primary: str
    why_na: str | None
    sub_indices: list[tuple[str, str]]
    differences: list[str]


@dataclass(frozen=True, slots=True)
class TypedIndex:
    """What the form shows beside the concentrations; neither index nor errors while none is typed."""

    index: AirIndexView | None = None
    errors: Sequence[WrongInput] = ()


async def compute_typed(request: web.Request) -> web.Response:
    """POST /items/air-quality-index: the fragment beside the concentrations, from the inputs as typed so far."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    form = await form_of(request)
    typed = typed_index({name: form.raw(name) for name in INDEX_INPUTS})
    return render(request, "items/_typed_index.html", {"typed_index": typed})


def typed_index(values: Mapping[str, str]) -> TypedIndex | None:
    """The index of what stands in the form; None where its period has none."""
    typed = {name: values.get(name, "") for name in INDEX_INPUTS}
    cells = {name: text for name, text in typed.items() if input_of(name) is None}
    raw, errors = raw_from_cells({"kind": Kind.AIR_QUALITY.value, **cells, **gathered(typed)})
    fields = raw["fields"]
    if fields.get("period") not in REPORTS:
        return None
    if not fields.get("concentrations"):
        return TypedIndex(None, _wrong(errors))
    try:
        return TypedIndex(_view(Bulletin.model_validate(fields)), _wrong(errors))
    except ValidationError as error:
        wrong = _wrong([*errors, *measurement_errors(error)])
    try:  # what the source states may not be readable yet
        return TypedIndex(_view(Bulletin.model_validate({**fields, "stated": None})), wrong)
    except ValidationError:
        return TypedIndex(None, wrong)


def stored_index(fields: Mapping[str, Any], found: Container[str]) -> AirIndexView | None:
    """The index of an item's stored `fields`, None where it has none. Differences in the fields `found` are
    left out: they are told as findings."""
    bulletin = bulletin_of(fields)
    return _view(bulletin, found) if bulletin else None


def _view(bulletin: Bulletin, found: Container[str] = ()) -> AirIndexView:
    index = bulletin.index()
    return AirIndexView(
        standard=index.standard,
        aqi=str(index.aqi),
        level=None if index.level == NA else index.level,
        level_text=level_text(index.level),
        category=index.category,
        color=index.color,
        primary=primary_text(list(index.primary)),
        why_na=why_na(index) if index.aqi == NA else None,
        sub_indices=[
            (concentration_label(key), NA if value is None else str(value))
            for key, value in index.iaqi.items()
        ],
        differences=[one.told for one in differences_of(bulletin) if one.field not in found],
    )


def _wrong(errors: Sequence[FieldError]) -> list[WrongInput]:
    return [_wrong_input(error) for error in errors]


def _wrong_input(error: FieldError) -> WrongInput:
    field = error.field if error.field.startswith("fields.") else f"fields.{error.field}"
    name = input_of(field) or column_of(field)
    label = concentration_label(name) if name in CONCENTRATION_KEYS else field_label(Kind.AIR_QUALITY, field)
    return WrongInput(name, label, error.message)
