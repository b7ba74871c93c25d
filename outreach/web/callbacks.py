"""WeChat's server push. What it says is committed before it is told `success`; an error makes it send again."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from prometheus_client import Counter

from outreach.channels.credentials import WeChatCredentials, open_credentials
from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import find_accounts
from outreach.channels.service import is_callback_old, note_callback
from outreach.channels.wechat.callback import (
    Message,
    PublishFinished,
    PushFinished,
    read_message,
    verify_url,
)
from outreach.channels.wechat.messages import KNOWN_KINDS, FollowerMessage
from outreach.channels.wechat.pushed_xml import BadCallback
from outreach.foundation.problems import NotFound, TooLarge
from outreach.office.receive_event import receive_publish_finished
from outreach.office.receive_message import receive_message
from outreach.office.settle_editions import receive_push_finished
from outreach.web import keys
from outreach.web.api.reading import path_id

CALLBACKS: Final = Counter("outreach_callbacks_total", "What WeChat pushed, by kind", ["kind"])
REFUSED: Final = Counter(
    "outreach_callbacks_refused_total",
    "What was sent to the callback address and refused, by reason",
    ["reason"],
)
BODY_LIMIT: Final = (
    128 * 1024
)  # bytes; WeChat's longest, a push of eight articles, has less than ten thousand


async def verify(request: web.Request) -> web.Response:
    """GET /callbacks/wechat/{id}: WeChat checks the address; the answer is the bare echostr."""
    account, credentials = await _account(request)
    try:
        echo = verify_url(credentials, request.query)
    except BadCallback as problem:
        return _refused(problem)
    await _note(request, account)
    return web.Response(text=echo)


async def receive(request: web.Request) -> web.Response:
    """POST /callbacks/wechat/{id}: a message or an event."""
    office = keys.office_of(request)
    account, credentials = await _account(request)
    try:
        message = read_message(credentials, request.query, await _body(request))
    except (BadCallback, TooLarge) as problem:
        return _refused(problem)
    await _note(request, account)
    match message:
        case PublishFinished():
            await receive_publish_finished(office, account.id, message)
        case PushFinished():
            await receive_push_finished(office, account.id, message)
        case FollowerMessage():
            await receive_message(office, account.id, message)
            await request.app[keys.CONVERSE]()
    CALLBACKS.labels(_kind(message)).inc()
    return web.Response(text="success")


async def _note(request: web.Request, account: Account) -> None:
    if is_callback_old(account):
        async with keys.office_of(request).db.begin() as session:
            await note_callback(session, account.id)


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_LIMIT or len(body := await request.read()) > BODY_LIMIT:
        raise TooLarge(f"推送内容超过 {BODY_LIMIT // 1024} KB。")
    return body


def _refused(problem: BadCallback | TooLarge) -> web.Response:
    """A machine reads it, and anybody may send it: it gets no page."""
    CALLBACKS.labels("refused").inc()
    REFUSED.labels("size" if isinstance(problem, TooLarge) else problem.reason).inc()
    return web.Response(text=problem.detail, status=problem.status)


def _kind(message: Message) -> str:
    if isinstance(message, PublishFinished):
        return "PUBLISHJOBFINISH"
    if isinstance(message, PushFinished):
        return "MASSSENDJOBFINISH"
    return message.kind if message.kind in KNOWN_KINDS else "other"


async def _account(request: web.Request) -> tuple[Account, WeChatCredentials]:
    office = keys.office_of(request)
    account = await office.db.read_together(find_accounts, path_id(request))
    if account is None or account.channel is not ChannelName.WECHAT or not account.active:
        raise NotFound("没有这个公众号。")
    return account, open_credentials(office.sealer, account, WeChatCredentials)
