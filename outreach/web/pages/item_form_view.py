"""What the form of an item shows, decided before the template sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from outreach.foundation.problems import FieldError, Problem
from outreach.items.content import MAX_SHORT_TITLE, MAX_TITLE
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS, concentration_keys
from outreach.items.labels import FormField, column_of, common_form_fields, field_label
from outreach.items.model import Kind
from outreach.web.pages.air_index import INDEX_INPUTS, TypedIndex, typed_index
from outreach.web.pages.item_form_parts import PARTS, input_of, place_in
from outreach.web.pages.item_form_preview import TOLD_AT
from outreach.web.pages.item_form_values import WHOLE_DAY, Typed, extra_input, own_fields

_SPARE_ROWS: Final = 3
_LONG: Final = frozenset({"title", "short_title", "project_name"})
_LIMITS: Final[Mapping[str, int]] = {"title": MAX_TITLE, "short_title": MAX_SHORT_TITLE}
_MEASURED: Final = ("daily", "hourly", "monthly")
_PERIODS: Final[Mapping[str, tuple[str, ...]]] = {
    "hour": ("hourly",),
    "composite_index": ("monthly",),
    "good_days_percent": ("monthly",),
    **dict.fromkeys([one.name for one in PARTS["stated"]], ("hourly", "daily")),
    **dict.fromkeys([one.name for one in PARTS["forecast"]], ("forecast",)),
    **dict.fromkeys([one.name for one in PARTS["warning"]], ("warning",)),
    **{
        key: tuple(period for period in _MEASURED if key in concentration_keys(period, "HJ 633-2012"))
        for key in CONCENTRATION_KEYS
    },
}
"""The periods of an air-quality report in which an input is used; the others are used in all."""

_HINTS: Final[Mapping[str, str]] = {
    "short_title": f"标题超过 {MAX_SHORT_TITLE} 个字且要发微信时须填写，最多 {MAX_SHORT_TITLE} 个字。",
    "period": "选定后显示要填的各栏。",
    "formed_on": "不填为今天；法定期限由此起算。",
    "corrects": "本条用来更正已发布的信息时，填那条信息的来源编号或编号。",
    "source_id": "本单位自己的编号，可不填；填写并保存后不能更改。",
}
_MARKS: Final = "空一行另起一段；用按钮排版，从 Word、Excel 或网页复制的表格粘贴后仍是表格。"
_BODY_HINT: Final[Mapping[bool, str]] = {
    True: f"留空则按模板自动生成。{_MARKS}",
    False: f"正文不会随上面各栏自动改动，请一并核对。留空时，文章以表格列出各栏内容。{_MARKS}",
}


@dataclass(frozen=True, slots=True)
class InputView:
    """One input. `periods` are those of an air-quality report in which it is used (empty: always);
    `is_day` says that of a time only the day is known; `limit` is how many characters are taken, where they are
    counted while typing; `may_be_refused` that a platform's refusal is told at it."""

    field: FormField
    value: str
    error: str | None
    periods: str
    is_wide: bool
    is_day: bool
    limit: int | None
    may_be_refused: bool

    @property
    def day_box(self) -> str:
        """The name of the checkbox that says so."""
        return self.field.name + WHOLE_DAY


@dataclass(frozen=True, slots=True)
class ExtraRow:
    """One row of the office's own; `number` counts from 1."""

    number: int
    label: str
    text: str
    error: str | None


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One error in the summary on top, with the input that it leads to (None: there is none)."""

    target: str | None
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class FormView:
    """Everything that is typed into the form, what is wrong with it, and the index that comes of it."""

    common: Mapping[str, InputView]
    own: list[InputView]
    concentrations: list[InputView]
    concentrations_error: str | None
    concentration_periods: str
    extra: list[ExtraRow]
    struck: frozenset[str]
    summary: list[SummaryLine]
    typed_index: TypedIndex | None
    index_inputs: Sequence[str]


def view_form(kind: Kind, typed: Typed, problem: Problem | None, *, is_new: bool) -> FormView:
    """The form of `kind` with what was typed and what is wrong with it."""
    wrong = _by_input(typed, problem.errors if problem else ())
    own = [_input(one, typed, wrong) for one in own_fields(kind)]
    common = {one.name: _input(one, typed, wrong) for one in common_form_fields()}
    body = common["body"]
    common["body"] = replace(body, field=replace(body.field, hint=_BODY_HINT[is_new]))
    return FormView(
        common=common,
        own=[one for one in own if one.field.name not in CONCENTRATION_KEYS],
        concentrations=[one for one in own if one.field.name in CONCENTRATION_KEYS],
        concentrations_error=wrong.get("concentrations"),
        concentration_periods=" ".join(_MEASURED),
        extra=_extra_rows(typed, wrong),
        struck=typed.struck,
        summary=_summary(kind, typed, problem),
        typed_index=typed_index(typed.values) if kind is Kind.AIR_QUALITY else None,
        index_inputs=INDEX_INPUTS,
    )


def _input(one: FormField, typed: Typed, wrong: Mapping[str, str]) -> InputView:
    value = typed.values.get(one.name, "")
    return InputView(
        field=replace(one, hint=_HINTS.get(one.name, one.hint)),
        value=value,
        error=wrong.get(one.name),
        periods=" ".join(_PERIODS.get(one.name, ())),
        is_wide=one.type == "textarea" or one.name in _LONG,
        is_day=one.type == "datetime" and len(value) == len("2026-03-01"),
        limit=_LIMITS.get(one.name),
        may_be_refused=one.name in TOLD_AT,
    )


def _extra_rows(typed: Typed, wrong: Mapping[str, str]) -> list[ExtraRow]:
    rows = [*typed.extra, *[("", "")] * _SPARE_ROWS]
    return [
        ExtraRow(number, label, text, wrong.get(f"extra-{number}"))
        for number, (label, text) in enumerate(rows, start=1)
    ]


def _by_input(typed: Typed, errors: Sequence[FieldError]) -> dict[str, str]:
    """The messages of each input, by its name; several stand behind each other."""
    told: dict[str, list[str]] = {}
    for error in errors:
        messages = told.setdefault(_input_of(typed, error), [])
        if _message(error) not in messages:
            messages.append(_message(error))
    return {name: " ".join(messages) for name, messages in told.items()}


def _input_of(typed: Typed, error: FieldError) -> str:
    if error.field.startswith("fields.extra."):
        return extra_input(typed, error.field) or "extra-1"
    return input_of(error.field) or column_of(error.field)


def _summary(kind: Kind, typed: Typed, problem: Problem | None) -> list[SummaryLine]:
    labels = {one.name: one.label for one in (*common_form_fields(), *own_fields(kind))}
    targets = {*labels, "concentrations", "attachments"} - {"kind"}
    lines: list[SummaryLine] = []
    for error in problem.errors if problem else ():
        name = _input_of(typed, error)
        target = name if name in targets or name.startswith("extra-") else None
        label = "附加" if name.startswith("extra-") else labels.get(name) or field_label(kind, error.field)
        line = SummaryLine(target, label, _message(error))
        if line not in lines:
            lines.append(line)
    return lines


def _message(error: FieldError) -> str:
    return place_in(error.field) + error.message
