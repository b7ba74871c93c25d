"""Rows of figures added up by one of the things that they are told apart by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.channels.rules import CHANNEL_LABELS
from outreach.items.labels import KIND_LABELS
from outreach.statistics.queries import MonthRow
from outreach.statistics.queries.month import total_of

GROUPS: Final[Mapping[str, str]] = {
    "channel": "渠道",
    "account": "账号",
    "kind": "类别",
    "section": "科室",
}
"""What rows are added up by, and what it is called."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one channel, account, kind or section, whose `key` (an id or a value) is called `label`."""

    key: str
    label: str
    original: int
    repost: int
    withdrawn: int


def grouped(rows: Sequence[MonthRow], name: str) -> list[Group]:
    """The rows added up by `name`, one of `GROUPS`, in their order."""
    labels = {str(getattr(row, name)): _label(row, name) for row in rows}
    return [
        Group(key, label, **total_of(row for row in rows if str(getattr(row, name)) == key))
        for key, label in labels.items()
    ]


def _label(row: MonthRow, name: str) -> str:
    if name == "channel":
        return CHANNEL_LABELS[row.channel]
    if name == "kind":
        return KIND_LABELS[row.kind]
    return row.account_name if name == "account" else row.section
