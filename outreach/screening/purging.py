"""What was found in an item goes as far as it says something of the item; kinds, judgements and times stay."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.screening.model import Finding

_LABELLED = "fields.extra."


async def purge(session: AsyncSession, item_id: str) -> None:
    """Empties the findings: where they are, what they showed, what was advised and said of them."""
    for finding in await session.scalars(select(Finding).where(Finding.item_id == item_id)):
        if finding.field.startswith(_LABELLED):  # goes on with the label that the office typed
            finding.field = _LABELLED.rstrip(".")
        finding.attachment = finding.place = finding.shown = finding.reason = None
        finding.advice = finding.basis = ""
        finding.start = finding.end = 0
    await session.flush()
