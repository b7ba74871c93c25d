"""A file as somebody hands it in: which format it has, and its rows."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

from outreach.foundation.problems import TooLarge, invalid
from outreach.items.importing.delimited import csv_rows, read_csv
from outreach.items.importing.header import TableRow
from outreach.items.importing.json_lines import read_json
from outreach.items.importing.rows import RawRow, RowFile
from outreach.items.importing.workbook import read_workbook, sheets_of

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 20_000

_PACKAGE: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOK_ENDINGS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".et"})


def read_file(name: str, content: bytes) -> RowFile:
    """The rows of a file of items: an Excel workbook, JSON Lines (.jsonl, .json) or CSV; any other ending, by its
    content. It is read to its end: what can't be read is told before anything is done with a row.

    UTF-8 with or without a byte order mark; CSV also GB18030, as a Chinese Excel writes it.

    Raises:
        TooLarge: more than 20 MB.
        InvalidContent: another format, nothing in it, or more than 20,000 rows.
    """
    _refuse_large(content)
    rows = RowFile.keep(_rows(PurePosixPath(name).suffix.lower(), content), most=MAX_ROWS)
    if not rows.total:
        raise invalid("file", "文件里没有信息。请核对文件后再导入。")
    if rows.total > MAX_ROWS:
        raise invalid("file", f"一次最多导入 {MAX_ROWS} 行。请分成几个文件导入。")
    return rows


def read_tables(name: str, content: bytes) -> Iterator[tuple[str | None, Iterator[TableRow]]]:
    """The tables of a file of something else than items: each visible sheet of an Excel workbook with its name, or the
    one of a CSV file. Raises as `read_file` does."""
    _refuse_large(content)
    if content.startswith(_PACKAGE):
        yield from sheets_of(content)
    else:
        _refuse_other_books(PurePosixPath(name).suffix.lower(), content)
        yield None, csv_rows(_text(content, "utf-8-sig", "gb18030"))


def _refuse_large(content: bytes) -> None:
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(f"导入文件超过 {MAX_FILE_BYTES // 1024**2} MB。请分成几个文件导入。")


def _rows(ending: str, content: bytes) -> Iterator[RawRow]:
    if content.startswith(_PACKAGE):
        return read_workbook(content)
    _refuse_other_books(ending, content)
    read, text = _reader(ending, content)
    return read(text)


def _refuse_other_books(ending: str, content: bytes) -> None:
    if content.startswith(_OLD_OFFICE):
        raise invalid(
            "file",
            "文件是旧版 Excel（.xls）、WPS 表格（.et）或加了密码的工作簿。请去除密码，另存为“Excel 工作簿（.xlsx）”后再导入。",
        )
    if ending in _WORKBOOK_ENDINGS and content:
        raise invalid(
            "file",
            f"文件名以 {ending} 结尾，内容却不是 Excel 工作簿。请用电子表格打开，另存为“Excel 工作簿（.xlsx）”后再导入。",
        )


def _reader(ending: str, content: bytes) -> tuple[Callable[[str], Iterator[RawRow]], str]:
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
