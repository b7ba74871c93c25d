"""What the doctor's checks are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from outreach.office.context import Office


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is missing or wrong, and how to mend it: one line each (Chinese)."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `name` stays the same for programs; `label` and `note` are for people."""

    name: str
    label: str
    find: Callable[[Office], Awaitable[list[Complaint]]]
    note: str = ""
