"""Who works here, read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Date, Row, Select, String, Text, bindparam, cast, exists, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from outreach.foundation import clock
from outreach.foundation.json_columns import json_list
from outreach.foundation.problems import NotFound
from outreach.people.model import ApiToken, Deputy, Lent, Person, PersonRole, PersonSection, Role, Section


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
    """Reads a person, and `columns` before it, with roles, sections and what is lent in one statement: `person_of_row`.
    It is given `today()` besides its own parameters."""
    return select(*columns, *_DUTIES, *_PERSON)


def today() -> Mapping[str, Any]:
    """The parameter of `with_duties` by which what is lent ends by itself."""
    return {"today": clock.today(clock.SHANGHAI)}


def person_of_row(row: Row[Any]) -> Person:
    """The person of a row of `with_duties`, as if a session that is closed had read it."""
    found = Person(**dict(zip(_PERSON.keys(), row[-len(_PERSON) :], strict=True)))
    role_rows = [PersonRole(person_id=found.id, role=Role(role)) for role in _listed(row.role_list)]
    section_rows = [PersonSection(person_id=found.id, section_id=one) for one in _listed(row.section_list)]
    for stored in (found, *role_rows, *section_rows):
        make_transient_to_detached(stored)
    set_committed_value(found, "role_rows", role_rows)
    set_committed_value(found, "section_rows", section_rows)
    found.lend(tuple(_lent(one) for one in json.loads(row.lent_list)))
    return found


async def count_tokens(session: AsyncSession, person_id: str) -> int:
    """How many bearer tokens act as that person."""
    query = select(func.count()).select_from(ApiToken).where(ApiToken.person_id == person_id)
    return (await session.execute(query)).scalar_one()


def _lent(one: Mapping[str, Any]) -> Lent:
    sections = None if one["all_sections"] else frozenset(_listed(one["sections"]))
    return Lent(one["id"], one["name"], Role(one["role"]), sections)


def _listed(text: str | None) -> list[str]:
    return text.split(",") if text else []


_PERSON: Final = Person.__table__.c
_ROLE: Final = PersonRole.__table__.c
_SECTION: Final = PersonSection.__table__.c
_ABSENT: Final = Person.__table__.alias("absent").c
_DEPUTY: Final = Deputy.__table__.c
_TODAY: Final = bindparam("today", type_=Date)
_LENT: Final = json_list(
    select(
        *(_ABSENT.id, _ABSENT.name, type_coerce(_DEPUTY.role, String).label("role"), _ABSENT.all_sections),
        select(func.aggregate_strings(_SECTION.section_id, ","))
        .where(_SECTION.person_id == _ABSENT.id)
        .scalar_subquery()
        .label("sections"),
    )
    .where(
        *(_ABSENT.id == _DEPUTY.person_id, _DEPUTY.deputy_id == _PERSON.id, _DEPUTY.revoked_at.is_(None)),
        *(_DEPUTY.first_day <= _TODAY, _DEPUTY.last_day >= _TODAY, _ABSENT.disabled.is_(False)),
        exists().where(_ROLE.person_id == _ABSENT.id, _ROLE.role == _DEPUTY.role),
    )
    .order_by(_DEPUTY.id)
    .correlate(Person.__table__)
)
_DUTIES: Final = (
    select(func.aggregate_strings(type_coerce(_ROLE.role, String), ","))
    .where(_ROLE.person_id == _PERSON.id)
    .scalar_subquery()
    .label("role_list"),
    select(func.aggregate_strings(_SECTION.section_id, ","))
    .where(_SECTION.person_id == _PERSON.id)
    .scalar_subquery()
    .label("section_list"),
    cast(_LENT, Text).label("lent_list"),
)
