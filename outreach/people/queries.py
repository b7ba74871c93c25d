"""Who works here, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, String, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from outreach.foundation.problems import NotFound
from outreach.people.model import ApiToken, Person, PersonRole, PersonSection, Role, Section


async def people(session: AsyncSession) -> Sequence[Person]:
    """Everyone, also those who are disabled, by name."""
    return (await session.scalars(select(Person).order_by(Person.name))).all()


async def sections(session: AsyncSession) -> Sequence[Section]:
    """All sections in the order in which they were added."""
    return (await session.scalars(select(Section).order_by(Section.id))).all()


async def person(session: AsyncSession, person_id: str) -> Person:
    """The person of that id. Raises NotFound."""
    found = await session.get(Person, person_id)
    if found is None:
        raise NotFound("没有这个用户。")
    return found


async def person_named(session: AsyncSession, name: str) -> Person:
    """The person of that name. Raises NotFound."""
    found = await session.scalar(select(Person).where(Person.name == name.strip()))
    if found is None:
        raise NotFound(f"没有名为“{name}”的用户。")
    return found


async def section_named(session: AsyncSession, name: str) -> Section:
    """The section of that name. Raises NotFound."""
    found = await session.scalar(select(Section).where(Section.name == name.strip()))
    if found is None:
        raise NotFound(f"没有名为“{name}”的科室。")
    return found


def with_duties(*columns: Any) -> Select[Any]:
    """Reads a person, and `columns` with it, with roles and sections in one statement: `person_of_row`."""
    return select(Person, *_DUTIES, *columns).options(
        lazyload(Person.role_rows), lazyload(Person.section_rows)
    )


def person_of_row(row: Row[Any]) -> Person:
    """The person of a row of `with_duties`."""
    found: Person = row.Person
    roles, section_ids = _listed(row.role_list), _listed(row.section_list)
    role_rows = [PersonRole(person_id=found.id, role=Role(role)) for role in roles]
    section_rows = [PersonSection(person_id=found.id, section_id=one) for one in section_ids]
    for stored in (*role_rows, *section_rows):
        make_transient_to_detached(stored)
    set_committed_value(found, "role_rows", role_rows)
    set_committed_value(found, "section_rows", section_rows)
    return found


async def count_tokens(session: AsyncSession, person_id: str) -> int:
    """How many bearer tokens act as that person."""
    query = select(func.count()).select_from(ApiToken).where(ApiToken.person_id == person_id)
    return (await session.execute(query)).scalar_one()


def _listed(text: str | None) -> list[str]:
    return text.split(",") if text else []


_DUTIES: Final = (
    select(func.aggregate_strings(type_coerce(PersonRole.role, String), ","))
    .where(PersonRole.person_id == Person.id)
    .scalar_subquery()
    .label("role_list"),
    select(func.aggregate_strings(PersonSection.section_id, ","))
    .where(PersonSection.person_id == Person.id)
    .scalar_subquery()
    .label("section_list"),
)
