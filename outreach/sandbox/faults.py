"""Faults that are to strike: a lost answer, a slow one, an outage, an error code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final

from outreach.sandbox.store import Store

ACTIONS: Final = ("drop_after", "drop_before", "delay", "http", "errcode")
_LONGEST_DELAY_S: Final = 3600
_VALUES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "delay": lambda value: _is(value, int | float) and 0 <= value <= _LONGEST_DELAY_S,
    "http": lambda value: _is(value, int) and 200 <= value < 600,
    "errcode": lambda value: _is(value, int) and abs(value) < 10**9,
}
"""Which values an action takes; the other actions take none."""
_MOST_TIMES: Final = 10**9


class FaultInvalidError(Exception):
    """A posted fault lacks a path, an action or a value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One strike: `value` is seconds (delay), an HTTP status (http) or an error code (errcode)."""

    path: str
    action: str
    value: float | None = None


def listed(store: Store) -> list[dict[str, Any]]:
    """Every fault that was set, oldest first, with `left`, how often it is still to strike."""
    return [
        {
            "id": row["id"],
            "path": row["path"],
            "action": row["action"],
            "value": json.loads(row["value"]),
            "left": row["remaining"],
        }
        for row in store.rows("SELECT * FROM fault ORDER BY id")
    ]


def place(store: Store, values: Mapping[str, Any]) -> None:
    """Sets a fault, or with `times` 0 removes those of its path (and action, if named). Raises FaultInvalidError."""
    path, action, times = values.get("path"), values.get("action"), values.get("times", 1)
    if not isinstance(path, str) or not path.startswith("/"):
        raise FaultInvalidError("path")
    if not _is(times, int) or not 0 <= times <= _MOST_TIMES:
        raise FaultInvalidError("times")
    if action not in ACTIONS and not (times == 0 and action is None):
        raise FaultInvalidError(f"action is one of {', '.join(ACTIONS)}")
    if times == 0:
        store.run("DELETE FROM fault WHERE path = ? AND action = coalesce(?, action)", path, action)
        return
    value = values.get("value") if action in _VALUES else None
    if action in _VALUES and not _VALUES[action](value):
        raise FaultInvalidError(f"value of {action}")
    store.run(
        "INSERT INTO fault (path, action, value, remaining) VALUES (?, ?, ?, ?)",
        path,
        action,
        json.dumps(value),
        times,
    )


def next_strike(store: Store, path: str) -> Fault | None:
    """Takes one strike of the oldest fault of exactly this path."""
    row = store.row("SELECT * FROM fault WHERE path = ? AND remaining > 0 ORDER BY id LIMIT 1", path)
    if row is None:
        return None
    store.run("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", row["id"])
    return Fault(path, row["action"], json.loads(row["value"]))


def _is(value: object, kind: type | UnionType) -> bool:
    """Whether it is a number of that kind; a truth value is none."""
    return isinstance(value, kind) and not isinstance(value, bool)
