"""The read side of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import and_, join, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.items.model import Item
from outreach.items.rows import IDS, ITEM, RowsByItem, rows_by_item
from outreach.screening.model import Finding, Judgement
from outreach.screening.rules import Severity


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


async def finding_rows_by_item(session: AsyncSession, item_ids: Sequence[str]) -> RowsByItem:
    """What was found in the items' present revisions, in the order of the text, without its bases."""
    return await rows_by_item(session, _FINDINGS, item_ids)


async def standing_by_item(
    session: AsyncSession, item_ids: Sequence[str]
) -> dict[str, list[tuple[Severity, str]]]:
    """Severity and label of what was found in the items' present revisions and is no false alarm, in the
    order of the text."""
    if not item_ids:
        return {}
    found = await rows_by_item(session, _STANDING, item_ids)
    return {item_id: [(row.severity, row.label) for row in rows] for item_id, rows in found.items()}


_FINDING: Final = Finding.__table__.c
_PRESENT: Final = join(
    Finding.__table__,
    Item.__table__,
    and_(ITEM.id == _FINDING.item_id, ITEM.revision == _FINDING.revision),
)
_FINDINGS: Final = (
    select(
        *(_FINDING.item_id, _FINDING.id, _FINDING.field, _FINDING.start, _FINDING.end, _FINDING.label),
        *(_FINDING.severity, _FINDING.advice, _FINDING.judgement, _FINDING.reason),
        *(_FINDING.attachment, _FINDING.place, _FINDING.shown),
    )
    .select_from(_PRESENT)
    .where(_FINDING.item_id.in_(IDS))
    .order_by(_FINDING.field, _FINDING.start)
)
_STANDING: Final = (
    select(_FINDING.item_id, _FINDING.severity, _FINDING.label)
    .select_from(_PRESENT)
    .where(
        _FINDING.item_id.in_(IDS),
        or_(_FINDING.judgement.is_(None), _FINDING.judgement != Judgement.FALSE_ALARM),
    )
    .order_by(_FINDING.field, _FINDING.start)
)
