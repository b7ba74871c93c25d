"""Registers, read: entries, sums, what a year counts and whether it is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.people.model import Person, Section
from outreach.statistics.registers.completeness import complete_registers
from outreach.statistics.registers.model import CompleteYear, RegisterEntry, YearChoices
from outreach.statistics.registers.rules import Choices
from outreach.statistics.registers.shape import EntryValues, Figure, Register, Year
from outreach.statistics.registers.specs import REGISTERS


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a list is narrowed to."""

    year: int
    section_id: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class YearOfRegister:
    """What a register counts for a year, what does not add up in it, and who said that it is complete."""

    figures: Sequence[Figure]
    told: Sequence[str]
    entries: int
    complete: CompleteYear | None


def get_register(key: str) -> Register:
    """The register of that key. Raises NotFound."""
    if key not in REGISTERS:
        raise NotFound("没有这个登记册。")
    return REGISTERS[key]


async def get_entry(
    session: AsyncSession, register: Register, entry_id: str, reader: Person
) -> RegisterEntry:
    """Raises NotFound, also where the entry is not for the reader's eyes."""
    entry: RegisterEntry | None = await session.scalar(
        _visible(select(RegisterEntry), reader).where(
            RegisterEntry.id == entry_id, RegisterEntry.register == register.key
        )
    )
    if entry is None:
        raise NotFound("没有这一条登记，或者已经删除。")
    return entry


async def list_entries(
    session: AsyncSession,
    register: Register,
    reader: Person,
    narrow: EntryFilter,
    *,
    limit: int,
    before: tuple[date, str] | None = None,
) -> tuple[Sequence[tuple[RegisterEntry, str | None]], tuple[date, str] | None]:
    """Entries with the names of their sections, the latest first, and where to go on (None at the end)."""
    query = (
        _narrowed(select(RegisterEntry, Section.name), register, reader, narrow)
        .outerjoin(Section, Section.id == RegisterEntry.section_id)
        .order_by(RegisterEntry.day.desc(), RegisterEntry.id.desc())
        .limit(limit + 1)
    )
    if before:
        day, entry_id = before
        query = query.where(
            or_(RegisterEntry.day < day, (RegisterEntry.day == day) & (RegisterEntry.id < entry_id))
        )
    rows = [(entry, section) for entry, section in await session.execute(query)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return rows[:limit], (last.day, last.id) if last else None


async def all_entries(
    session: AsyncSession, register: Register, reader: Person, narrow: EntryFilter
) -> Sequence[tuple[RegisterEntry, str | None]]:
    """The same from first to last, all of them."""
    query = (
        _narrowed(select(RegisterEntry, Section.name), register, reader, narrow)
        .outerjoin(Section, Section.id == RegisterEntry.section_id)
        .order_by(RegisterEntry.day, RegisterEntry.id)
    )
    return [(entry, section) for entry, section in await session.execute(query)]


async def count_by_variant(
    session: AsyncSession, register: Register, reader: Person, narrow: EntryFilter
) -> Mapping[str, int]:
    """How many entries there are of each variant, in the register's order."""
    query = _narrowed(select(RegisterEntry.variant, func.count()), register, reader, narrow)
    rows = (await session.execute(query.group_by(RegisterEntry.variant))).all()
    counts = {key: number for key, number in rows}  # noqa: C416 - a row is no pair to mypy
    return {variant.key: counts.get(variant.key, 0) for variant in register.variants}


async def grouped(
    session: AsyncSession, register: Register, reader: Person, narrow: EntryFilter
) -> Mapping[str, Mapping[str, int]]:
    """How many things the entries stand for, by each of the register's groups and by what stands in it."""
    query = _narrowed(select(*_VALUES), register, reader, narrow)
    counts: dict[str, Counter[str]] = {name: Counter() for name in register.groups}
    for _, values in map(_values_of_row, await session.execute(query)):
        for name in register.groups:
            found = values.data.get(name)
            for one in found if isinstance(found, list) else [found] if found else []:
                counts[name][str(one)] += register.weight(values)
    return {name: dict(counter.most_common()) for name, counter in counts.items() if counter}


async def year_of_register(session: AsyncSession, register: Register, year: int) -> YearOfRegister:
    """What the register counts for the year, of all sections."""
    return (await year_of_registers(session, [register], year))[register.key]


async def year_of_registers(
    session: AsyncSession, registers: Iterable[Register], year: int
) -> Mapping[str, YearOfRegister]:
    """The same of several registers by their keys, read together."""
    by_key = {register.key: register for register in registers}
    spanning = [register.key for register in by_key.values() if register.spans_years]
    query = (
        select(RegisterEntry.register, *_VALUES)
        .where(
            RegisterEntry.register.in_(by_key),
            or_(
                RegisterEntry.year == year,
                RegisterEntry.register.in_(spanning) & (RegisterEntry.year < year),
            ),
        )
        .order_by(RegisterEntry.id)
    )
    entries: dict[str, list[EntryValues]] = {key: [] for key in by_key}
    for key, *row in await session.execute(query):
        entries[key].append(_values_of_row(row)[1])
    complete = await complete_registers(session, year)
    return {
        key: _counted(
            register,
            entries[key],
            Year(year, (await choices_by_year(session, register, [year]))[year]),
            complete.get(key),
        )
        for key, register in by_key.items()
    }


def _counted(
    register: Register, entries: Sequence[EntryValues], year: Year, complete: CompleteYear | None
) -> YearOfRegister:
    figures = register.count(entries, year)
    own = sum(1 for entry in entries if entry.day.year == year.number)
    told = register.tell({figure.name: figure.value for figure in figures}) if own else ()
    return YearOfRegister(figures, told, own, complete)


async def values_of_year(
    session: AsyncSession, register_key: str, year: int
) -> Sequence[tuple[str, EntryValues]]:
    """The ids and values of a year's entries, of all sections."""
    query = (
        select(*_VALUES)
        .where(RegisterEntry.register == register_key, RegisterEntry.year == year)
        .order_by(RegisterEntry.id)
    )
    return [_values_of_row(row) for row in await session.execute(query)]


async def stored_of_year(
    session: AsyncSession, register_key: str, year: int
) -> Sequence[tuple[EntryValues, str | None]]:
    """The values of a year's entries, each with its section's id."""
    query = select(*_VALUES, RegisterEntry.section_id).where(
        RegisterEntry.register == register_key, RegisterEntry.year == year
    )
    return [(EntryValues(*values), section_id) for _, *values, section_id in await session.execute(query)]


async def choices_by_year(session: AsyncSession, register: Register, years: Sequence[int]) -> Choices:
    """What may be chosen in these years; under 0 the defaults."""
    fields = [field for field in register.fields().values() if field.by_year]
    defaults = {field.name: [label for _, label in field.choices] for field in fields}
    if not fields:
        return {0: {}, **{year: {} for year in years}}
    query = select(YearChoices).where(YearChoices.register == register.key).order_by(YearChoices.year)
    rows = (await session.scalars(query)).all()
    found: dict[int, Mapping[str, Sequence[str]]] = {0: defaults}
    for year in years:
        found[year] = {**defaults, **{row.field: row.choices for row in rows if row.year <= year}}
    return found


async def years_of(session: AsyncSession, register_key: str) -> Sequence[int]:
    """The years that have entries, the newest first."""
    query = select(RegisterEntry.year).where(RegisterEntry.register == register_key).distinct()
    return sorted(await session.scalars(query), reverse=True)


def values_of(entry: RegisterEntry) -> EntryValues:
    """What the entry says."""
    return EntryValues(entry.variant, entry.day, entry.data)


_VALUES = (RegisterEntry.id, RegisterEntry.variant, RegisterEntry.day, RegisterEntry.data)


def _values_of_row(row: Any) -> tuple[str, EntryValues]:
    entry_id, variant, day, data = row
    return entry_id, EntryValues(variant, day, data)


def _narrowed(
    query: Select[*tuple[Any, ...]], register: Register, reader: Person, narrow: EntryFilter
) -> Select[*tuple[Any, ...]]:
    query = _visible(query, reader).where(
        RegisterEntry.register == register.key, RegisterEntry.year == narrow.year
    )
    if narrow.section_id:
        query = query.where(RegisterEntry.section_id == narrow.section_id)
    if narrow.variant:
        query = query.where(RegisterEntry.variant == narrow.variant)
    return query


def _visible(query: Select[*tuple[Any, ...]], reader: Person) -> Select[*tuple[Any, ...]]:
    """Entries of the reader's sections, and those of none."""
    if reader.section_ids is None:
        return query
    return query.where(
        or_(RegisterEntry.section_id.is_(None), RegisterEntry.section_id.in_(reader.section_ids))
    )
