"""What reached followers one by one: template, subscription, customer-service, preview and passive messages."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.clock import iso
from outreach.sandbox.context import Sandbox
from outreach.sandbox.store import Store

# How a notice came out, by the number that stands in the setting `notice_outcome`.
STATUSES: Final = ("success", "failed:user block", "failed: system failed")


def digest(kind: str, content: Mapping[str, Any], template_id: str | None = None) -> bytes:
    """What makes two messages the same to whoever reads them."""
    told = json.dumps([kind, template_id, content], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).digest()[:12]


def record(
    sandbox: Sandbox,
    appid: str,
    openid: str,
    kind: str,
    content: Mapping[str, Any],
    *,
    template_id: str | None = None,
    client_msg_id: str | None = None,
    outcome: int = 0,
    due_at: float | None = None,
) -> int:
    """Keeps a message; its id. With `due_at` an event about its delivery is told from then on."""
    return sandbox.store.run(
        "INSERT INTO message"
        " (account, openid, kind, template_id, content, digest, client_msg_id, outcome, at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        appid,
        openid,
        kind,
        template_id,
        json.dumps(content, ensure_ascii=False),
        digest(kind, content, template_id),
        client_msg_id,
        outcome,
        sandbox.clock(),
        due_at,
    )


def same_since(store: Store, openid: str, content: bytes, since: float) -> bool:
    """Whether the person got a message of that digest since then."""
    return bool(
        store.row("SELECT 1 FROM message WHERE openid = ? AND digest = ? AND at > ?", openid, content, since)
    )


def listed(store: Store, after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` messages after that id, oldest first."""
    rows = store.rows("SELECT * FROM message WHERE id > ? ORDER BY id LIMIT ?", after, limit)
    return [shown(row) for row in rows]


def summary(store: Store) -> dict[str, int]:
    """How many messages there are, and how often at most one follower was told the same thing."""
    return {
        "total": store.number("SELECT count(*) FROM message"),
        "greatest": store.number(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM message GROUP BY openid, digest)"
        ),
    }


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """A message as the control calls list it."""
    return {
        "id": row["id"],
        "account": row["account"],
        "openid": row["openid"],
        "kind": row["kind"],
        "template_id": row["template_id"],
        "content": json.loads(row["content"]),
        "client_msg_id": row["client_msg_id"],
        "status": STATUSES[row["outcome"]],
        "at": iso(row["at"]),
    }
