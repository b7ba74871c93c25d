"""办理: a reviewer takes an item, hands it on, gives it back, and is reminded. It is told to the others and locks
nothing: whoever may decide still may."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotPossible, invalid
from outreach.items.model import Item, Stage
from outreach.items.rules import place_label
from outreach.people.model import Person
from outreach.review.model import Reminder, Taking
from outreach.review.queries import possible_takers
from outreach.review.service.decisions import require_may_decide, require_revision


async def take(session: AsyncSession, item: Item, by: Person, *, revision: int) -> None:
    """From now on `by` works on it, whoever did before. Raises Forbidden, DutiesNotSeparate, NotPossible,
    StaleState."""
    acting = await require_may_decide(session, item, by)
    require_revision(item, revision)
    await _remember(session, item, acting.stage, by.id, acting.signature)
    await audit.record(session, by, "item.take", "item", item.id, revision=item.revision, **acting.told)


async def hand_on(session: AsyncSession, item: Item, by: Person, to_id: str, *, revision: int) -> None:
    """Somebody else works on it, who may decide there too.

    Raises Forbidden, DutiesNotSeparate, NotPossible, StaleState; InvalidContent where that one may not.
    """
    acting = await require_may_decide(session, item, by)
    require_revision(item, revision)
    name = dict(await possible_takers(session, item)).get(to_id)
    if name is None:
        raise invalid("to", "请选择可以审查这条信息的人。")
    await _remember(session, item, acting.stage, to_id, name)
    await audit.record(
        session, by, "item.hand_on", "item", item.id, revision=item.revision, to=name, **acting.told
    )


async def give_back(session: AsyncSession, item: Item, by: Person) -> None:
    """Nobody works on it. Raises NotPossible where `by` does not."""
    own = delete(Taking).where(Taking.item_id == item.id, Taking.person_id == by.id)
    if (await session.execute(own.returning(Taking.item_id))).scalar_one_or_none() is None:
        raise NotPossible("这条信息现在不由您办理。")
    await audit.record(session, by, "item.give_back", "item", item.id, revision=item.revision)


async def remind(session: AsyncSession, item: Item, by: Person, *, stage: Stage | None = None) -> None:
    """Asks whoever reviews it at its present stage, or at `stage`, to hurry: once a day. Raises NotPossible."""
    stage = stage or item.stage
    if stage is None:
        place = place_label((item.state, None))
        raise NotPossible(f"信息当前为“{place}”，不在审核中，不用催办。")
    row = insert_into(session, Reminder).values(
        id=new_id(),
        item_id=item.id,
        revision=item.revision,
        stage=stage,
        day=clock.today(clock.SHANGHAI),
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
    noted = await session.execute(row.on_conflict_do_nothing().returning(Reminder.id))
    if noted.scalar_one_or_none() is None:
        raise NotPossible("今天已经催办过。")
    await audit.record(session, by, "item.remind", "item", item.id, revision=item.revision)


async def _remember(session: AsyncSession, item: Item, stage: Stage, person_id: str, name: str) -> None:
    values = {
        "stage": stage,
        "revision": item.revision,
        "person_id": person_id,
        "person_name": name,
        "since": clock.now(),
    }
    row = insert_into(session, Taking).values(item_id=item.id, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["item_id"], set_=values))
