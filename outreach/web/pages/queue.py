"""/queue: what waits for whoever asks, the oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item, ItemState, Stage
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.queries import approved_and_unplanned
from outreach.review.model import Decision, DecisionKind
from outreach.review.queries import decisions_by_item, returned_to, waiting_for
from outreach.review.rules import ACT_OF_STAGE
from outreach.screening.model import Finding, Judgement
from outreach.screening.queries import findings_by_item
from outreach.screening.rules import LABELS, Severity
from outreach.web import keys
from outreach.web.pages.item_view import SEVERITY_LABELS
from outreach.web.rendering import render

_ROWS: Final = 100  # of each group on a page


@dataclass(frozen=True, slots=True)
class FoundCount:
    """How many findings of one severity there are; `labels` names what was found, each with how often."""

    severity: Severity
    number: int
    labels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One item that waits. `days_left` counts calendar days and is negative after the deadline, `found`
    leaves out what was judged a false alarm, `since` is when it came here, `opinion` why it came back."""

    id: str
    title: str
    kind_label: str
    section: str
    state: ItemState
    stage: Stage | None
    deadline: date
    deadline_is_estimate: bool
    days_left: int
    found: tuple[FoundCount, ...]
    since: datetime
    opinion: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that wait for the same act: `total` in all, `rows` those of the page."""

    name: str
    total: int
    rows: tuple[QueueRow, ...]


async def show(request: web.Request) -> web.Response:
    """GET /queue?page="""
    office, person, page = keys.office_of(request), keys.person_of(request), _page(request)
    async with office.db.read() as session:
        waiting = await _waiting(session, person)
        groups = await _groups(session, waiting, page, clock.today(office.settings.zone))
    most = max(len(items) for items in waiting.values())
    context = {
        "groups": [group for group in groups if _concerns(person, group)],
        "is_empty": most == 0,
        "page": page,
        "rows_a_page": _ROWS,
        "has_next": most > page * _ROWS,
        "may_write": may(person, Act.WRITE_ITEMS),
        "SEVERITY_LABELS": SEVERITY_LABELS,
    }
    return render(request, "queue/list.html", context)


def _page(request: web.Request) -> int:
    typed = request.query.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


async def _waiting(session: AsyncSession, person: Person) -> dict[str, list[Item]]:
    return {
        "review": await waiting_for(session, person),
        "returned": await returned_to(session, person),
        "approved": await approved_and_unplanned(session, person),
    }


async def _groups(
    session: AsyncSession, waiting: Mapping[str, Sequence[Item]], page: int, today: date
) -> list[Group]:
    shown = {name: items[(page - 1) * _ROWS : page * _ROWS] for name, items in waiting.items()}
    found = await findings_by_item(session, [item for items in shown.values() for item in items])
    decisions = await decisions_by_item(session, [item.id for item in shown["returned"]])
    return [
        Group(
            name,
            len(waiting[name]),
            tuple(_row(item, found.get(item.id, []), decisions.get(item.id, []), today) for item in items),
        )
        for name, items in shown.items()
    ]


def _concerns(person: Person, group: Group) -> bool:
    """Whether the group is shown: it holds something, or the person's role could bring something into it."""
    acts = {"review": ACT_OF_STAGE.values(), "returned": (Act.WRITE_ITEMS,), "approved": (Act.PUBLISH,)}
    return group.total > 0 or any(may(person, act) for act in acts[group.name])


def _row(item: Item, found: Sequence[Finding], decisions: Sequence[Decision], today: date) -> QueueRow:
    returned = next((one for one in reversed(decisions) if one.kind is DecisionKind.RETURN), None)
    return QueueRow(
        id=item.id,
        title=item.title,
        kind_label=KIND_LABELS[item.kind],
        section=item.section.name,
        state=item.state,
        stage=item.stage,
        deadline=item.deadline,
        deadline_is_estimate=item.deadline_is_estimate,
        days_left=(item.deadline - today).days,
        found=_counted(found),
        since=item.waiting_since or (returned.at if returned else item.updated_at),
        opinion=returned.opinion if returned else None,
    )


def _counted(found: Sequence[Finding]) -> tuple[FoundCount, ...]:
    standing = [one for one in found if one.judgement is not Judgement.FALSE_ALARM]
    counts = {
        severity: Counter(LABELS[one.label] for one in standing if one.severity is severity)
        for severity in Severity
    }
    return tuple(
        FoundCount(severity, labels.total(), tuple(labels.items()))
        for severity, labels in counts.items()
        if labels
    )
