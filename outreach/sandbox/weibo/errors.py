"""Weibo's error codes with the words that come with them (open.weibo.com/wiki/Error_code and OAuth2's table)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

DONE_BUT_SLOW: Final = 20032  # says that the status is out, though not yet to be seen

MESSAGES: Final[Mapping[int, str]] = {
    10006: "Source paramter (appkey) is missing",
    10008: "Param error, see doc for more info",
    10014: "Insufficient app permissions!",
    10016: "Miss required parameter ({0}) , see doc for more info",
    10017: "{0}",
    10020: "Request api not found",
    10021: "HTTP method is not suported for this request!",
    10022: "IP requests out of rate limit!",
    10023: "User requests out of rate limit!",
    10024: "User requests for ({0}) out of rate limit!",
    20003: "User does not exists!",
    20005: "Unsupported image type, only suport JPG, GIF, PNG!",
    20006: "Image size too large!",
    20007: "Does multipart has image?",
    20008: "content is null!",
    20012: "Text too long, please input text less than 140 characters!",
    20016: "out of limit!",
    20017: "repeat content!",
    20019: "repeat content!",
    20032: "Update success, while server slow now, please wait 1-2 minutes!",
    20101: "target weibo does not exist!",
    20109: "Weibo id is null!",
    21316: "token_revoked",
    21322: "redirect_uri_mismatch",
    21323: "invalid_request",
    21324: "invalid_client",
    21325: "invalid_grant",
    21327: "expired_token",
    21328: "unsupported_grant_type",
    21329: "unsupported_response_type",
    21332: "invalid_access_token",
}
_FORBIDDEN: Final = frozenset({10014, 10022, 10023, 10024})


class WeiboError(Exception):
    """A call is refused; `detail` fills the message's place, if it has one."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def response(self, path: str) -> web.Response:
        """HTTP 400, 403 (rights and rates) or 404 with Weibo's three fields."""
        status = 404 if self.code == 10020 else 403 if self.code in _FORBIDDEN else 400
        message = MESSAGES.get(self.code, "error").format(self.detail)
        return answer({"error": message, "error_code": self.code, "request": path}, status)


def answer(body: Mapping[str, Any] | list[Mapping[str, Any]], status: int = 200) -> web.Response:
    """JSON in UTF-8."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=raw, status=status, headers={"Content-Type": "application/json;charset=UTF-8"})
