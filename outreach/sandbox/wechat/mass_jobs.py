"""What becomes of a mass message: its quota, its recipients, its end, and the event that tells of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import Sandbox
from outreach.sandbox.store import Store, Value
from outreach.sandbox.wechat import permalinks
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.followers import openid
from outreach.sandbox.wechat.push import Delivery, deliver

SENDING: Final = "SENDING"
SUCCESS: Final = "SEND_SUCCESS"
FAILED: Final = "SEND_FAIL"
DELETED: Final = "DELETE"

# CheckState of the copyright check: 1 no reprint, 2 a reprint that may be sent, 3 one that may not.
_CHECK_STATES: Final[Mapping[int, int]] = {30003: 2, 30002: 3}
_HAS_QUOTA: Final = "NOT (month IS ? AND pushed >= ?)"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a mass message is for: the followers of a tag, those named, or all."""

    tag: int | None = None
    openids: tuple[str, ...] | None = None

    @property
    def to_all(self) -> bool:
        """Whether it is for everyone."""
        return self.tag is None and self.openids is None

    def shown(self) -> dict[str, Any]:
        """As it is kept and listed."""
        if self.openids is not None:
            return {"openids": list(self.openids)}
        return {"is_to_all": True} if self.tag is None else {"tag_id": self.tag}

    def condition(self, appid: str) -> tuple[str, tuple[Value, ...]]:
        """What is true of the followers, as SQL with its values."""
        if self.openids is not None:
            named = "openid IN (SELECT value FROM json_each(?))"
            return f"account = ? AND subscribed AND {named}", (appid, json.dumps(self.openids))
        if self.tag is not None:
            tagged = "position IN (SELECT follower FROM tagged WHERE tag = ?)"
            return f"account = ? AND subscribed AND {tagged}", (appid, self.tag)
        return "account = ? AND subscribed", (appid,)


def size(store: Store, appid: str, target: Target) -> int:
    """How many followers the target has."""
    condition, values = target.condition(appid)
    return store.number(f"SELECT count(*) FROM follower WHERE {condition}", *values)  # noqa: S608 - our own


def check_quota(call: Call, target: Target) -> None:
    """A subscription account has one successful mass message a day; a service account's followers get four a
    month each, and so has a message to all. Raises WeChatError (45028)."""
    limits, day = call.account.limits, clock.day(call.now)
    if call.account.type != "service":
        if _sent(call, "day = ?", day) >= limits["mass_per_day"]:
            raise WeChatError(45028)
        return
    if target.to_all and _sent(call, "to_all AND substr(day, 1, 7) = ?", day[:7]) >= limits["mass_per_month"]:
        raise WeChatError(45028)
    if size(call.store, call.appid, target) and not _somebody_left(call, target):
        raise WeChatError(45028)


def start(sandbox: Sandbox, msg_id: int) -> None:
    """Sees to the end of an accepted job."""
    sandbox.spawn(_finish(sandbox, msg_id))


def resume(sandbox: Sandbox) -> None:
    """Goes on with every job that a kill interrupted, its event included."""
    for row in sandbox.store.rows("SELECT msg_id FROM mass WHERE told = 0"):
        start(sandbox, row["msg_id"])


async def tell(sandbox: Sandbox, msg_id: int) -> Delivery | None:
    """Pushes MASSSENDJOBFINISH of a finished job; None if there is no such."""
    row = sandbox.store.row("SELECT * FROM mass WHERE msg_id = ? AND status != ?", msg_id, SENDING)
    account = sandbox.accounts.wechat(row["account"]) if row else None
    if row is None or account is None:
        return None
    return await deliver(sandbox, account, _event(sandbox, account, row))


def pushes(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every mass message, oldest first, with its articles."""
    return [_shown(row) for row in sandbox.store.rows("SELECT * FROM mass ORDER BY msg_id")]


async def _finish(sandbox: Sandbox, msg_id: int) -> None:
    """Waits until the job is due, ends it, and tells the service."""
    row = sandbox.store.row("SELECT * FROM mass WHERE msg_id = ?", msg_id)
    if row is None:
        return
    await asyncio.sleep(max(0.0, row["due_at"] - sandbox.clock()))
    if row["status"] == SENDING:
        _end(sandbox, row)
    await tell(sandbox, msg_id)
    sandbox.store.run("UPDATE mass SET told = 1 WHERE msg_id = ?", msg_id)


def _end(sandbox: Sandbox, row: sqlite3.Row) -> None:
    """The message reaches whoever has not had all of the month's yet; a refused one goes back to the drafts."""
    store, now, account = sandbox.store, sandbox.clock(), sandbox.accounts.wechat(row["account"])
    total = sent = 0
    with store.transaction():
        if row["outcome"] and row["articles"] != "[]":
            store.run(
                "INSERT INTO draft (media_id, account, articles, updated_at) VALUES (?, ?, ?, ?)",
                json.loads(row["content"])["media_id"],
                row["account"],
                row["articles"],
                now,
            )
        if not row["outcome"] and account:
            target = _target(row)
            total, sent = size(store, account.appid, target), _reach(store, account, target, now)
        store.run(
            "UPDATE mass SET status = ?, finished_at = ?, total = ?, sent = ? WHERE msg_id = ?",
            FAILED if row["outcome"] else SUCCESS,
            now,
            total,
            sent,
            row["msg_id"],
        )


def _reach(store: Store, account: WeChatAccount, target: Target, now: float) -> int:
    """Counts the message for each follower whom it reaches; how many these are."""
    condition, values = target.condition(account.appid)
    month = clock.month(now)
    return store.change(
        "UPDATE follower SET pushed = CASE WHEN month IS ? THEN pushed + 1 ELSE 1 END, month = ?"  # noqa: S608
        f" WHERE {condition} AND NOT blocked AND {_HAS_QUOTA}",
        month,
        month,
        *values,
        month,
        _per_follower(account),
    )


def _per_follower(account: WeChatAccount) -> int:
    return account.limits["mass_per_month"] if account.type == "service" else sys.maxsize


def _somebody_left(call: Call, target: Target) -> bool:
    condition, values = target.condition(call.appid)
    return bool(
        call.store.row(
            f"SELECT 1 FROM follower WHERE {condition} AND {_HAS_QUOTA} LIMIT 1",  # noqa: S608 - our own
            *values,
            clock.month(call.now),
            _per_follower(call.account),
        )
    )


def _sent(call: Call, when: str, value: str) -> int:
    """How many messages were sent, or are under way, in that time."""
    return call.store.number(
        f"SELECT count(*) FROM mass WHERE account = ? AND {when} AND status != ?",  # noqa: S608 - our own
        call.appid,
        value,
        FAILED,
    )


def _target(row: sqlite3.Row) -> Target:
    kept = json.loads(row["target"])
    openids = kept.get("openids")
    return Target(tag=kept.get("tag_id"), openids=tuple(openids) if openids is not None else None)


def _event(sandbox: Sandbox, account: WeChatAccount, row: sqlite3.Row) -> dict[str, Any]:
    event = {
        "FromUserName": openid(account, "mass helper"),
        "CreateTime": int(row["finished_at"]),
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": row["msg_id"],
        "Status": f"err({row['outcome']})" if row["outcome"] else "send success",
        "TotalCount": row["total"],
        "FilterCount": row["sent"],
        "SentCount": row["sent"],
        "ErrorCount": 0,
    }
    if row["msgtype"] == "mpnews":
        event["CopyrightCheckResult"] = _copyright(row, int(sandbox.settings()["mass_reprint"]))
    if row["msgtype"] == "mpnews" and not row["outcome"]:
        links = permalinks.links(row)
        items = [{"ArticleIdx": each["idx"], "ArticleUrl": each["article_url"]} for each in links]
        event["ArticleUrlResult"] = {"Count": len(items), "ResultList": {"item": items}}
    return event


def _copyright(row: sqlite3.Row, only: int) -> dict[str, Any]:
    """The check of the originals; a reprint concerns every article of the message, or `only` that one."""
    state = _CHECK_STATES.get(row["outcome"])
    links = [each for each in permalinks.links(row) if state and only in (0, each["idx"])]
    items = [
        {
            "ArticleIdx": each["idx"],
            "UserDeclareState": 0,
            "AuditState": 2,
            "OriginalArticleUrl": each["article_url"],
            "OriginalArticleType": 1,
            "CanReprint": int(state == 2),
            "NeedReplaceContent": 1,
            "NeedShowReprintSource": 1,
        }
        for each in links
    ]
    return {"Count": len(items), "ResultList": {"item": items}, "CheckState": state or 1}


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["msg_id"],
        "account": row["account"],
        "client_msg_id": row["client_msg_id"],
        "target": json.loads(row["target"]),
        "msgtype": row["msgtype"],
        "content": json.loads(row["content"]),
        "status": row["status"],
        "error": row["outcome"],
        "total": row["total"],
        "sent": row["sent"],
        "at": clock.iso(row["accepted_at"]),
        "finished_at": clock.iso(row["finished_at"]) if row["finished_at"] else None,
        "articles": [
            {
                name: each[name]
                for name in ("title", "digest", "content", "url", "is_deleted", "thumb_media_id")
            }
            for each in permalinks.news(row)
        ],
    }
