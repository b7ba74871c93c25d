"""A revision of an item is read beside the one before it. Who looked at an earlier one is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.problems import Forbidden, NotFound
from outreach.items.model import Item, ItemState, Revision
from outreach.items.service import snapshot_of
from outreach.people.model import Person
from outreach.review.queries import decisions_of, earlier_revisions, read_item


@dataclass(frozen=True, slots=True)
class ReadRevision:
    """A revision, and the one before it where there is one that the reader may see; `hides_before` says that there is
    one and it is not for them."""

    item: Item
    number: int
    snapshot: Mapping[str, Any]
    before: int | None
    before_snapshot: Mapping[str, Any] | None
    hides_before: bool


async def read_revision(session: AsyncSession, item_id: str, number: int, reader: Person) -> ReadRevision:
    """The revision of that number; the present one as it stands, also before it is submitted. In a transaction that
    writes, since each look at an earlier one is recorded.

    Raises NotFound (also for every revision of a sealed item), Forbidden.
    """
    item = await read_item(session, item_id, reader)
    earlier = await earlier_revisions(session, item, reader, await decisions_of(session, item.id))
    if item.state is ItemState.SEALED or (number != item.revision and number not in earlier):
        raise NotFound("没有这个版本。")
    if not earlier.get(number, True):
        raise Forbidden("以前的版本可能含有已删减的内容，只供它的编写人、审查人和审计员查看。")
    before = max((one for one in earlier if one < number), default=None)
    is_shown = before is not None and earlier[before]
    seen = [one for one in (before if is_shown else None, number if number in earlier else None) if one]
    if seen:
        await audit.record(session, reader, "revision.view", "item", item.id, revision=seen)
    return ReadRevision(
        item=item,
        number=number,
        snapshot=await _snapshot(session, item, number),
        before=before if is_shown else None,
        before_snapshot=await _snapshot(session, item, before) if before is not None and is_shown else None,
        hides_before=before is not None and not is_shown,
    )


async def _snapshot(session: AsyncSession, item: Item, number: int) -> Mapping[str, Any]:
    if number == item.revision:
        return snapshot_of(item)
    return (await session.get_one(Revision, (item.id, number))).snapshot
