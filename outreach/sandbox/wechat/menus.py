"""The menu under a conversation (自定义菜单): three buttons, five below each, and what they may say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.sandbox.wechat import media, publishing
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError

KEY_BYTES: Final = 128
URL_BYTES: Final = 1024

Button = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the menu: its limits, and the codes for what goes beyond them."""

    buttons_max: int
    name_bytes: int
    number: int
    type: int
    name: int
    key: int
    url: int


FIRST: Final = Level(3, 16, number=40016, type=40015, name=40018, key=40019, url=40020)
# Newer copies of the page allow 60 bytes; the older figure is safe with both.
SECOND: Final = Level(5, 40, number=40023, type=40024, name=40025, key=40026, url=40027)
_DEEPER: Final = 40022

_WITH_KEY: Final = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
_WITH_URL: Final = frozenset({"view", "miniprogram"})
_WITH_MEDIA: Final = frozenset({"media_id", "view_limited"})
_WITH_ARTICLE: Final = frozenset({"article_id", "article_view_limited"})


def create(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/menu/create: takes the place of the menu before."""
    buttons = call.json.get("button")
    _check_level(call, buttons, FIRST)
    call.store.run(
        "INSERT OR REPLACE INTO menu VALUES (?, ?)", call.appid, json.dumps(buttons, ensure_ascii=False)
    )
    return OK


def get(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/menu/get: `{"menu": {"button": […]}}`; 46003 where there is none."""
    buttons = _kept(call)
    if buttons is None:
        raise WeChatError(46003)
    return {"menu": {"button": [_with_children(button, button.get("sub_button", [])) for button in buttons]}}


def delete(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/menu/delete."""
    call.store.run("DELETE FROM menu WHERE account = ?", call.appid)
    return OK


def current(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/get_current_selfmenu_info: the menu, wherever it was made; its second level is a `list`."""
    buttons = _kept(call)
    shown = [
        _with_children(button, {"list": button["sub_button"]}) if button.get("sub_button") else button
        for button in buttons or []
    ]
    return {"is_menu_open": int(buttons is not None), "selfmenu_info": {"button": shown}}


def _kept(call: Call) -> list[Button] | None:
    row = call.store.row("SELECT buttons FROM menu WHERE account = ?", call.appid)
    return json.loads(row["buttons"]) if row else None


def _with_children(button: Button, children: Any) -> Button:
    return {**button, "sub_button": children}


def _check_level(call: Call, buttons: Any, level: Level) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= level.buttons_max:
        raise WeChatError(level.number)
    for button in buttons:
        if not isinstance(button, dict):
            raise WeChatError(47001)
        _check_name(button, level)
        if button.get("sub_button"):
            if level is SECOND:
                raise WeChatError(_DEEPER)
            _check_level(call, button["sub_button"], SECOND)
        else:
            _check_deed(call, button, level)


def _check_name(button: Button, level: Level) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= level.name_bytes:
        raise WeChatError(level.name)


def _check_deed(call: Call, button: Button, level: Level) -> None:
    """What the button does when it is pressed."""
    kind = button.get("type")
    if kind in _WITH_KEY:
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= KEY_BYTES:
            raise WeChatError(level.key)
    elif kind in _WITH_URL:
        _check_url(button, level)
    elif kind in _WITH_MEDIA:
        media.usable(call, button.get("media_id"), "image", "voice", "video")
    elif kind in _WITH_ARTICLE:
        publishing.find(call, button.get("article_id"))
    else:
        raise WeChatError(level.type)


def _check_url(button: Button, level: Level) -> None:
    """An empty address is told as a wrong number of buttons (seen in practice), a wrong one as its length."""
    url = button.get("url")
    if not url:
        raise WeChatError(level.number)
    if not isinstance(url, str) or len(url.encode()) > URL_BYTES:
        raise WeChatError(level.url)
    if not url.startswith(("http://", "https://")):
        raise WeChatError(level.url)
    if button["type"] == "miniprogram" and not (button.get("appid") and button.get("pagepath")):
        raise WeChatError(40013)
