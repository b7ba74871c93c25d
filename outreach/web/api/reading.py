"""What a call says: its path, its query, its headers and its body, each with a clear word where it is wrong."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import unquote

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from outreach.foundation.problems import (
    InvalidContent,
    NotFound,
    TooLarge,
    UnsupportedType,
    VersionRequired,
    invalid,
)
from outreach.items.files import MAX_FILE_BYTES
from outreach.items.kinds.messages import field_errors, unknown_name
from outreach.web.api.bodies import Body
from outreach.web.body import FILES_LIMIT, too_large

BodyType = TypeVar("BodyType", bound=Body)
Member = TypeVar("Member", bound=StrEnum)
MOST_ROWS: Final = 200
_ROWS: Final = 50
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")
_LIMIT: Final = re.compile(r"[0-9]{1,3}")
_VERSION: Final = re.compile(r'[0-9]{1,99}|(?:W/)?"[0-9]{1,99}"')
_BROKEN_FORM: Final = (
    ValueError,
    AssertionError,
    LookupError,
    RuntimeError,
    HttpProcessingError,
    web.RequestPayloadError,
)


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
    """The body in its shape. Raises UnsupportedType, InvalidContent."""
    given = await json_object(request)
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        errors = field_errors(
            error.errors(include_url=False),
            lambda place: unknown_name(str(place[-1]), shape.model_fields, "请删去。"),
        )
        raise InvalidContent("请求内容有误，请按各字段的说明修改。", errors=errors) from error


def expected_version(request: web.Request) -> int:
    """The version that `If-Match` names: `3` or `"3"`. Raises VersionRequired, InvalidContent."""
    given = request.headers.get("If-Match")
    if given is None:
        raise VersionRequired("修改时请用 If-Match 说明所依据的版本号（version）。")
    if not _VERSION.fullmatch(given.strip()):
        raise invalid("If-Match", 'If-Match 应为版本号，例如 3 或 "3"。')
    return int(given.strip().strip('W/"'))


def page_of(query: Mapping[str, str]) -> tuple[int, str | None]:
    """`limit` (1 to 200) and `cursor`. Raises InvalidContent."""
    limit = query.get("limit", str(_ROWS))
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MOST_ROWS:
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
    """A filter's text, if it is given. Raises InvalidContent where nothing stored could be like it."""
    given = query.get(name)
    if given and any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in given):
        raise invalid(name, "含有不能识别的字符。")
    return given or None


async def uploaded_file(request: web.Request) -> tuple[str, bytes]:
    """The one file of a multipart body: its name and content. Raises UnsupportedType, InvalidContent, TooLarge."""
    if request.content_type != "multipart/form-data":
        raise UnsupportedType("请用 multipart/form-data 上传一个文件。")
    if (request.content_length or 0) > FILES_LIMIT:
        raise too_large()
    try:
        found = await _files(await request.multipart())
    except _BROKEN_FORM as error:
        raise invalid("file", "上传的内容不完整，请重新上传。") from error
    if len(found) != 1:
        told = "一次只能上传一个文件。" if found else "没有收到文件。请选择一个文件再上传。"
        raise invalid("file", told)
    return found[0]


async def _files(form: MultipartReader) -> list[tuple[str, bytes]]:
    """The files of the form; no more are read when a second one has come."""
    found: list[tuple[str, bytes]] = []
    async for part in form:
        if isinstance(part, BodyPartReader) and part.filename:
            found.append((_file_name(part.filename), await _content(part)))
            if len(found) > 1:
                break
    return found


def _file_name(sent: str) -> str:
    """The name as it is on the sender's machine: some clients percent-encode what isn't ASCII."""
    try:
        decoded = unquote(sent, errors="strict")
    except UnicodeDecodeError:
        return sent
    return sent if decoded.isascii() else decoded


async def _content(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > MAX_FILE_BYTES:
            raise TooLarge(f"文件超过 {MAX_FILE_BYTES // 1024**2} MB，请压缩或拆分。")
    return bytes(content)


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are no JSON."""
    raise ValueError(constant)
