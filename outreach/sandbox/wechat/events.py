"""What a person does, told to the service: the sandbox's own state follows, then the push, then what came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import Sandbox
from outreach.sandbox.reading import row_id
from outreach.sandbox.wechat import (
    conversations,
    followers,
    mass_jobs,
    messages,
    notices,
    publishing,
    replies,
)
from outreach.sandbox.wechat.push import Delivery, deliver

# As WeChat spells them.
_NAMES: Final[Mapping[str, str]] = {
    name.lower(): name
    for name in ("CLICK", "VIEW", "SCAN", "LOCATION", "MASSSENDJOBFINISH", "PUBLISHJOBFINISH")
}


async def push(
    sandbox: Sandbox, account: WeChatAccount, kind: str, values: Mapping[str, Any]
) -> Delivery | None:
    """Pushes a text message or an event; `values` are the message's own fields, with `openid` and `content`.

    With `publish_id` or `msg_id` a finished job's event is told once more; None if there is no such job.
    """
    kind = _NAMES.get(kind.lower(), kind)
    if "publish_id" in values:
        return await publishing.tell(sandbox, row_id(values["publish_id"]))
    if "msg_id" in values:
        return await mass_jobs.tell(sandbox, row_id(values["msg_id"]))
    person = str(values.get("openid") or followers.openid(account, "reader"))
    _note(sandbox, account, person, kind, values)
    own = {name: value for name, value in values.items() if name not in ("openid", "content")}
    delivery = await deliver(sandbox, account, _message(sandbox, person, kind, values) | own)
    _keep_reply(sandbox, account, person, delivery)
    return delivery


def _message(sandbox: Sandbox, person: str, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    now = sandbox.clock()
    sender = {"FromUserName": person, "CreateTime": int(now)}
    if kind == "text":
        content = {"MsgType": "text", "Content": values.get("content", "")}
        return {**sender, **content, "MsgId": int(now * 10**6)}
    return {**sender, "MsgType": "event", "Event": kind}


def _note(
    sandbox: Sandbox, account: WeChatAccount, person: str, kind: str, values: Mapping[str, Any]
) -> None:
    """Whoever does anything but leave follows the account."""
    store, now = sandbox.store, sandbox.clock()
    if kind == "unsubscribe":
        followers.unfollow(store, account, person)
        conversations.close_windows(store, account, person)
        return
    followers.follow(store, account, person, now)
    conversations.open_window(store, account, person, kind, now)
    notices.note_consent(store, account, person, kind, values)


def _keep_reply(sandbox: Sandbox, account: WeChatAccount, person: str, delivery: Delivery) -> None:
    """A reply reaches the person whom it answers, nobody else."""
    reply = replies.read(account, delivery.answer) if delivery.delivered and delivery.answer else None
    if reply and reply["ToUserName"] == person:
        said = {name: value for name, value in reply.items() if name not in ("ToUserName", "FromUserName")}
        messages.record(sandbox, account.appid, person, "passive", said)
