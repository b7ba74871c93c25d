"""A file of a register's entries comes in: wrong rows are told by row and field, the good ones are taken (or none).

The same file again, or with its wrong rows mended, changes nothing of what was taken before: a row that says the same
as an entry that is there is that entry.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.problems import ClassificationMarkFound, FieldError, InvalidContent
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.queries import sections
from outreach.people.rules import Act, require, sees_section
from outreach.screening.marks import Doorkeeper, doorkeeper
from outreach.statistics.registers.importing import TypedRow, read_rows
from outreach.statistics.registers.queries import choices_by_year, stored_of_year
from outreach.statistics.registers.rules import (
    Choices,
    KnownEntries,
    brief,
    read_entry,
    texts_in,
    year_typed,
)
from outreach.statistics.registers.service import store_all
from outreach.statistics.registers.shape import EntryValues, Register

_LONGEST_SOURCE = 200


class RowOutcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class RowReport:
    """A row: what it says in a few words, what became of it, and what is wrong with it."""

    row: TypedRow
    told: str
    outcome: RowOutcome
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All rows in the file's order. `stored` is False for a trial, and where all was asked for and a row was wrong."""

    rows: Sequence[RowReport]
    stored: bool

    def count(self, outcome: RowOutcome) -> int:
        """How many rows came to `outcome`."""
        return sum(1 for row in self.rows if row.outcome is outcome)


@dataclass(frozen=True, slots=True)
class _Read:
    """A row on its way in: `values` is None where something is wrong with it."""

    row: TypedRow
    values: EntryValues | None
    section_id: str | None = None
    errors: tuple[FieldError, ...] = ()


async def import_register(
    office: Office,
    register: Register,
    name: str,
    content: bytes,
    *,
    by: Person,
    dry_run: bool = False,
    all_or_nothing: bool = False,
) -> ImportReport:
    """Takes a workbook or a CSV file in as entries of the register.

    Args:
        dry_run: nothing is stored; the report says what would happen.
        all_or_nothing: nothing is stored where any row is wrong.

    Raises Forbidden; TooLarge or InvalidContent where the file as a whole can't be read, or its name bears a
    classification mark (it is kept with the entries); NotPossible where it would
    change a year that is complete.
    """
    require(by, Act.KEEP_FIGURES)
    rows = await asyncio.to_thread(read_rows, register, name, content)
    async with office.db.read() as session:
        door = await doorkeeper(session)
        door.refuse_texts(file=name)
        years = {year for row in rows if (year := year_typed(row.variant, row.typed))}
        choices = await choices_by_year(session, register, sorted(years))
        known = {one.name: one.id for one in await sections(session) if sees_section(by, one.id)}
    read = await asyncio.to_thread(_read_all, register, rows, door, choices, known)
    if dry_run:
        async with office.db.read() as session:
            return ImportReport(as_tried(await _judged(session, register, read)), stored=False)
    async with office.db.begin() as session:
        await audit.hold(session)  # of two files that bring the same at once, the second finds it here
        reports = await _judged(session, register, read)
        if all_or_nothing and any(report.outcome is RowOutcome.REJECTED for report in reports):
            return ImportReport(as_tried(reports), stored=False)
        pairs = zip(read, reports, strict=True)
        good = [one for one, report in pairs if report.outcome is RowOutcome.CREATED]
        taken = [(one.values, one.section_id) for one in good if one.values]
        if taken:
            await store_all(session, register, by, taken, name[-_LONGEST_SOURCE:])
    return ImportReport(reports, stored=True)


def as_tried(reports: Sequence[RowReport]) -> list[RowReport]:
    """The reports of rows that were looked at and not stored."""
    good = {RowOutcome.CREATED: RowOutcome.GOOD}
    return [replace(one, outcome=good.get(one.outcome, one.outcome)) for one in reports]


def _read_all(
    register: Register,
    rows: Sequence[TypedRow],
    door: Doorkeeper,
    choices: Choices,
    sections: Mapping[str, str],
) -> list[_Read]:
    return [_read(register, row, door, choices, sections) for row in rows]


def _read(
    register: Register, row: TypedRow, door: Doorkeeper, choices: Choices, sections: Mapping[str, str]
) -> _Read:
    """The row's values; a classification mark is told before whatever else is wrong."""
    try:
        door.refuse_texts(**texts_in(row.variant, row.typed), section=row.section)
    except ClassificationMarkFound as problem:
        return _Read(row, None, errors=problem.errors)
    errors = list(row.errors)
    if row.section and row.section not in sections:
        errors.append(FieldError("section", f"没有名为“{row.section[:30]}”的科室，或者不归您管。"))
    wrong = {error.field for error in errors}
    try:
        values = read_entry(register, row.variant, row.typed, choices)
    except InvalidContent as problem:
        errors += [error for error in problem.errors if error.field not in wrong]
        values = None
    if errors:
        return _Read(row, None, errors=tuple(errors))
    return _Read(row, values, sections.get(row.section))


async def _judged(session: AsyncSession, register: Register, read: Sequence[_Read]) -> list[RowReport]:
    """What becomes of each row, by what is there already and by the rows before it."""
    years = sorted({one.values.day.year for one in read if one.values})
    there = [entry for year in years for entry in await stored_of_year(session, register.key, year)]
    unclaimed = Counter(_content(values, section_id) for values, section_id in there)
    known = KnownEntries(register)
    for values, _ in there:
        known.add(values, f"已登记的“{brief(register.variant(values.variant), values)}”")
    reports = []
    for one in read:
        if one.values is None:
            reports.append(RowReport(one.row, _typed(one.row), RowOutcome.REJECTED, one.errors))
            continue
        told, content = brief(one.row.variant, one.values), _content(one.values, one.section_id)
        if unclaimed[content]:
            unclaimed[content] -= 1
            reports.append(RowReport(one.row, told, RowOutcome.UNCHANGED))
        elif same := known.find(one.values):
            wrong = FieldError(same.identity.fields[-1], f"与{same.name}是{same.identity.told}，请核对。")
            reports.append(RowReport(one.row, told, RowOutcome.REJECTED, (wrong,)))
        else:
            known.add(one.values, one.row.place)
            reports.append(RowReport(one.row, told, RowOutcome.CREATED))
    return reports


def _content(values: EntryValues, section_id: str | None) -> str:
    return json.dumps([values.variant, values.data, section_id], sort_keys=True)


def _typed(row: TypedRow) -> str:
    """A row that can't be read, in a few words."""
    shown = (row.typed.get(field.name, "").strip()[:30] for field in row.variant.fields[:3])
    return "，".join(one for one in shown if one)
