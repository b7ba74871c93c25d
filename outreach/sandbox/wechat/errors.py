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
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40009: "invalid image size",
    40012: "invalid thumb size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40066: "invalid url",
    40114: "invalid index value",
    40125: "invalid appsecret, view more at http://t.cn/RAEkdVq",
    40164: "invalid ip {0} ipv6 ::ffff:{0}, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41039: "invalid content_source_url",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit must slower retry next minute",
    45110: "author size out of limit",
    45166: "invalid content",
    47001: "data format error",
    48001: "api unauthorized",
    53502: "invalid publish_id",
    53600: "invalid article_id",
    76021: "cgi_path not found, please check",
    88000: "without comment privilege",
}


class WeChatError(Exception):
    """A call is answered with an error code; `detail` fills the message's place, if it has one."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def response(self) -> web.Response:
        """Errors, too, come as HTTP 200."""
        message = MESSAGES.get(self.code, "error").format(self.detail)
        return answer({"errcode": self.code, "errmsg": f"{message} rid: {_rid()}"})


def answer(body: Mapping[str, Any], content_type: str = "application/json") -> web.Response:
    """JSON in UTF-8 without escapes; some calls name it text/plain, none of those a charset."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    if content_type == "application/json":
        return web.Response(body=raw, headers={"Content-Type": "application/json; encoding=utf-8"})
    return web.Response(body=raw, content_type=content_type)


def _rid() -> str:
    return "-".join(secrets.token_hex(4) for _ in range(3))
