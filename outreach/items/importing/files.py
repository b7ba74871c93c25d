"""A file as somebody hands it in: which format it has, and its text."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from outreach.foundation.problems import TooLarge, invalid
from outreach.items.importing.json_lines import read_json
from outreach.items.importing.rows import Row, refuse_contradictions
from outreach.items.importing.table import read_csv

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 5000

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOK_ENDINGS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".et"})


def read_file(name: str, content: bytes) -> list[Row]:
    """The rows of a file of items: JSON Lines (.jsonl, .json) or CSV; any other ending, by its content.

    UTF-8 with or without a byte order mark; CSV also GB18030, as a Chinese Excel writes it.

    Raises:
        TooLarge: more than 20 MB.
        InvalidContent: another format, nothing in it, or more than 5,000 rows.
    """
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge("导入文件超过 20 MB。请分成几个文件导入。")
    ending = PurePosixPath(name).suffix.lower()
    if content.startswith(_WORKBOOKS) or ending in _WORKBOOK_ENDINGS:
        raise invalid("file", "暂不支持 Excel 工作簿。请在电子表格中另存为“CSV UTF-8”后再导入。")
    read, text = _reader(ending, content)
    rows = list(islice(read(text), MAX_ROWS + 1))
    if not rows:
        raise invalid("file", "文件里没有信息。请核对文件后再导入。")
    if len(rows) > MAX_ROWS:
        raise invalid("file", f"一次最多导入 {MAX_ROWS} 行。请分成几个文件导入。")
    return refuse_contradictions(rows)


def _reader(ending: str, content: bytes) -> tuple[Callable[[str], Iterator[Row]], str]:
    if ending in (".jsonl", ".json", ".ndjson"):
        return read_json, _text(content, "utf-8-sig")
    if ending != ".csv" and content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return read_json, _text(content, "utf-8-sig")
    return read_csv, _text(content, "utf-8-sig", "gb18030")


def _text(content: bytes, *encodings: str) -> str:
    if content.startswith(_UTF16):
        raise invalid("file", "文件是 UTF-16 编码。请另存为 UTF-8 编码后再导入。")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise invalid("file", "无法识别文件的文字编码。请另存为 UTF-8 编码后再导入。")
