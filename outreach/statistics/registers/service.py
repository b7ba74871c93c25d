"""The office keeps its registers. Whoever writes holds the audit log's head first, so that of two who write the same
thing the second finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.ids import new_id
from outreach.foundation.problems import FieldError, InvalidContent, StaleState, invalid
from outreach.people.model import Person
from outreach.people.queries import sections
from outreach.people.rules import Act, require, sees_section
from outreach.screening.marks import doorkeeper
from outreach.statistics.registers.completeness import CompleteGuard, Count
from outreach.statistics.registers.fields import SEVERAL_BREAK
from outreach.statistics.registers.model import RegisterEntry, YearChoices
from outreach.statistics.registers.queries import (
    choices_by_year,
    get_entry,
    values_of_year,
    year_of_register,
)
from outreach.statistics.registers.rules import TOLD, KnownEntries, brief, read_entry, texts_in, year_typed
from outreach.statistics.registers.shape import EntryValues, Register, Variant

_MOST_CHOICES: Final = 30
_LONGEST_CHOICE: Final = 30


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed: the variant, texts by the names of its fields, and the section's name (empty: none)."""

    variant: Variant
    typed: Mapping[str, str]
    section: str = ""


async def add_entry(session: AsyncSession, register: Register, by: Person, draft: Draft) -> RegisterEntry:
    """Enters it.

    Raises Forbidden, InvalidContent (ClassificationMarkFound where a text bears a mark), NotPossible where it would
    change a year that is complete.
    """
    values, section_id = await _read(session, register, by, draft)
    await audit.hold(session)
    await _require_new(session, register, values, None)
    guard = await CompleteGuard.before(session, register.key, figures_of(register))
    entry = RegisterEntry(
        **_columns(register, values, section_id), entered_by_name=by.name, entered_at=clock.now()
    )
    session.add(entry)
    await session.flush()
    await guard.require_unchanged(session)
    await audit.record(session, by, "register.add", "register_entry", entry.id, register=register.key)
    return entry


async def change_entry(
    session: AsyncSession, register: Register, entry_id: str, by: Person, draft: Draft, *, version: int
) -> None:
    """Changes it, where it is still as `version` was. Raises as `add_entry` does, NotFound, StaleState."""
    values, section_id = await _read(session, register, by, draft)
    await audit.hold(session)
    await get_entry(session, register, entry_id, by)
    await _require_new(session, register, values, entry_id)
    guard = await CompleteGuard.before(session, register.key, figures_of(register))
    changed = await session.execute(
        update(RegisterEntry)
        .where(RegisterEntry.id == entry_id, RegisterEntry.version == version)
        .values(
            **_columns(register, values, section_id),
            version=version + 1,
            changed_by_name=by.name,
            changed_at=clock.now(),
        )
        .returning(RegisterEntry.id)
    )
    _require_changed(changed.scalar_one_or_none())
    await guard.require_unchanged(session)
    await audit.record(session, by, "register.change", "register_entry", entry_id, register=register.key)


async def remove_entry(
    session: AsyncSession, register: Register, entry_id: str, by: Person, *, version: int
) -> None:
    """Takes it out; the audit log keeps that it was there. Raises Forbidden, NotFound, StaleState, NotPossible."""
    require(by, Act.KEEP_FIGURES)
    await audit.hold(session)
    await get_entry(session, register, entry_id, by)
    guard = await CompleteGuard.before(session, register.key, figures_of(register))
    removed = await session.execute(
        delete(RegisterEntry)
        .where(RegisterEntry.id == entry_id, RegisterEntry.version == version)
        .returning(RegisterEntry.id)
    )
    _require_changed(removed.scalar_one_or_none())
    await guard.require_unchanged(session)
    await audit.record(session, by, "register.remove", "register_entry", entry_id, register=register.key)


async def store_all(
    session: AsyncSession,
    register: Register,
    by: Person,
    rows: Sequence[tuple[EntryValues, str | None]],
    source: str,
) -> None:
    """Enters rows of a file, each with its section's id, in the caller's transaction, which holds the audit log's head.
    Raises NotPossible."""
    guard = await CompleteGuard.before(session, register.key, figures_of(register))
    now = clock.now()
    told = {"entered_by_name": by.name, "entered_at": now, "source": source, "version": 1}
    columns = [
        {"id": new_id(), **_columns(register, values, section_id), **told} for values, section_id in rows
    ]
    await session.execute(insert(RegisterEntry), columns)
    await guard.require_unchanged(session)
    await audit.record(session, by, "register.import", "register", register.key, created=len(columns))


async def set_choices(
    session: AsyncSession, register: Register, field: str, year: int, by: Person, typed: str
) -> None:
    """Says what may be chosen in the field from `year` on. What entries of that year bear has to stay.

    Raises Forbidden, InvalidContent.
    """
    require(by, Act.KEEP_FIGURES)
    choices = list(dict.fromkeys(one for one in SEVERAL_BREAK.split(typed.strip()) if one))
    (await doorkeeper(session)).refuse_texts(choices=typed)
    if not choices or len(choices) > _MOST_CHOICES:
        raise invalid("choices", f"请填写 1 至 {_MOST_CHOICES} 项，用顿号分开。")
    if any(len(one) > _LONGEST_CHOICE for one in choices):
        raise invalid("choices", f"每一项最多 {_LONGEST_CHOICE} 个字。")
    await audit.hold(session)
    used = {values.data.get(field) for _, values in await values_of_year(session, register.key, year)}
    if missing := sorted(str(one) for one in used - set(choices) - {None}):
        raise invalid("choices", f"{year} 年的登记里已经有“{'”“'.join(missing)}”，不能去掉。")
    await session.merge(
        YearChoices(
            register=register.key, field=field, year=year, choices=choices, by_name=by.name, at=clock.now()
        )
    )
    await audit.record(session, by, "register.choices", "register", register.key, field=field, year=year)


def figures_of(register: Register) -> Count:
    """How the guard of a complete year counts the register's figures."""

    async def count(session: AsyncSession, year: int) -> Mapping[str, int | Decimal]:
        counted = await year_of_register(session, register, year)
        return {figure.name: figure.value for figure in counted.figures}

    return count


async def _read(
    session: AsyncSession, register: Register, by: Person, draft: Draft
) -> tuple[EntryValues, str | None]:
    """The values and the section's id. A classification mark is told before whatever else is wrong."""
    require(by, Act.KEEP_FIGURES)
    door = await doorkeeper(session)
    door.refuse_texts(**texts_in(draft.variant, draft.typed))
    typed_year = year_typed(draft.variant, draft.typed)
    choices = await choices_by_year(session, register, [typed_year] if typed_year else [])
    errors: list[FieldError] = []
    values = None
    try:
        values = read_entry(register, draft.variant, draft.typed, choices)
    except InvalidContent as problem:
        errors += problem.errors
    known = {one.name: one.id for one in await sections(session) if sees_section(by, one.id)}
    if draft.section and draft.section not in known:
        errors.append(FieldError("section", f"没有名为“{draft.section[:30]}”的科室，或者不归您管。"))
    if errors or values is None:
        raise InvalidContent(TOLD, errors=errors)
    return values, known.get(draft.section)


async def _require_new(
    session: AsyncSession, register: Register, values: EntryValues, entry_id: str | None
) -> None:
    """Raises InvalidContent where another entry of the year is the same thing."""
    known = KnownEntries(register)
    for other_id, other in await values_of_year(session, register.key, values.day.year):
        if other_id != entry_id:
            known.add(other, brief(register.variant(other.variant), other))
    if same := known.find(values):
        told = f"{same.identity.told}已经登记过（{same.name}），请核对。"
        raise InvalidContent(told, errors=[FieldError(same.identity.fields[-1], told)])


def _columns(register: Register, values: EntryValues, section_id: str | None) -> dict[str, Any]:
    return {
        "register": register.key,
        "year": values.day.year,
        "day": values.day,
        "variant": values.variant,
        "section_id": section_id,
        "data": dict(values.data),
    }


def _require_changed(entry_id: str | None) -> None:
    if entry_id is None:
        raise StaleState("这一条刚刚被他人改过或删除了。请看过现在的内容后再改。")
