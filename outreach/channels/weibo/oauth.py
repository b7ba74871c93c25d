"""The authorisation of an account for our app (open.weibo.com/wiki/Oauth2/{authorize,access_token,
get_token_info}).

A server app gets no refresh token: when the time is over, a person has to authorise again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from outreach.channels.credentials import WeiboCredentials
from outreach.channels.http import AnswerLost, Transport
from outreach.channels.protocol import NotSent
from outreach.channels.weibo.errors import error_for


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What the platform granted: `uid` is the account, how long it holds stands in `expires_in_s`."""

    access_token: str = field(repr=False)
    uid: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """Whose token it is, and how long it still holds."""

    uid: str
    expires_in_s: int


class WeiboOAuth:
    """The way to an authorisation for one app."""

    def __init__(self, transport: Transport, base_url: str, credentials: WeiboCredentials) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where the browser of whoever owns the account is sent; it comes back to `redirect_uri` with `code`
        and the same `state`."""
        query = {
            "client_id": self._credentials.app_key,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return f"{self._base_url}/oauth2/authorize?{urlencode(query)}"

    async def exchange_code(self, code: str, redirect_uri: str) -> Authorisation:
        """Turns `code`, which holds once, into an authorisation. Raises ChannelError."""
        form = {
            "client_id": self._credentials.app_key,
            "client_secret": self._credentials.app_secret,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
        }
        members = await self._post("access_token", form, "没有收到微博的答复。请重新授权。")
        return Authorisation(members["access_token"], str(members["uid"]), int(members["expires_in"]))

    async def token_info(self, access_token: str) -> TokenInfo:
        """What Weibo says of a token; it spells `expire_in`. Raises ChannelError."""
        form = {"access_token": access_token}
        members = await self._post("get_token_info", form, "没有收到微博的答复。请稍后再检查一次。")
        return TokenInfo(str(members["uid"]), int(members["expire_in"]))

    async def _post(self, call: str, form: dict[str, str], lost_sentence: str) -> dict[str, Any]:
        try:
            members = (await self._transport.post(f"{self._base_url}/oauth2/{call}", form)).members()
        except AnswerLost as lost:
            raise NotSent(lost_sentence, code=str(lost)) from None
        if error := int(members.get("error_code", 0)):
            raise error_for(error, str(members.get("error_description") or members.get("error", "")))
        return members
