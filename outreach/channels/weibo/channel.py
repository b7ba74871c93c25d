"""A Weibo account: statuses/share, and the timeline to look whether a status is there.

open.weibo.com/wiki/2/statuses/{share,user_timeline}. share is the one write call open to ordinary apps;
it has no idempotency key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import aiohttp

from outreach.channels.budget_rules import CALLS, STATUSES
from outreach.channels.credentials import WeiboCredentials
from outreach.channels.http import UPLOAD_TIMEOUT_S, Answer, AnswerLost, Transport
from outreach.channels.model import ChannelName
from outreach.channels.protocol import (
    ByHand,
    Gone,
    Look,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    Progress,
    Quota,
    Receipt,
    Rendition,
    Status,
    Takedown,
    Trace,
)
from outreach.channels.rules import BY_HAND
from outreach.channels.weibo.errors import error_for, share_error_for
from outreach.channels.weibo.timeline import look_among, published
from outreach.foundation.media import MediaStore

Members = dict[str, Any]


class WeiboChannel:
    """One account, authorised for our app. It publishes at once or not at all."""

    def __init__(
        self, transport: Transport, base_url: str, credentials: WeiboCredentials, media: MediaStore
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._media = media

    @property
    def can_publish(self) -> bool:
        """Whether it is authorised."""
        return bool(self._credentials.access_token)

    async def quotas(self, names: Collection[str]) -> Mapping[str, Quota]:
        """account/rate_limit_status: what this user may call, and how often statuses/share. The user's number is
        taken for a day's whatever unit is told, which is right or too few. Raises ChannelError."""
        address = f"{self._base_url}/2/account/rate_limit_status.json"
        try:
            told = _without_error(await self._transport.get(address, {"access_token": self._access_token}))
        except AnswerLost as lost:
            raise NotSent("没有收到微博的答复。", code=str(lost)) from None
        found = {CALLS.name: _quota(told.get("user_limit"), told.get("remaining_user_hits"))}
        for one in told.get("api_rate_limits") or []:
            if one.get("api") == "/statuses/share" and one.get("limit_time_unit") == "HOURS":
                found[STATUSES.name] = _quota(one.get("limit"), one.get("remaining_hits"))
        return {name: quota for name, quota in found.items() if quota is not None and name in names}

    async def publish(self, rendition: Rendition, progress: Progress) -> Receipt:
        """Shares the status, with its picture. Raises ChannelError."""
        status = _status(rendition)
        resumed = progress.release_began
        form = await self._form(status)
        await progress.remember_release()
        try:
            answer = await self._transport.post(
                f"{self._base_url}/2/statuses/share.json", form, timeout_s=UPLOAD_TIMEOUT_S
            )
            members = answer.members()
        except AnswerLost as lost:
            raise OutcomeUnknown(
                "没有收到微博的答复，可能已经发出，需要核对后再决定是否重发。", code=str(lost)
            ) from None
        if code := _error_code(members):
            raise share_error_for(code, str(members.get("error", "")), resumed=resumed)
        if not members.get("idstr"):
            raise OutcomeUnknown("微博的答复中没有微博编号，需要核对后再决定是否重发。", code="no-idstr")
        return published(members, self._uid)

    async def look(self, rendition: Rendition, trace: Trace) -> Look:
        """Among the five latest statuses of our app, which are all that the timeline shows. Where they reach
        back to before the call and it is not among them, it is not there. Raises ChannelError."""
        return look_among(await self.timeline(), _status(rendition).text, trace, self._uid)

    async def withdraw(self, takedown: Takedown) -> Gone | ByHand:
        """statuses/destroy is closed to ordinary apps: a person deletes it."""
        return ByHand(BY_HAND[ChannelName.WEIBO])

    async def timeline(self) -> list[Members]:
        """The latest statuses of our app, as user_timeline tells them. Raises ChannelError."""
        query = {"access_token": self._access_token, "uid": self._uid, "base_app": "1", "trim_user": "1"}
        try:
            answer = await self._transport.get(f"{self._base_url}/2/statuses/user_timeline.json", query)
            members = _without_error(answer)
        except AnswerLost as lost:
            raise NotSent("没有收到微博的答复，稍后自动重试。", code=str(lost)) from None
        statuses: list[Members] = members.get("statuses", [])
        return statuses

    async def _form(self, status: Status) -> Mapping[str, str] | aiohttp.FormData:
        fields = {"access_token": self._access_token, "status": status.text, "rip": self._rip}
        if status.picture is None:
            return fields
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        content = await self._media.read(status.picture.sha256)
        form.add_field("pic", content, filename=status.picture.name, content_type=status.picture.media_type)
        return form

    @property
    def _access_token(self) -> str:
        return _given(self._credentials.access_token, "账号尚未授权。请管理员在“账号”中授权。")

    @property
    def _uid(self) -> str:
        return _given(self._credentials.uid, "账号尚未授权。请管理员在“账号”中授权。")

    @property
    def _rip(self) -> str:
        return _given(self._credentials.rip, "账号没有录入操作者的公网 IP（rip）。请管理员补录。")


def _status(rendition: Rendition) -> Status:
    if not isinstance(rendition, Status):
        raise TypeError("Weibo takes a Status")
    return rendition


def _given(value: str | None, sentence: str) -> str:
    if not value:
        raise NeedsOperator(sentence, code="credentials")
    return value


def _without_error(answer: Answer) -> Members:
    members = answer.members()
    if code := _error_code(members):
        raise error_for(code, str(members.get("error", "")))
    return members


def _quota(limit: object, left: object) -> Quota | None:
    """None where the two numbers are not told, or say that nothing at all is allowed."""
    if not isinstance(limit, int) or not isinstance(left, int) or limit <= 0:
        return None
    return Quota(limit, max(0, limit - left))


def _error_code(members: Members) -> int:
    return int(members.get("error_code", 0))
