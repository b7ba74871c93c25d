"""The read side of who works on what: takings, whom an item can be handed to, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outreach.foundation import clock
from outreach.items.model import Author, Item
from outreach.people.deputies import in_force_on
from outreach.people.model import Deputy, Person, PersonRole, PersonSection, Role
from outreach.people.rules import ALLOWED, signature
from outreach.review.acting import ACT_OF_STAGE
from outreach.review.model import Decision, Reminder, Taking


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
    """Id and name of everybody who may decide on the item at its present stage, by name; of those who stand in for
    somebody who is away, with that one's name."""
    if item.stage is None:
        return []
    role = ALLOWED[ACT_OF_STAGE[item.stage]]
    absent = aliased(Person)
    own = select(Person.id, Person.name, null()).where(*_may_decide(Person, role, item))
    lent = (
        select(Person.id, Person.name, absent.name)
        .join(Deputy, Deputy.deputy_id == Person.id)
        .join(absent, absent.id == Deputy.person_id)
        .where(
            *(Deputy.role == role, *in_force_on(clock.today(clock.SHANGHAI))),
            *(*_free(Person, item), *_may_decide(absent, role, item)),
        )
    )
    found: dict[str, str] = {}
    for query in (own.order_by(Person.name), lent.order_by(Person.name, absent.name)):
        for id_, name, absent_name in await session.execute(query):
            found.setdefault(id_, signature(name, absent_name))
    return sorted(found.items(), key=lambda one: one[1])


def _may_decide(person: type[Person], role: Role, item: Item) -> tuple[ColumnElement[bool], ...]:
    """That somebody's own right reaches the item, and the separation of duties leaves it."""
    return (
        exists().where(PersonRole.person_id == person.id, PersonRole.role == role),
        or_(
            person.all_sections,
            exists().where(PersonSection.person_id == person.id, PersonSection.section_id == item.section_id),
        ),
        *_free(person, item),
    )


def _free(person: type[Person], item: Item) -> tuple[ColumnElement[bool], ...]:
    """That somebody is in the office's service, wrote nothing of the item and decided nothing on it."""
    return (
        person.disabled.is_(False),
        ~exists().where(
            Author.person_id == person.id, Author.item_id == item.id, Author.revision <= item.revision
        ),
        ~exists().where(
            or_(Decision.by_id == person.id, Decision.absent_id == person.id),
            *(Decision.item_id == item.id, Decision.revision == item.revision),
        ),
    )
