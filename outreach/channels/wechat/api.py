"""Calls to one WeChat account (developers.weixin.qq.com/doc/service/api): tokens, errors, JSON, uploads.

Errors come as HTTP 200 with an `errcode`; what went well often has none. Bodies go out as UTF-8 without
`\\u` escapes, which WeChat would count and show as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from yarl import URL

from outreach.channels.credentials import WeChatCredentials
from outreach.channels.http import UPLOAD_TIMEOUT_S, Answer, AnswerLost, Transport
from outreach.channels.protocol import NotSent, OutcomeUnknown
from outreach.channels.tokens import Issued, SharedToken
from outreach.channels.wechat.errors import (
    OF_DELETE,
    OF_STABLE_TOKEN,
    OF_SUBMIT,
    STALE_TOKEN,
    Meaning,
    error_for,
)
from outreach.foundation.database import Database
from outreach.foundation.seal import Sealer

_JSON: Final = "application/json; charset=utf-8"
_HEADERS: Final = {"Content-Type": _JSON}
_LOST: Final = "没有收到微信的答复，这一步没有办成，稍后自动重试。"

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload. WeChat goes by the ending of `name`."""

    name: str
    media_type: str
    content: bytes


class WeChatApi:
    """One account. A token that WeChat no longer takes is renewed once a call."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        credentials: WeChatCredentials,
        *,
        db: Database,
        sealer: Sealer,
        account_id: str,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._told_last: tuple[str, str, URL] | None = None
        self._token = SharedToken(db, sealer, account_id, self._stable_token)

    async def check(self) -> None:
        """Asks for a token, which proves AppID, AppSecret and IP list. Raises ChannelError."""
        await self._stable_token(False)

    async def post(self, path: str, members: Mapping[str, Any], promised: str) -> Members:
        """A call that publishes nothing: a lost answer is NotSent, since it may be repeated. `promised` is the
        member without which the answer is worth nothing, here and below."""
        try:
            return await self._call(self._sender(path, members), promised)
        except AnswerLost as lost:
            raise NotSent(_LOST, code=str(lost)) from None

    async def get(self, path: str, query: Mapping[str, str], promised: str) -> Members:
        """A call that only reads: a lost answer is NotSent."""

        async def send(token: str) -> Answer:
            return await self._transport.get(self._base_url + path, {**query, "access_token": token})

        try:
            return await self._call(send, promised)
        except AnswerLost as lost:
            raise NotSent(_LOST, code=str(lost)) from None

    async def tell(self, path: str, body: bytes) -> Members:
        """A call of which there are very many, with its body as it goes out; the answer as it came, with its
        `errcode`. Raises AnswerLost; ChannelError where it did not come to the call."""
        token = await self._token.current()
        members = (await self._tell(path, body, token)).members()
        if members.get("errcode", 0) in STALE_TOKEN:
            members = (await self._tell(path, body, await self._token.renewed(token))).members()
        return members

    async def submit(
        self,
        path: str,
        members: Mapping[str, Any],
        promised: str,
        special: Mapping[int, Meaning] = OF_SUBMIT,
        *,
        taken: Collection[int] = (),
    ) -> Members:
        """A call that publishes: a lost answer is OutcomeUnknown. `special` holds what some codes mean here;
        those in `taken` say that it was taken before, and are no errors."""
        try:
            return await self._call(self._sender(path, members), promised, special, taken)
        except AnswerLost as lost:
            raise OutcomeUnknown(
                "提交发布后没有收到微信的答复，可能已经受理，需要核对后再决定是否重发。", code=str(lost)
            ) from None

    async def delete(self, path: str, members: Mapping[str, Any]) -> None:
        """A call that takes down what is out: a lost answer is OutcomeUnknown."""
        try:
            await self._call(self._sender(path, members), "errcode", OF_DELETE)
        except AnswerLost as lost:
            raise OutcomeUnknown(
                "没有收到微信对删除的答复，可能已经删除，稍后自动核对。", code=str(lost)
            ) from None

    async def upload(
        self, path: str, file: File, promised: str, query: Mapping[str, str] | None = None
    ) -> Members:
        """Uploads `file` as `media`: a lost answer is NotSent."""

        async def send(token: str) -> Answer:
            form = aiohttp.FormData()  # a form can be sent once only
            form.add_field("media", file.content, filename=file.name, content_type=file.media_type)
            everything = {**(query or {}), "access_token": token}
            return await self._transport.post(
                self._base_url + path, form, query=everything, timeout_s=UPLOAD_TIMEOUT_S
            )

        try:
            return await self._call(send, promised)
        except AnswerLost as lost:
            raise NotSent(_LOST, code=str(lost)) from None

    async def _tell(self, path: str, body: bytes, token: str) -> Answer:
        return await self._transport.tell(self._address(path, token), body, _HEADERS)

    def _address(self, path: str, token: str) -> URL:
        """Read once for very many calls."""
        if self._told_last is None or self._told_last[:2] != (path, token):
            self._told_last = (path, token, URL(self._base_url + path).with_query(access_token=token))
        return self._told_last[2]

    def _sender(self, path: str, members: Mapping[str, Any]) -> Callable[[str], Awaitable[Answer]]:
        async def send(token: str) -> Answer:
            return await self._transport.post(
                self._base_url + path, _encode(members), query={"access_token": token}, content_type=_JSON
            )

        return send

    async def _call(
        self,
        send: Callable[[str], Awaitable[Answer]],
        promised: str,
        special: Mapping[int, Meaning] | None = None,
        taken: Collection[int] = (),
    ) -> Members:
        token = await self._token.current()
        members = (await send(token)).members()
        if _errcode(members) in STALE_TOKEN:
            members = (await send(await self._token.renewed(token))).members()
        return checked(members, promised, special, taken)

    async def _stable_token(self, force: bool) -> Issued:
        request = {
            "grant_type": "client_credential",
            "appid": self._credentials.appid,
            "secret": self._credentials.secret,
            "force_refresh": force,
        }
        try:
            answer = await self._transport.post(
                f"{self._base_url}/cgi-bin/stable_token", _encode(request), content_type=_JSON
            )
            members = checked(answer.members(), "access_token", OF_STABLE_TOKEN)
        except AnswerLost as lost:
            raise NotSent(_LOST, code=str(lost)) from None
        return Issued(members["access_token"], float(members["expires_in"]))


def checked(
    members: Members,
    promised: str,
    special: Mapping[int, Meaning] | None = None,
    taken: Collection[int] = (),
) -> Members:
    """What was answered. Raises ChannelError for an error code that is not in `taken`, AnswerLost where `promised` is
    missing."""
    if (code := _errcode(members)) and code not in taken:
        raise error_for(code, str(members.get("errmsg", "")), special)
    if promised not in members:
        raise AnswerLost(f"no {promised}")
    return members


def _encode(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode()


def _errcode(members: Members) -> int:
    return int(members.get("errcode", 0))
