"""Notices to one person, whose arrival is told later by an event (TEMPLATESENDJOBFINISH, subscribe_msg_sent_event).

One task tells what is due, a bounded number at a time, however many wait: a hundred thousand notices are rows, not
tasks.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.context import Sandbox
from outreach.sandbox.wechat import messages
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.push import deliver

_AT_ONCE: Final = 64
_LOOK_AGAIN_S: Final = 0.1


def send(
    call: Call,
    person: str,
    kind: str,
    content: Mapping[str, Any],
    *,
    template_id: str,
    client_msg_id: str | None = None,
) -> int:
    """Sends a notice and plans the event that tells how it went; the message's id."""
    sandbox, settings = call.sandbox, call.sandbox.settings()
    told = sandbox.accounts.callback_url(call.account) is not None
    msg_id = messages.record(
        sandbox,
        call.appid,
        person,
        kind,
        content,
        template_id=template_id,
        client_msg_id=client_msg_id,
        outcome=int(settings["notice_outcome"]),
        due_at=call.now + settings["publish_delay_s"] if told else None,
    )
    wake(sandbox)
    return msg_id


def wake(sandbox: Sandbox) -> None:
    """Sees to it that what is due will be told."""
    if sandbox.teller is None or sandbox.teller.done():
        sandbox.teller = sandbox.spawn(_tell_due(sandbox))


async def _tell_due(sandbox: Sandbox) -> None:
    """Tells until nothing waits any more."""
    while due_at := _next_due(sandbox):
        await asyncio.sleep(min(_LOOK_AGAIN_S, max(0.0, due_at - sandbox.clock())))
        rows = sandbox.store.rows(
            "SELECT * FROM message WHERE due_at <= ? ORDER BY due_at LIMIT ?", sandbox.clock(), _AT_ONCE
        )
        await asyncio.gather(*(_tell(sandbox, row) for row in rows))


def _next_due(sandbox: Sandbox) -> float | None:
    row = sandbox.store.row("SELECT min(due_at) FROM message WHERE due_at NOTNULL")
    return row[0] if row else None


async def _tell(sandbox: Sandbox, row: sqlite3.Row) -> None:
    account = sandbox.accounts.wechat(row["account"])
    if account is not None:
        sender = {"FromUserName": row["openid"], "CreateTime": int(sandbox.clock()), "MsgType": "event"}
        await deliver(sandbox, account, sender | _event(row))
    sandbox.store.run("UPDATE message SET due_at = NULL WHERE id = ?", row["id"])


def _event(row: sqlite3.Row) -> dict[str, Any]:
    status = messages.STATUSES[row["outcome"]]
    if row["kind"] == "template":
        return {"Event": "TEMPLATESENDJOBFINISH", "MsgID": row["id"], "Status": status}
    sent = {
        "TemplateId": row["template_id"],
        "MsgID": row["id"],
        "ErrorCode": row["outcome"],
        "ErrorStatus": status,
    }
    return {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": sent}}
