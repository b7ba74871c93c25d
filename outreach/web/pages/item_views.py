"""What the pages about items have in common: a row of a list, a deadline, who may do what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.problems import invalid
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item, ItemState
from outreach.items.rules import STAGE_LABELS, ItemAction, can, place_label
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.model import Post
from outreach.publishing.rules import LIVE_STATES
from outreach.screening.queries import findings_by_item
from outreach.screening.rules import Severity

_RUNNING: Final = frozenset(
    {ItemState.DRAFT, ItemState.SCREENING, ItemState.IN_REVIEW, ItemState.APPROVED, ItemState.RETURNED}
)
"""States in which the deadline still has to be kept."""

WORDS: Final[Mapping[str, Any]] = {
    "KIND_LABELS": KIND_LABELS,
    "STAGE_LABELS": STAGE_LABELS,
    "place_label": place_label,
}
"""What every template about items needs to tell kinds, states and stages."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline. `days_left` is negative when it has passed, None where nothing has to be done any more."""

    day: date
    is_estimate: bool
    days_left: int | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item in a list, with its findings counted by severity."""

    item: Item
    due: Due
    findings: Mapping[Severity, int]


@dataclass(frozen=True, slots=True)
class Buttons:
    """What whoever looks at an item may do with it now, apart from deciding."""

    edit: bool
    submit: bool
    recall: bool
    discard: bool
    attach: bool
    plan: bool


def due_of(item: Item, zone: ZoneInfo) -> Due:
    """The item's deadline as seen today."""
    left = (item.deadline - clock.today(zone)).days if item.state in _RUNNING else None
    return Due(item.deadline, item.deadline_is_estimate, left)


async def rows_of(session: AsyncSession, items: Sequence[Item], zone: ZoneInfo) -> list[ItemRow]:
    """The items as rows; all findings come by one query."""
    findings = await findings_by_item(session, items)
    return [
        ItemRow(item, due_of(item, zone), Counter(one.severity for one in findings.get(item.id, [])))
        for item in items
    ]


def buttons_of(item: Item, person: Person, posts: Sequence[Post], *, reviewed: bool) -> Buttons:
    """The buttons for `person`; `reviewed` says that a revision of the item bears a decision."""
    place = (item.state, item.stage)
    writes = may(person, Act.WRITE_ITEMS)
    is_planned = any(post.state in LIVE_STATES for post in posts)
    may_edit = (
        writes and can(place, ItemAction.EDIT) and not (item.state is ItemState.APPROVED and is_planned)
    )
    return Buttons(
        edit=may_edit,
        submit=writes and can(place, ItemAction.SUBMIT),
        recall=writes and can(place, ItemAction.RECALL) and item.submitted_by == person.id,
        discard=writes and can(place, ItemAction.DISCARD) and not reviewed,
        attach=may_edit and item.state in {ItemState.DRAFT, ItemState.RETURNED},
        plan=may(person, Act.PUBLISH) and item.state in {ItemState.APPROVED, ItemState.PUBLISHED},
    )


def local_time(field: str, typed: str, zone: ZoneInfo) -> datetime | None:
    """A time as a browser's field gives it, which is that of the office's clock. Raises InvalidContent."""
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise invalid(field, "请按“年-月-日 时:分”填写时间，例如 2026-10-08 09:30。") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def file_size(size: int) -> str:
    """Bytes as a reader is told them: `340 KB`, `1.2 MB`."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
