"""The read side of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.json_columns import json_list
from outreach.foundation.problems import NotFound
from outreach.items.model import Item
from outreach.items.rows import ITEM
from outreach.people.model import Person, Section
from outreach.screening.model import AcceptedWording, Finding, Judgement, MarkIncident, ReleasedLine

_SHOWN: Final = 200


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


_FINDING: Final = Finding.__table__.c
_PRESENT: Final = (
    select()
    .where(_FINDING.item_id == ITEM.id, _FINDING.revision == ITEM.revision)
    .order_by(_FINDING.field, _FINDING.start)
    .correlate(Item.__table__)
)
FINDINGS: Final = json_list(
    _PRESENT.add_columns(
        *(_FINDING.id, _FINDING.field, _FINDING.start, _FINDING.end, _FINDING.label, _FINDING.severity),
        *(_FINDING.advice, _FINDING.judgement.label("decision"), _FINDING.reason),
        *(_FINDING.attachment, _FINDING.place, _FINDING.shown),
    )
)
"""What was found in an item's present revision, in the order of the text, as JSON: a column beside those of
`items.rows.ITEM`."""
STANDING: Final = json_list(
    _PRESENT.add_columns(_FINDING.severity, _FINDING.label).where(
        or_(_FINDING.judgement.is_(None), _FINDING.judgement != Judgement.FALSE_ALARM)
    )
)
"""The same without false alarms: severity and label of each."""


async def incidents(session: AsyncSession) -> Sequence[Row[MarkIncident, str]]:
    """The newest refusals, open ones first: the incident and the name of who brought the text, 命令行 where nobody did."""
    name = func.coalesce(Person.name, COMMAND_LINE.name)
    query = select(MarkIncident, name).outerjoin(Person, Person.id == MarkIncident.person_id)
    newest = query.order_by(MarkIncident.closed_at.isnot(None), MarkIncident.happened_at.desc()).limit(_SHOWN)
    return (await session.execute(newest)).all()


async def released_lines(session: AsyncSession) -> Sequence[Row[ReleasedLine, str]]:
    """The lines that pass though they look like marks: each and the name of who released it."""
    query = select(ReleasedLine, Person.name).join(Person, Person.id == ReleasedLine.released_by)
    standing = query.where(ReleasedLine.revoked_at.is_(None)).order_by(ReleasedLine.released_at.desc())
    return (await session.execute(standing.limit(_SHOWN))).all()


async def accepted_wordings(session: AsyncSession) -> Sequence[Row[AcceptedWording, str, str]]:
    """The wordings that are accepted: each, the name of its section and of who accepted it."""
    query = (
        select(AcceptedWording, Section.name.label("section"), Person.name)
        .join(Section, Section.id == AcceptedWording.section_id)
        .join(Person, Person.id == AcceptedWording.accepted_by)
    )
    standing = query.where(AcceptedWording.revoked_at.is_(None)).order_by(AcceptedWording.accepted_at.desc())
    return (await session.execute(standing.limit(_SHOWN))).all()
