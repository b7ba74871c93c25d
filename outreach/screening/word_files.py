"""A file of words that somebody hands in: text, one word a line, or the first column of a workbook."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from openpyxl import load_workbook

from outreach.foundation.problems import TooLarge, invalid
from outreach.items.importing.package import look_into

MAX_BYTES: Final = 10 * 1024 * 1024
_PACKAGE: Final = b"PK\x03\x04"
_HEADERS: Final = frozenset({"词语", "词条", "敏感词", "关键词"})


def read_word_file(content: bytes) -> str:
    """The words, one a line. Text is UTF-8 or GB18030. Raises TooLarge, InvalidContent."""
    if len(content) > MAX_BYTES:
        raise TooLarge(f"词库文件超过 {MAX_BYTES // 1024**2} MB。请分成几个词库。")
    return _first_column(content) if content.startswith(_PACKAGE) else _text(content)


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise invalid("file", "词库文件应是一行一个词语的文本（.txt），或首列是词语的 Excel 工作簿（.xlsx）。")


def _first_column(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            look_into(package)
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        cells = (row[0] for row in sheet.iter_rows(max_col=1, values_only=True) if row)
        words = [str(cell).strip() for cell in cells if cell is not None]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise invalid("file", "文件不是能读的 Excel 工作簿。请另存为 .xlsx 或文本文件后再选。") from error
    return "\n".join(word for number, word in enumerate(words) if number or word not in _HEADERS)
