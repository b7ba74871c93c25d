"""Typed text becomes an entry's values, or what is wrong with it; and which entries are the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.statistics.registers.fields import (
    RegisterField,
    WrongValue,
    day_of,
    read_value,
    shown_value,
)
from outreach.statistics.registers.shape import EntryValues, Identity, Register, Variant

TOLD: Final = "有内容需要修改，请看各栏下的说明。"

Choices = Mapping[int, Mapping[str, Sequence[str]]]
"""By year, what may be chosen in the fields that are `by_year`; year 0 stands for every year that is not listed."""


@dataclass(frozen=True, slots=True)
class Same:
    """Something that is there already (`name` says what), and in what it is the same."""

    name: str
    identity: Identity


class KnownEntries:
    """Entries by what makes them the same thing as others of their year."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._names: dict[tuple[int, Identity, tuple[Any, ...]], str] = {}

    def add(self, values: EntryValues, name: str) -> None:
        """Another one, called `name`; the first of that key stays."""
        for key in self._keys(values):
            self._names.setdefault(key, name)

    def find(self, values: EntryValues) -> Same | None:
        """The first that is the same thing."""
        return next(
            (Same(self._names[key], key[1]) for key in self._keys(values) if key in self._names), None
        )

    def _keys(self, values: EntryValues) -> list[tuple[int, Identity, tuple[Any, ...]]]:
        found = ((identity, identity.key_of(values)) for identity in self._register.identities)
        return [(values.day.year, identity, key) for identity, key in found if key]


def read_entry(
    register: Register, variant: Variant, typed: Mapping[str, str], choices: Choices
) -> EntryValues:
    """The values of what was typed, by the names of the variant's fields. Raises InvalidContent naming each field that
    has to be mended."""
    dated = variant.field(variant.dated_by)
    data: dict[str, Any] = {}
    errors: list[FieldError] = []
    year = 0
    for field in (dated, *(one for one in variant.fields if one is not dated)):
        try:
            value = read_value(field, typed.get(field.name, ""), choices_of(field, year, choices))
        except WrongValue as wrong:
            errors.append(FieldError(field.name, str(wrong)))
            continue
        if value is not None:
            data[field.name] = value
        if field is dated:
            year = day_of(value).year
    if errors:
        raise InvalidContent(TOLD, errors=_in_order(errors, variant))
    values = EntryValues(variant.key, day_of(data[dated.name]), data)
    if wrong_together := register.check(values):
        raise InvalidContent(TOLD, errors=_in_order(wrong_together, variant))
    return values


def choices_of(field: RegisterField, year: int, choices: Choices) -> Sequence[tuple[str, str]]:
    """The pairs of key and label that may be chosen in the field in that year."""
    if not field.by_year:
        return field.choices
    listed = choices.get(year, choices[0])
    return [(one, one) for one in listed.get(field.name, ())]


def year_typed(variant: Variant, typed: Mapping[str, str]) -> int | None:
    """The year of the day that was typed; None where it is none."""
    try:
        value = read_value(variant.field(variant.dated_by), typed.get(variant.dated_by, ""), ())
    except WrongValue:
        return None
    return day_of(value).year if value is not None else None


def texts_in(variant: Variant, typed: Mapping[str, str]) -> dict[str, str]:
    """What the doorkeeper looks through: whatever was typed, also where a number was asked for."""
    return {field.name: typed.get(field.name, "") for field in variant.fields}


def brief(variant: Variant, values: EntryValues) -> str:
    """An entry in a few words, as a report names it: its first three fields."""
    shown = (shown_value(field, values.data.get(field.name)) for field in variant.fields[:3])
    return "，".join(one for one in shown if one)


def _in_order(errors: Sequence[FieldError], variant: Variant) -> Sequence[FieldError]:
    places = {field.name: place for place, field in enumerate(variant.fields)}
    return sorted(errors, key=lambda error: places.get(error.field, len(places)))
