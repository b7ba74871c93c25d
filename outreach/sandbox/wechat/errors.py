"""WeChat's error codes with the words that come with them (developers.weixin.qq.com, 全局返回码)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

MESSAGES: Final[Mapping[int, str]] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40010: "invalid voice size",
    40011: "invalid video size",
    40012: "invalid thumb size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40015: "invalid menu type",
    40016: "invalid button size",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button level",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40031: "invalid openid list",
    40032: "invalid openid list size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40039: "invalid url size",
    40059: "invalid msg id",
    40060: "invalid article idx",
    40065: "invalid article url",
    40066: "invalid url",
    40092: "invalid remark name",
    40102: "invalid industry id",
    40114: "invalid index value",
    40125: "invalid appsecret, view more at http://t.cn/RAEkdVq",
    40130: "invalid openid list size, at least two openid",
    40132: "invalid username",
    40152: "invalid group id",
    40163: "code been used",
    40164: "invalid ip {0} ipv6 ::ffff:{0}, not in whitelist",
    40241: "The message is duplicate in 60 seconds",
    40246: "keyword name invalid",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41009: "missing openid",
    41039: "invalid content_source_url",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43100: "change template too frequently",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45007: "playtime out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit must slower retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45026: "template num exceeds limit",
    45028: "has no masssend quota",
    45047: "out of response count limit",
    45056: "too many tags now, no need to add new",
    45057: "can't delete the tag that has too many fans",
    45058: "can't modify sys tag",
    45059: "can not tag for the user, since the user has too many tags",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45072: "invalid command",
    45080: "need sending message to user or receiving message from user in the last 30 seconds",
    45081: "a typing is already sent to the user",
    45110: "author size out of limit",
    45157: "invalid tag name",
    45158: "tag name too long",
    45159: "invalid tag id",
    45166: "invalid content",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid! {0}",
    48001: "api unauthorized",
    48005: "forbid to delete material used by auto-reply or menu",
    48006: "forbid to clear quota because of reaching the limit",
    48008: "no permission for this msgtype",
    49003: "not match openid with appid",
    53406: "product ability not opened",
    53502: "invalid publish_id",
    53600: "invalid article_id",
    61452: "invalid kf_account",
    76021: "cgi_path not found, please check",
    76022: "could not use this cgi_path, no permission",
    88000: "without comment privilege",
    89504: "masssend is protected, waiting for an administrator to confirm",
    200012: "template num exceeds limit",
    200014: "invalid tid",
    200016: "invalid start",
    200017: "invalid limit",
    200020: "invalid kidList",
    200021: "invalid sceneDesc",
    200022: "template has added already",
}


class WeChatError(Exception):
    """A call is answered with an error code.

    `detail` fills the message's place, if it has one; `more` are further fields that the answer bears.
    """

    def __init__(self, code: int, detail: str = "", more: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, detail)
        self.code, self.detail, self.more = code, detail, more or {}

    def response(self) -> web.Response:
        """Errors, too, come as HTTP 200."""
        message = MESSAGES.get(self.code, "error").format(self.detail)
        return answer({"errcode": self.code, "errmsg": f"{message} rid: {_rid()}", **self.more})


def answer(body: Mapping[str, Any], content_type: str = "application/json") -> web.Response:
    """JSON in UTF-8 without escapes; some calls name it text/plain, none of those a charset."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    if content_type == "application/json":
        return web.Response(body=raw, headers={"Content-Type": "application/json; encoding=utf-8"})
    return web.Response(body=raw, content_type=content_type)


def _rid() -> str:
    return "-".join(secrets.token_hex(4) for _ in range(3))
