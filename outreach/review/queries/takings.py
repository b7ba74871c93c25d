"""The read side of who works on what: takings, whom an item can be handed to, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Author, Item
from outreach.people.model import Person, PersonRole, PersonSection
from outreach.people.rules import ALLOWED
from outreach.review.model import Decision, Reminder, Taking
from outreach.review.rules import ACT_OF_STAGE


@dataclass(frozen=True, slots=True)
class AtWork:
    """Who works on an item at its present stage since when (None: nobody), how often somebody asked to hurry, and who
    did so last."""

    person_id: str | None
    person_name: str | None
    since: datetime | None
    reminders: int
    reminded_by: str | None
    reminded_at: datetime | None


async def at_work_on(session: AsyncSession, item: Item) -> AtWork:
    """Who works on the item, and who waits for it."""
    of_stage = (
        Reminder.item_id == item.id,
        Reminder.stage == item.stage,
        Reminder.revision == item.revision,
    )
    last = select(Reminder).where(*of_stage).order_by(Reminder.at.desc()).limit(1).subquery()
    number = select(func.count(Reminder.id)).where(*of_stage).scalar_subquery()
    is_present = and_(Taking.item_id == Item.id, Taking.stage == Item.stage, Taking.revision == Item.revision)
    query = (
        select(Taking.person_id, Taking.person_name, Taking.since, number, last.c.by_name, last.c.at)
        .select_from(Item)
        .outerjoin(Taking, is_present)
        .outerjoin(last, last.c.item_id == Item.id)
        .where(Item.id == item.id)
    )
    return AtWork(*(await session.execute(query)).one())


async def possible_takers(session: AsyncSession, item: Item) -> Sequence[tuple[str, str]]:
    """Id and name of everybody who may decide on the item at its present stage, by name."""
    if item.stage is None:
        return []
    role = ALLOWED[ACT_OF_STAGE[item.stage]]
    query = select(Person.id, Person.name).where(
        Person.disabled.is_(False),
        exists().where(PersonRole.person_id == Person.id, PersonRole.role == role),
        or_(
            Person.all_sections,
            exists().where(PersonSection.person_id == Person.id, PersonSection.section_id == item.section_id),
        ),
        ~exists().where(
            Author.person_id == Person.id, Author.item_id == item.id, Author.revision <= item.revision
        ),
        ~exists().where(
            Decision.by_id == Person.id, Decision.item_id == item.id, Decision.revision == item.revision
        ),
    )
    return [(id_, name) for id_, name in await session.execute(query.order_by(Person.name))]
