"""The authorisation of an account for our app (open.weibo.com/wiki/Oauth2/{authorize,access_token}).

A server app gets no refresh token: when the time is over, a person has to authorise again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
        try:
            answer = await self._transport.post(f"{self._base_url}/oauth2/access_token", form)
            members = answer.members()
        except AnswerLost as lost:
            raise NotSent("没有收到微博的答复。请重新授权。", code=str(lost)) from None
        if error := int(members.get("error_code", 0)):
            raise error_for(error, str(members.get("error_description") or members.get("error", "")))
        return Authorisation(members["access_token"], str(members["uid"]), int(members["expires_in"]))
