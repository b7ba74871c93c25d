"""What became of an item: each submitted revision, what was decided on it, and what it changed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from outreach.items.labels import field_label
from outreach.items.model import Item, Kind, Revision, Stage
from outreach.items.rules import texts_of
from outreach.review.model import Decision

_CONTEXT_LINES: Final = 1


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a text that changed. `sign` is `+`, `-`, ` ` for one that stayed, `…` for some left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs from the revision before."""

    label: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One submitted revision. `changes` are those since the one before, none for the first."""

    number: int
    submitted_by: str
    submitted_at: datetime
    decisions: Sequence[Decision]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the review as the present revision stands to it."""

    stage: Stage
    is_present: bool
    decision: Decision | None


def steps_of(item: Item, decisions: Sequence[Decision]) -> list[Step]:
    """The stages in their order."""
    taken = {one.stage: one for one in decisions if one.revision == item.revision}
    return [Step(stage, item.stage is stage, taken.get(stage)) for stage in Stage]


def chapters_of(
    item: Item, revisions: Sequence[Revision], decisions: Sequence[Decision], names: Mapping[str, str]
) -> list[Chapter]:
    """The revisions, newest first. `names` are people's names by their ids."""
    before: dict[str, str] | None = None
    chapters: list[Chapter] = []
    for revision in revisions:
        texts = _texts(revision.snapshot)
        chapters.append(
            Chapter(
                number=revision.number,
                submitted_by=names.get(revision.submitted_by, ""),
                submitted_at=revision.submitted_at,
                decisions=[one for one in decisions if one.revision == revision.number],
                changes=changes_between(item.kind, before, texts) if before is not None else [],
            )
        )
        before = texts
    return chapters[::-1]


def changes_between(kind: Kind, before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The fields whose text differs, each with its changed lines."""
    fields = dict.fromkeys((*after, *before))
    return [
        Change(field_label(kind, field), _lines(before.get(field, ""), after.get(field, "")))
        for field in fields
        if before.get(field, "") != after.get(field, "")
    ]


def texts_by_field(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Every value of an item as text, by its dotted field: texts, numbers and days alike."""
    others = ("section", "origin", "formed_on")
    return {**texts_of(snapshot), **{name: str(snapshot[name]) for name in others if snapshot.get(name)}}


def _texts(snapshot: Mapping[str, Any]) -> dict[str, str]:
    return {**texts_by_field(snapshot), **_numbers("fields", snapshot.get("fields", {}))}


def _numbers(path: str, value: Any) -> dict[str, str]:
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping | list):
        return {}
    if isinstance(value, int | float):
        return {path: str(value)}
    inner = value.items() if isinstance(value, Mapping) else enumerate(value)
    return {name: text for key, one in inner for name, text in _numbers(f"{path}.{key}", one).items()}


def _lines(before: str, after: str) -> tuple[DiffLine, ...]:
    old, new = before.splitlines(), after.splitlines()
    lines: list[DiffLine] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT_LINES):
        if lines or group[0][1] > 0:
            lines.append(DiffLine("…", ""))
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                lines += [DiffLine(" ", line) for line in old[old_start:old_end]]
            else:
                lines += [DiffLine("-", line) for line in old[old_start:old_end]]
                lines += [DiffLine("+", line) for line in new[new_start:new_end]]
    return tuple(lines)
