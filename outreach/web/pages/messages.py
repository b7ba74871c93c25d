"""/messages: what followers wrote, for the eyes of those whose work it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.channels.follower_protocol import NewsAnswer
from outreach.channels.model import ChannelName
from outreach.channels.queries import list_accounts
from outreach.followers.conversations.model import ReplyState
from outreach.office.read_inbox import read_inbox
from outreach.web import keys
from outreach.web.rendering import render

_ROWS: Final = 50
_LONGEST_CURSOR: Final = 18

KIND_LABELS: Final[Mapping[str, str]] = {
    "text": "文字",
    "image": "图片",
    "voice": "语音",
    "video": "视频",
    "shortvideo": "小视频",
    "location": "位置",
    "link": "链接",
}
REPLY_LABELS: Final[Mapping[ReplyState, str]] = {
    ReplyState.PLANNED: "待发送",
    ReplyState.SENDING: "发送中",
    ReplyState.SENT: "已发送",
    ReplyState.UNCERTAIN: "不知道是否送达",
    ReplyState.FAILED: "没有送达",
}


async def show(request: web.Request) -> web.Response:
    """GET /messages?account=&reports=&cursor="""
    office, query = keys.office_of(request), request.query
    account_id, reports = query.get("account", "").replace("\x00", ""), query.get("reports") == "1"
    async with office.db.read() as session:
        letters, cursor = await read_inbox(
            office,
            session,
            keys.person_of(request),
            account_id=account_id or None,
            reports_only=reports,
            limit=_ROWS,
            before=_cursor(query.get("cursor", "")),
        )
        accounts = [one for one in await list_accounts(session) if one.channel is ChannelName.WECHAT]
    chosen = {"account": account_id, "reports": "1" if reports else ""}
    context = {
        "letters": letters,
        "accounts": [(one.id, one.name) for one in accounts],
        "names": {one.id: one.name for one in accounts},
        "chosen": chosen,
        "is_first": "cursor" not in query,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": cursor}) if cursor else "",
        "KIND_LABELS": KIND_LABELS,
        "REPLY_LABELS": REPLY_LABELS,
        "days": (keys.visit_of(request)).settings.messages_kept_days,
        "is_news": lambda answer: isinstance(answer, NewsAnswer),
    }
    return render(request, "messages/list.html", context)


def _cursor(typed: str) -> int | None:
    is_number = typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST_CURSOR
    return int(typed) if is_number else None
