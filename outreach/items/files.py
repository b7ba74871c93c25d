"""What is taken as an attachment: by its name, its size, and what its bytes really are."""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import filetype

from outreach.foundation.problems import TooLarge, UnsupportedType, invalid

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_NAME_LENGTH: Final = 120

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".pdf": PDF,
    ".docx": DOCX,
    ".xlsx": XLSX,
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
}
"""The media type that each allowed ending promises."""

_ALLOWED: Final = "pdf、docx、xlsx、png、jpg、jpeg"
_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTENT_TYPES: Final = "[Content_Types].xml"
_CONTENT_TYPES_LIMIT: Final = 1024 * 1024
_BROKEN_ZIP: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the media store already; `size` is in bytes."""

    sha256: str
    size: int
    media_type: str


def name_problem(name: str) -> str | None:
    """Why `name` can't be the name of an attachment, in Chinese; None where it can."""
    if not name.strip():
        return "附件名称不能为空。"
    if len(name) > MAX_NAME_LENGTH:
        return f"附件名称最多 {MAX_NAME_LENGTH} 个字，请缩短。"
    if any(sign in "/\\:" or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in name):
        return "附件名称只写文件名，不带文件夹、冒号或控制字符。"
    path = PurePosixPath(name)
    if name.startswith(".") or path.suffix.lower() not in MEDIA_TYPES:
        return f"附件只能是 {_ALLOWED} 文件，请核对文件名的结尾。"
    return None


def check_file(name: str, content: bytes) -> str:
    """The media type of an attachment, read from its content.

    Raises:
        InvalidContent: the name can't be taken, or the file is empty.
        TooLarge: more than 20 MB.
        UnsupportedType: not one of the allowed types, or another one than its ending says.
    """
    problem = name_problem(name)
    if problem:
        raise invalid("attachments", problem)
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(f"“{name}”超过 20 MB。请压缩或拆分后再上传。")
    if not content:
        raise invalid("attachments", f"“{name}”是空文件，请核对后重新上传。")
    media_type = _media_type(name, content)
    if media_type != MEDIA_TYPES[PurePosixPath(name).suffix.lower()]:
        raise UnsupportedType(f"“{name}”的实际内容与文件名结尾不符。请用原程序另存为正确的格式后再上传。")
    return media_type


def _media_type(name: str, content: bytes) -> str:
    if content.startswith(_OLE_SIGNATURE):
        raise UnsupportedType(
            f"“{name}”是旧版 Office 文件或已加密。请去除密码并另存为 docx 或 xlsx 后再上传。"
        )
    if content.startswith(b"PK\x03\x04"):
        return _office_type(name, content)
    guessed = filetype.guess_mime(content)
    if guessed not in (PDF, PNG, JPEG):
        raise UnsupportedType(f"“{name}”不是可以识别的 {_ALLOWED} 文件，请核对。")
    return str(guessed)


def _office_type(name: str, content: bytes) -> str:
    """Looks inside the package: its main part says what it is, wherever it stands in the archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            with package.open(_CONTENT_TYPES) as stream:
                declared = stream.read(_CONTENT_TYPES_LIMIT)
    except (*_BROKEN_ZIP, NotImplementedError):
        raise UnsupportedType(f"“{name}”已损坏，或不是 docx、xlsx 文件。请重新保存后再上传。") from None
    if b"macroEnabled" in declared or any(part.endswith("vbaProject.bin") for part in names):
        raise UnsupportedType(f"“{name}”带有宏。请另存为不含宏的 docx 或 xlsx 后再上传。")
    for media_type in (DOCX, XLSX):
        if f"{media_type}.main+xml".encode() in declared:
            return media_type
    raise UnsupportedType(f"“{name}”不是 docx 或 xlsx 文件，请核对。")
