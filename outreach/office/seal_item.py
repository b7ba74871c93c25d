"""An item bears a classification mark that was found after it was stored: it is sealed, and its posts are stopped.

保守国家秘密法 art. 34: what leaked is stopped at once, records are kept, and it is reported.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.service.states import cancel_of_items
from outreach.foundation.audit import SERVICE, Actor
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.items.queries import hold_item
from outreach.items.rules import ItemAction, next_place
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.queries import sealed_with_posts_to_stop
from outreach.sealing import service as sealing
from outreach.sealing.model import SealCase

_SEALED: Final = "信息已封存。"


async def seal_item(
    session: AsyncSession,
    item: Item,
    by: Actor,
    *,
    rules: Collection[str] = (),
    reason: str | None = None,
) -> SealCase:
    """Whatever seals an item does it here: the item, which the caller holds, is sealed, its case opened, its posts
    cancelled or on their way back, all in the caller's transaction.

    `rules` are those that found the mark, `reason` what a person says who saw it. Raises NotPossible, StaleState.
    """
    await items.move(session, item, ItemAction.SEAL, waiting_since=None)
    case = await sealing.open_case(session, item, by, rules=rules, reason=reason)
    await publishing.stop_posts(session, item.id, by)
    await cancel_of_items(session, [item.id], _SEALED)
    return case


async def seal_by_hand(session: AsyncSession, item_id: str, by: Person, reason: str) -> SealCase:
    """A confidentiality reviewer saw a mark, or was told of one, in an item at whatever place.

    Raises NotFound, Forbidden, NotPossible, InvalidContent, ClassificationMarkFound.
    """
    item = await hold_item(session, item_id, by)
    require(by, Act.KEEP_SCREENING)
    next_place((item.state, item.stage), ItemAction.SEAL)
    return await seal_item(
        session, item, by, reason=await sealing.checked_reason(session, reason, "seal_reason")
    )


async def stop_posts_of_sealed(office: Office) -> int:
    """Posts whose outcome was open when their item was sealed are stopped once it is known; of how many items there
    were any. Safe to run twice and at the same time."""
    async with office.db.read() as session:
        item_ids = await sealed_with_posts_to_stop(session)
    for item_id in item_ids:
        async with office.db.begin() as session:
            item = await session.get_one(Item, item_id, with_for_update={"of": Item, "key_share": True})
            if item.state is ItemState.SEALED:
                await publishing.stop_posts(session, item_id, SERVICE)
    return len(item_ids)
