"""What a channel can do whose followers can be known on a page: WeChat's web login (网页授权).

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opened the page. `is_virtual`: a preview's made-up user, who stands for nobody."""

    openid: str
    is_virtual: bool = False


class LoginChannel(Protocol):
    """One account's way to know who opened a page. No method is called inside a database transaction."""

    def login_url(self, redirect_uri: str, state: str) -> str:
        """Where the browser is sent; it comes back to `redirect_uri` with a code and the `state`."""

    async def visitor(self, code: str) -> Visitor:
        """Who the code stands for; it holds once, for five minutes. Raises ChannelError; Refused where it holds no
        more."""

    async def is_follower(self, openid: str) -> bool:
        """Whether they follow the account now. Raises ChannelError."""
