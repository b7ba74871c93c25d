"""The read side of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.items.model import Item
from outreach.screening.model import Finding


async def get_finding(session: AsyncSession, item: Item, finding_id: str) -> Finding:
    """The finding in whichever revision of the item. Raises NotFound."""
    finding = await session.get(Finding, finding_id)
    if finding is None or finding.item_id != item.id:
        raise NotFound("没有这个疑点。")
    return finding


async def findings_of(session: AsyncSession, item: Item) -> Sequence[Finding]:
    """What was found in the item's present revision, in the order of the text."""
    return (await findings_by_item(session, [item])).get(item.id, [])


async def findings_by_item(session: AsyncSession, items: Iterable[Item]) -> dict[str, list[Finding]]:
    """The same for many items in one query."""
    present = [(item.id, item.revision) for item in items]
    if not present:
        return {}
    query = (
        select(Finding)
        .where(tuple_(Finding.item_id, Finding.revision).in_(present))
        .order_by(Finding.field, Finding.start)
    )
    grouped: dict[str, list[Finding]] = {}
    for finding in await session.scalars(query):
        grouped.setdefault(finding.item_id, []).append(finding)
    return grouped
