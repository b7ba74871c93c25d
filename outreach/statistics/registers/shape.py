"""What a register declares of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from outreach.foundation.problems import FieldError
from outreach.statistics.registers.fields import RegisterField


@dataclass(frozen=True, slots=True)
class EntryValues:
    """What an entry says: as which variant it was typed, the day that dates it, and its values by their fields."""

    variant: str
    day: date
    data: Mapping[str, Any]

    def number(self, name: str) -> int:
        """A count; 0 where none was typed."""
        return int(self.data.get(name) or 0)

    def amount(self, name: str) -> Decimal:
        """An amount; 0 where none was typed."""
        return Decimal(self.data.get(name) or 0)

    def on(self, name: str) -> date | None:
        """The day of a field."""
        typed = self.data.get(name)
        return date.fromisoformat(typed) if typed else None


@dataclass(frozen=True, slots=True)
class Year:
    """A year that is counted, and what could be chosen in it in fields that are `by_year`."""

    number: int
    choices: Mapping[str, Sequence[str]]

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.number, 12, 31)


@dataclass(frozen=True, slots=True)
class Figure:
    """A yearly figure as a register counts it. `name` is the one that the annual report asks for."""

    name: str
    label: str
    value: int | Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """By what two entries of a year are the same thing: the values of these fields, and how one says it."""

    fields: tuple[str, ...]
    told: str

    def key_of(self, values: EntryValues) -> tuple[Any, ...] | None:
        """The values; None where one of them is missing."""
        key = tuple(values.data.get(name) for name in self.fields)
        return None if None in key else (values.variant, *key)


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to type an entry: thing by thing, as a month's totals, … `dated_by` is the field that dates it."""

    key: str
    label: str
    dated_by: str
    fields: tuple[RegisterField, ...]
    hint: str = ""

    def field(self, name: str) -> RegisterField:
        """The field of that name; KeyError where there is none."""
        return {field.name: field for field in self.fields}[name]


def nothing_wrong(values: EntryValues) -> Sequence[FieldError]:
    """The check of a register whose fields don't depend on one another."""
    return ()


def nothing_to_tell(values: EntryValues, today: date) -> Sequence[str]:
    """The notes of a register that has none."""
    return ()


def nothing_to_tell_of_year(figures: Mapping[str, int | Decimal]) -> Sequence[str]:
    """The same for a year as a whole."""
    return ()


def one_each(values: EntryValues) -> int:
    """The weight of entries that are one thing each, but for totals with a `number`."""
    return values.number("number") if "number" in values.data else 1


@dataclass(frozen=True, slots=True)
class Register:
    """A register.

    Attributes:
        about: what belongs into it, for its page.
        rule: how it is counted, and where the rule comes from.
        count: the figures of a year, from that year's entries (`spans_years`: from all entries up to its end).
        check: what is wrong with an entry whose fields are each right; it is refused.
        notes: what is odd about an entry on a day; it is told beside it.
        tell: what does not add up in a year's figures.
        identities: entries of one year that agree in one of these are the same thing, and the second is refused.
        groups: the fields by which its page counts (a choice, or a text such as a medium).
        weight: how many things an entry stands for.
        recorded: the columns of an export that an import passes over.
        by_section: whether its entries belong to sections.
    """

    key: str
    label: str
    unit: str
    about: str
    rule: str
    variants: tuple[Variant, ...]
    count: Callable[[Iterable[EntryValues], Year], Sequence[Figure]]
    check: Callable[[EntryValues], Sequence[FieldError]] = nothing_wrong
    notes: Callable[[EntryValues, date], Sequence[str]] = nothing_to_tell
    tell: Callable[[Mapping[str, int | Decimal]], Sequence[str]] = nothing_to_tell_of_year
    identities: tuple[Identity, ...] = ()
    groups: tuple[str, ...] = ()
    weight: Callable[[EntryValues], int] = one_each
    spans_years: bool = False
    recorded: tuple[str, ...] = ("登记人", "登记时间", "来源")
    by_section: bool = True

    def variant(self, key: str) -> Variant:
        """The variant of that key; KeyError where there is none."""
        return {variant.key: variant for variant in self.variants}[key]

    def fields(self) -> Mapping[str, RegisterField]:
        """All fields of all variants by their names."""
        return {field.name: field for variant in self.variants for field in variant.fields}
