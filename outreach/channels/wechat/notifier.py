"""Followers told one by one: message/template/send, message/subscribe/bizsend, message/custom/send.

What is the same for all recipients is encoded once; a call costs little more than the HTTP client does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from outreach.channels.http import AnswerLost
from outreach.channels.notice_protocol import (
    NoticeAnswer,
    NoticeCall,
    NoticeSender,
    NoticeWords,
    Reaction,
    TemplateField,
    TemplateShape,
)
from outreach.channels.protocol import ChannelError, NeedsOperator, NotSent, OutcomeUnknown, QuotaSpent
from outreach.channels.wechat.api import Members, WeChatApi
from outreach.channels.wechat.errors import NOT_AUTHORISED, error_for
from outreach.channels.wechat.notice_codes import reaction_to

PATHS: Final[Mapping[NoticeCall, str]] = {
    NoticeCall.TEMPLATE: "/cgi-bin/message/template/send",
    NoticeCall.SUBSCRIPTION: "/cgi-bin/message/subscribe/bizsend",
    NoticeCall.CUSTOMER: "/cgi-bin/message/custom/send",
}
_LASTING: Final = 3
_LOST: Final = "没有收到微信的答复，可能已经发出。"
# 模板内容: a line for each field, `事项名称:{{thing1.DATA}}`; a line may also hold fixed words alone.
_FIELD: Final = re.compile(r"(?P<label>[^\n{}]*?)[:：]?\s*\{\{\s*(?P<name>\w+)\.DATA\s*\}\}")


class WeChatNotifier:
    """One account."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    async def shapes(self) -> Sequence[TemplateShape]:
        """template/get_all_private_template and newtmpl/gettemplate. Raises ChannelError."""
        templates = await self._listed("/cgi-bin/template/get_all_private_template", "template_list")
        notices = await self._listed("/wxaapi/newtmpl/gettemplate", "data")
        return [
            *(_shape(NoticeCall.TEMPLATE, "template_id", one) for one in templates),
            *(_shape(NoticeCall.SUBSCRIPTION, "priTmplId", one) for one in notices),
        ]

    def sender(self, words: NoticeWords, client_msg_id: str) -> NoticeSender:
        """The way to send `words`."""
        return _Sender(self._api, words.call, _body(words, client_msg_id))

    async def _listed(self, path: str, name: str) -> list[Members]:
        """None for an account that has no right to the call."""
        try:
            listed: list[Members] = (await self._api.get(path, {}, name))[name]
        except NeedsOperator as error:
            if error.code != str(NOT_AUTHORISED):
                raise
            return []
        return listed


class _Sender:
    def __init__(self, api: WeChatApi, call: NoticeCall, body: Mapping[str, Any]) -> None:
        self._api = api
        self._call = call
        self._path = PATHS[call]
        self._rest = b"," + json.dumps(body, ensure_ascii=False).encode()[1:]

    async def send(self, openid: str) -> NoticeAnswer:
        """One call."""
        body = b'{"touser":' + json.dumps(openid).encode() + self._rest
        try:
            members = await self._api.tell(self._path, body)
        except AnswerLost:
            return NoticeAnswer(Reaction.LOST, message=_LOST)
        except ChannelError as error:
            return _of_error(error)
        code = int(members.get("errcode", 0))
        if code == 0:
            return NoticeAnswer(Reaction.SENT, 0, int(members.get("msgid", 0)))
        told = error_for(code, str(members.get("errmsg", "")))
        return NoticeAnswer(reaction_to(self._call, code), code, 0, told.message, told.retry_after_s or 0.0)


def _of_error(error: ChannelError) -> NoticeAnswer:
    """What went wrong on the way to the call: no connection, or no token."""
    match error:
        case NotSent():
            reaction = Reaction.NOT_SENT
        case QuotaSpent():
            reaction = Reaction.SPENT
        case OutcomeUnknown():
            reaction = Reaction.LOST
        case _:
            reaction = Reaction.STOPPED
    code = error.code or ""
    number = int(code) if code.lstrip("-").isdigit() else 0
    return NoticeAnswer(reaction, number, 0, error.message, error.retry_after_s or 0.0)


def _body(words: NoticeWords, client_msg_id: str) -> dict[str, Any]:
    if words.call is NoticeCall.CUSTOMER:
        return {"msgtype": "text", "text": {"content": f"{words.text}\n{words.url}"}}
    data = {name: {"value": value} for name, value in words.data.items()}
    if words.call is NoticeCall.SUBSCRIPTION:
        return {"template_id": words.template_id, "page": words.url, "data": data}
    return {
        "template_id": words.template_id,
        "url": words.url,
        "data": data,
        "client_msg_id": client_msg_id,
    }


def _shape(call: NoticeCall, id_name: str, told: Mapping[str, Any]) -> TemplateShape:
    found = [(one["label"].strip(), one["name"]) for one in _FIELD.finditer(told["content"])]
    fields = tuple(TemplateField(name, label or name) for label, name in found)
    return TemplateShape(call, told[id_name], told["title"], fields, told.get("type") == _LASTING)
