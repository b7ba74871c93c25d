"""不早于: a time before which nothing of an item may go out. It is no part of the text, so that reviews stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.dates import moment
from outreach.foundation.problems import NotPossible, invalid
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.items.queries import hold_item
from outreach.items.rules import STATE_LABELS
from outreach.people.model import Person
from outreach.people.rules import Act, may, require
from outreach.publishing.model import PostState
from outreach.publishing.service import live_posts

_TOO_LATE = (ItemState.PUBLISHED, ItemState.WITHDRAWN, ItemState.REFUSED, ItemState.SEALED)


async def set_embargo(session: AsyncSession, item_id: str, by: Person, not_before: datetime | None) -> Item:
    """Sets it, or lifts it with None; editors and publishers may.

    Raises NotFound, Forbidden, NotPossible (published already, or planned for earlier), StaleState, InvalidContent.
    """
    item = await hold_item(session, item_id, by)
    require_may_set(item, by)
    if not_before is not None:
        if not_before <= clock.now():
            raise invalid("not_before", "这个时间已经过去。请选一个以后的时间，或留空取消限制。")
        posts = (await live_posts(session, item.id)).values()
        if any(post.state is not PostState.PLANNED or post.due_at < not_before for post in posts):
            limit = moment(not_before, clock.SHANGHAI)
            raise NotPossible(f"有发布件安排在 {limit} 以前，或者正在发送。请先改期或取消发布，再设定。")
    return await items.set_not_before(session, item, by, not_before)


def may_set(item: Item, by: Person) -> bool:
    """Whether `require_may_set` lets it pass."""
    return (may(by, Act.WRITE_ITEMS) or may(by, Act.PUBLISH)) and item.state not in _TOO_LATE


def require_may_set(item: Item, by: Person) -> None:
    """Raises Forbidden, or NotPossible where nothing can be held back any more."""
    if not may(by, Act.WRITE_ITEMS):
        require(by, Act.PUBLISH)
    if item.state in _TOO_LATE:
        raise NotPossible(f"信息当前为“{STATE_LABELS[item.state]}”，不能再设定不早于的时间。")
