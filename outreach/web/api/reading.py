"""What a call says: its path, its query, its headers and its body, each with a clear word where it is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from aiohttp import BodyPartReader, web
from pydantic import ValidationError

from outreach.foundation.problems import (
    FieldError,
    InvalidContent,
    NotFound,
    TooLarge,
    UnsupportedType,
    VersionRequired,
    invalid,
)
from outreach.items.files import MAX_FILE_BYTES
from outreach.items.kinds.messages import field_errors
from outreach.web.api.bodies import Body

BodyType = TypeVar("BodyType", bound=Body)
Member = TypeVar("Member", bound=StrEnum)
MOST_ROWS: Final = 200
_ROWS: Final = 50
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")
_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def path_id(request: web.Request, name: str = "id") -> str:
    """An id of the path. What can't be one belongs to nothing: NotFound."""
    given = request.match_info[name]
    if not _ID.fullmatch(given):
        raise NotFound("没有这个编号。")
    return given


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object. Raises UnsupportedType, InvalidContent."""
    if request.content_type != "application/json":
        raise UnsupportedType("请求内容应为 application/json。")
    try:
        read = json.loads(await request.read(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise invalid("body", "请求内容不是合法的 JSON。") from error
    if not isinstance(read, dict):
        raise invalid("body", "请求内容应为一个 JSON 对象。")
    return read


async def body_of(request: web.Request, shape: type[BodyType]) -> BodyType:
    """The body in its shape; an empty one reads as an empty object. Raises UnsupportedType, InvalidContent."""
    given = await json_object(request) if await request.read() else {}
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        errors = field_errors(error.errors(), lambda place: f"没有“{str(place[-1])[:64]}”这个名称，请删去。")
        raise InvalidContent("请求内容有误，请按各字段的说明修改。", errors=errors) from error


def expected_version(request: web.Request) -> int:
    """The version that `If-Match` names: `3` or `"3"`. Raises VersionRequired, InvalidContent."""
    given = request.headers.get("If-Match")
    if given is None:
        raise VersionRequired("修改时请用 If-Match 说明所依据的版本号(version)。")
    matched = _VERSION.fullmatch(given.strip())
    if matched is None:
        raise invalid("If-Match", 'If-Match 应为版本号，例如 3 或 "3"。')
    return int(matched[1])


def page_of(query: Mapping[str, str]) -> tuple[int, str | None]:
    """`limit` (1 to 200) and `cursor`. Raises InvalidContent."""
    limit = query.get("limit", str(_ROWS))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:6]) <= MOST_ROWS:
        raise invalid("limit", f"limit 应为 1 到 {MOST_ROWS} 的整数。")
    cursor = query.get("cursor")
    if cursor is not None and not _ID.fullmatch(cursor):
        raise invalid("cursor", "cursor 应为上一页给出的 next_cursor。")
    return int(limit), cursor


def chosen(query: Mapping[str, str], name: str, kind: type[Member]) -> Member | None:
    """A filter's value, if it is given. Raises InvalidContent naming what there is."""
    given = query.get(name)
    if not given:
        return None
    try:
        return kind(given)
    except ValueError:
        raise invalid(name, f"{name} 可以是：{'、'.join(kind)}。") from None


def flag(query: Mapping[str, str], name: str) -> bool:
    """A yes or no of the query; absent is no. Raises InvalidContent."""
    given = query.get(name, "").lower()
    if given in {"", "0", "false", "no"}:
        return False
    if given in {"1", "true", "yes"}:
        return True
    raise invalid(name, f"{name} 应为 true 或 false。")


def query_text(query: Mapping[str, str], name: str) -> str | None:
    """A filter's text, if it is given. Raises InvalidContent where it can't be stored or compared."""
    given = query.get(name)
    if given and "\x00" in given:
        raise invalid(name, "含有不能识别的字符。")
    return given or None


async def uploaded_file(request: web.Request) -> tuple[str, bytes]:
    """The one file of a multipart body: its name and content. Raises UnsupportedType, InvalidContent, TooLarge."""
    if not request.content_type.startswith("multipart/"):
        raise UnsupportedType("请用 multipart/form-data 上传一个文件。")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return part.filename, await _content(part)
    except (ValueError, AssertionError) as error:
        raise invalid("file", "上传的内容不完整，请重新上传。") from error
    raise invalid("file", "没有收到文件。请选择一个文件再上传。")


async def _content(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > MAX_FILE_BYTES:
            raise TooLarge(f"文件超过 {MAX_FILE_BYTES // 1024**2} MB,请压缩或拆分。")
    return bytes(content)


def _refuse(constant: str) -> Callable[[], None]:
    raise ValueError(constant)


def errors_of(errors: tuple[FieldError, ...]) -> list[dict[str, str]]:
    """Errors as JSON."""
    return [{"field": one.field, "message": one.message} for one in errors]
