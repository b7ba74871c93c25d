"""The read side of sealed items' cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.items.model import Item
from outreach.people.model import Person, Section
from outreach.people.rules import Act, may, require, sees_section
from outreach.sealing.model import SealCase, SealEntry
from outreach.sealing.rules import NO_SUCH_CASE

_SHOWN: Final = 200


async def get_case(session: AsyncSession, case_id: str, reader: Person) -> SealCase:
    """The case, for a confidentiality reviewer of the item's section. Raises Forbidden, NotFound."""
    require(reader, Act.KEEP_SCREENING)
    case = await session.get(SealCase, case_id)
    item = await session.get(Item, case.item_id) if case else None
    if case is None or item is None or not sees_section(reader, item.section_id):
        raise NotFound(NO_SUCH_CASE)
    return case


async def open_case_of(session: AsyncSession, item_id: str) -> SealCase | None:
    """The case of an item that is sealed now."""
    query = select(SealCase).where(SealCase.item_id == item_id, SealCase.closed_at.is_(None))
    return (await session.scalars(query)).one_or_none()


async def last_case_of(session: AsyncSession, item_id: str) -> SealCase | None:
    """The newest case of an item, open or closed."""
    query = select(SealCase).where(SealCase.item_id == item_id).order_by(SealCase.sealed_at.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def list_cases(session: AsyncSession, reader: Person) -> Sequence[Row[SealCase, str, str]]:
    """The newest cases, open ones first: each, the item's kind and its section's name."""
    query = (
        select(SealCase, Item.kind, Section.name)
        .join(Item, Item.id == SealCase.item_id)
        .join(Section, Section.id == Item.section_id)
        .order_by(SealCase.closed_at.is_not(None), SealCase.sealed_at.desc())
        .limit(_SHOWN)
    )
    if reader.section_ids is not None:
        query = query.where(Item.section_id.in_(reader.section_ids))
    return (await session.execute(query)).all()


async def count_open_cases(session: AsyncSession, reader: Person) -> int:
    """How many cases wait for `reader`: none for who is no confidentiality reviewer."""
    if not may(reader, Act.KEEP_SCREENING):
        return 0
    query = select(func.count()).join_from(SealCase, Item).where(SealCase.closed_at.is_(None))
    if reader.section_ids is not None:
        query = query.where(Item.section_id.in_(reader.section_ids))
    return (await session.scalar(query)) or 0


async def entries_of(session: AsyncSession, case_id: str) -> Sequence[SealEntry]:
    """What was written down, first one first."""
    query = select(SealEntry).where(SealEntry.case_id == case_id).order_by(SealEntry.at, SealEntry.id)
    return (await session.scalars(query)).all()
