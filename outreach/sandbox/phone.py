"""What a person does on the phone of the sandbox's page: writes to the account, presses a button of its menu."""

from __future__ import annotations

from aiohttp import web

from outreach.sandbox.context import SANDBOX
from outreach.sandbox.conversation import Conversation, conversation_of, cookie_of
from outreach.sandbox.wechat import events


async def take(request: web.Request) -> web.Response:
    """POST /phone/person: from now on the phone is that person's."""
    conversation = _conversation(request)
    person = str((await request.post()).get("person", ""))
    response = _back()
    if person in conversation.people:
        response.set_cookie(cookie_of(conversation.account), person, httponly=True, samesite="Lax")
    return response


async def say(request: web.Request) -> web.Response:
    """POST /phone/say: a text message."""
    words = str((await request.post()).get("words", "")).strip()
    if words:
        await _push(request, "text", content=words)
    return _back()


async def press(request: web.Request) -> web.Response:
    """POST /phone/press: a button that tells the service its key."""
    await _push(request, "CLICK", EventKey=str((await request.post()).get("key", "")))
    return _back()


async def _push(request: web.Request, kind: str, **values: str) -> None:
    conversation = _conversation(request)
    told = {"openid": conversation.person, **values}
    await events.push(request.app[SANDBOX], conversation.account, kind, told)


def _conversation(request: web.Request) -> Conversation:
    conversation = conversation_of(request)
    if conversation is None:
        raise web.HTTPNotFound(text="没有公众号。")
    return conversation


def _back() -> web.Response:
    return web.Response(status=303, headers={"Location": "/#messages"})
