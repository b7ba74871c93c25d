"""The menu of a WeChat account (menu/create, menu/get; developers.weixin.qq.com/doc/service/guide/product/menu)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from outreach.channels.menu_protocol import Button, Deed, Link, OtherDeed, Press
from outreach.channels.protocol import NeedsOperator
from outreach.channels.wechat.api import WeChatApi
from outreach.channels.wechat.errors import NO_MENU


class WeChatMenus:
    """The menu of one account."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    async def menu(self) -> tuple[Button, ...] | None:
        """menu/get. What was made on the platform's site it does not tell. Raises ChannelError."""
        try:
            members = await self._api.get("/cgi-bin/menu/get", {}, "menu")
        except NeedsOperator as error:
            if error.code == str(NO_MENU):
                return None
            raise
        return tuple(_read(button) for button in members["menu"]["button"])

    async def replace_menu(self, buttons: Sequence[Button]) -> None:
        """menu/create. Raises ChannelError."""
        request = {"button": [_written(button) for button in buttons]}
        await self._api.post("/cgi-bin/menu/create", request, "errcode")


def _written(button: Button) -> dict[str, Any]:
    match button.deed:
        case None:
            return {"name": button.name, "sub_button": [_written(one) for one in button.below]}
        case Press(key):
            return {"type": "click", "name": button.name, "key": key}
        case Link(url):
            return {"type": "view", "name": button.name, "url": url}
        case OtherDeed(type_):
            raise ValueError(type_)  # it was read from the platform, and is written by nobody here


def _read(button: Mapping[str, Any]) -> Button:
    below = tuple(_read(one) for one in button.get("sub_button") or ())
    return Button(button["name"], None if below else _deed(button), below)


def _deed(button: Mapping[str, Any]) -> Deed:
    match button.get("type"):
        case "click":
            return Press(button["key"])
        case "view":
            return Link(button["url"])
        case other:
            return OtherDeed(str(other))
