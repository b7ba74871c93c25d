"""/settings: what the office itself sets, drawn from its model (administrators)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import annotated_types
from aiohttp import web
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from outreach.foundation import office_settings
from outreach.foundation.office_settings import CHOICE_LABELS, OfficeSettings
from outreach.foundation.problems import InvalidContent
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, invalid_content, messages
from outreach.web.rendering import render, see_other


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as the page draws it. `type` is the HTML input's; limits are None where there are none;
    `choices` are pairs of value and label, none where it is typed; `required` unless it may be empty."""

    name: str
    label: str
    hint: str
    type: str
    value: str
    minimum: str | None
    maximum: str | None
    choices: list[tuple[str, str]]
    required: bool


async def show(request: web.Request) -> web.Response:
    """GET /settings"""
    require(keys.person_of(request), Act.ADMINISTER)
    settings = keys.visit_of(request).settings
    return _page(request, {name: str(value) for name, value in settings.model_dump().items()})


async def change(request: web.Request) -> web.Response:
    """POST /settings"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form = await form_of(request)
    typed = _typed(form)
    try:
        settings = OfficeSettings.model_validate(typed)
    except ValidationError as error:
        return _page(request, typed, invalid_content(error))
    async with keys.office_of(request).db.begin() as session:
        await office_settings.change(session, by, settings)
    return see_other("/settings", notice="saved")


def _typed(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in OfficeSettings.model_fields}


def _page(
    request: web.Request, values: Mapping[str, str], problem: InvalidContent | None = None
) -> web.Response:
    fields = [_field(name, info, values[name]) for name, info in OfficeSettings.model_fields.items()]
    context = {"fields": fields, "errors": messages(problem)}
    return render(request, "settings/settings.html", context, status=problem.status if problem else 200)


def _field(name: str, info: FieldInfo, value: str) -> SettingField:
    minimum = next((str(limit.ge) for limit in info.metadata if isinstance(limit, annotated_types.Ge)), None)
    maximum = next((str(limit.le) for limit in info.metadata if isinstance(limit, annotated_types.Le)), None)
    kind = "number" if info.annotation in (int, float) else _input(info)
    choices = _choices(info.annotation)
    return SettingField(
        name,
        info.title or name,
        info.description or "",
        kind,
        value,
        minimum,
        maximum,
        choices,
        required=info.default != "",
    )


def _input(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    return str(extra.get("input", "text")) if isinstance(extra, dict) else "text"


def _choices(kind: object) -> list[tuple[str, str]]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [(member.value, CHOICE_LABELS[member]) for member in kind]
    return []
