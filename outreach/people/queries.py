"""Who works here, read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.people.model import ApiToken, Person, Section


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


async def count_tokens(session: AsyncSession, person_id: str) -> int:
    """How many bearer tokens act as that person."""
    query = select(func.count()).select_from(ApiToken).where(ApiToken.person_id == person_id)
    return (await session.execute(query)).scalar_one()
