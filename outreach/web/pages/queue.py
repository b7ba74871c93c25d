"""/queue: what waits for whoever asks, urgent items first, then the oldest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.texts.queries import count_in_review
from outreach.foundation import clock
from outreach.items.labels import KIND_LABELS
from outreach.items.model import ItemState, Stage
from outreach.items.rows import Span, Waiting
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.queries import approved_and_unplanned
from outreach.review.acting import reviews_anywhere
from outreach.review.queries import Returned, last_returns, open_referrals, owed_by, returned_to, waiting_for
from outreach.screening.rules import LABELS, Severity
from outreach.sealing.queries import count_open_cases
from outreach.statistics.report.queries import versions_waiting_for
from outreach.web import keys
from outreach.web.pages.item_emergency_view import time_left
from outreach.web.pages.item_view import SEVERITY_LABELS
from outreach.web.rendering import render

_ROWS: Final = 50  # of each group on a page
_KEPT_ROWS: Final = 1000
_SEVERITIES: Final = tuple(Severity)
_SINCE_LABELS: Final = {"review": "等待自", "returned": "退回时间", "approved": "签发时间"}


@dataclass(frozen=True, slots=True)
class FoundCount:
    """How many findings of one severity there are, and what was found, each with how often."""

    severity: Severity
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Referred:
    """Whose answer is waited for since when; `days` are calendar days."""

    to: str
    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One item that waits. `days_left` counts calendar days and is negative after the deadline, `found`
    leaves out what was judged a false alarm, `since` is when it came here, `opinion` why it came back,
    `referral` what was asked of a department and not answered yet, `holder` who works on it, `instead_of` whom the
    reader stands in for."""

    id: str
    title: str
    kind_label: str
    section: str
    state: ItemState
    stage: Stage | None
    deadline: date
    deadline_is_estimate: bool
    is_emergency: bool
    days_left: int
    found: tuple[FoundCount, ...]
    since: datetime
    opinion: str | None
    referral: Referred | None
    holder: str | None
    reminders: int
    instead_of: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Items that wait for the same act: `total` in all, `rows` (HTML) those of the page, of which so many are
    `emergencies`; over the times since which they wait stands `since_label`."""

    name: str
    since_label: str
    total: int
    emergencies: int
    rows: Markup


async def show(request: web.Request) -> web.Response:
    """GET /queue?page=&mine="""
    office, person, page = keys.office_of(request), keys.person_of(request), _page(request)
    only_taken = request.query.get("mine") == "1"
    templates, zone = request.app[keys.TEMPLATES], office.settings.zone
    token = keys.visit_of(request).csrf_token
    async with office.db.read() as session:
        groups = await _groups(session, templates, person, page, zone, token, only_taken=only_taken)
        owed = await owed_by(session, person)
        open_cases = await count_open_cases(session, person)
        house_texts = await count_in_review(session) if may(person, Act.DECIDE_CONFIDENTIALITY) else 0
        reports = await versions_waiting_for(session, person)
    most = max(group.total for group in groups)
    context = {
        "groups": [group for group in groups if _concerns(person, group)],
        "owed": [(one, *time_left(one.emergency.section_due_at)) for one in owed],
        "urgent": sum(group.emergencies for group in groups) + len(owed),
        "open_cases": open_cases,
        "house_texts": house_texts,
        "reports": reports,
        "is_empty": most == 0 and not (owed or open_cases or house_texts or reports or only_taken),
        "only_taken": only_taken,
        "page": page,
        "rows_a_page": _ROWS,
        "has_next": most > page * _ROWS,
        "may_write": may(person, Act.WRITE_ITEMS),
    }
    return render(request, "queue/list.html", context)


def _page(request: web.Request) -> int:
    typed = request.query.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


async def _groups(
    session: AsyncSession,
    templates: jinja2.Environment,
    person: Person,
    page: int,
    zone: ZoneInfo,
    csrf_token: str,
    *,
    only_taken: bool,
) -> list[Group]:
    span = Span(offset=(page - 1) * _ROWS, limit=_ROWS)
    waiting = {
        "review": await waiting_for(session, person, span, only_taken=only_taken),
        "returned": await returned_to(session, person, span),
        "approved": await approved_and_unplanned(session, person, span),
    }
    returns = await last_returns(session, [item.id for item in waiting["returned"][0]])
    referred = await _referred(session, waiting["review"][0], zone)
    today = clock.today(zone)
    groups = []
    for name, (items, total) in waiting.items():
        since_label, emergencies = _SINCE_LABELS[name], 0
        rows = []
        for item in items:
            returned, referral = returns.get(item.id), referred.get(item.id)
            token = csrf_token if item.is_emergency and name == "approved" else None
            rows.append(_html(templates, item, returned, referral, today, since_label, token))
            emergencies += item.is_emergency
        groups.append(Group(name, since_label, total, emergencies, Markup("").join(rows)))
    return groups


@lru_cache(maxsize=_KEPT_ROWS)
def _html(
    templates: jinja2.Environment,
    item: Waiting,
    returned: Returned | None,
    referral: Referred | None,
    today: date,
    since_label: str,
    press_token: str | None,
) -> Markup:
    """The item's row as HTML, which hangs on nothing else. Most rows are those of the last time somebody looked, and
    making fifty of them anew would cost half of the page."""
    row = _row(item, returned, referral, today)
    template = templates.get_template("pages/queue/_row.html")
    html = template.render(row=row, since_label=since_label, press_token=press_token)
    return Markup(html)  # noqa: S704 - the template escapes


async def _referred(session: AsyncSession, items: Sequence[Waiting], zone: ZoneInfo) -> dict[str, Referred]:
    """What waits for a department's answer; asked only where anything stands at that stage."""
    ids = [item.id for item in items if item.stage is Stage.CONFIDENTIALITY]
    if not ids:
        return {}
    today = clock.today(zone)
    return {
        item_id: Referred(one.referred_to, one.at, (today - one.at.astimezone(zone).date()).days)
        for item_id, one in (await open_referrals(session, ids)).items()
    }


def _concerns(person: Person, group: Group) -> bool:
    """Whether the group is shown: it holds something, or what the person may do could bring something into it."""
    could = {
        "review": reviews_anywhere(person),
        "returned": may(person, Act.WRITE_ITEMS),
        "approved": may(person, Act.PUBLISH),
    }
    return group.total > 0 or could[group.name]


def _row(item: Waiting, returned: Returned | None, referral: Referred | None, today: date) -> QueueRow:
    return QueueRow(
        id=item.id,
        title=item.title,
        kind_label=KIND_LABELS[item.kind],
        section=item.section,
        state=item.state,
        stage=item.stage,
        deadline=item.deadline,
        deadline_is_estimate=item.deadline_is_estimate,
        is_emergency=item.is_emergency,
        days_left=(item.deadline - today).days,
        found=_counted(json.loads(item.found)),
        since=item.waiting_since or (returned.at if returned else item.updated_at),
        opinion=returned.opinion if returned else None,
        referral=referral,
        holder=item.holder,
        reminders=item.reminders,
        instead_of=item.instead_of,
    )


def _counted(found: Sequence[Mapping[str, str]]) -> tuple[FoundCount, ...]:
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        labels, label = counts.setdefault(one["severity"], {}), LABELS[one["label"]]
        labels[label] = labels.get(label, 0) + 1
    return tuple(_found_count(one, counts[one]) for one in _SEVERITIES if one in counts)


def _found_count(severity: Severity, labels: Mapping[str, int]) -> FoundCount:
    title = "，".join(f"{label} {number} 处" for label, number in labels.items())
    return FoundCount(severity, f"{SEVERITY_LABELS[severity]} {sum(labels.values())}", title)
