"""How much a request may bring."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from outreach.foundation.problems import TooLarge, UnsupportedType

BODY_LIMIT: Final = 2 * 1024 * 1024  # bytes of a form or a JSON document
FILES_LIMIT: Final = 25 * 1024 * 1024  # bytes of a request that brings a file


async def require_moderate_body(request: web.Request) -> None:
    """Reads a body that brings no file; it stays readable for the handler.

    Raises:
        TooLarge: more than BODY_LIMIT.
        UnsupportedType: it is multipart, where no file is expected.
    """
    if not request.can_read_body:
        return
    if request.content_type.startswith("multipart/"):
        raise UnsupportedType("这个地址不接收文件。")
    if (request.content_length or 0) > BODY_LIMIT or len(await request.read()) > BODY_LIMIT:
        raise too_large()


def too_large() -> TooLarge:
    """What is said of a body that exceeds either limit."""
    return TooLarge(
        f"内容过大：表单和数据最多 {BODY_LIMIT // 1024 // 1024} MB，上传文件最多 {FILES_LIMIT // 1024 // 1024} MB。"
    )
