"""Plain texts and tables in plain text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from outreach.screening.files.package import Unreadable
from outreach.screening.files.passages import Heads, Part, Piece, passage

_NO_TEXT = "文件不是 UTF-8 或 GB 18030 编码的文本，无法读取。"


def read_text(content: bytes, depth: int) -> Iterator[Part]:
    """A text as one passage. Raises Unreadable where it is none."""
    text = _decoded(content)
    if text.strip():
        yield passage(text, "正文")


def read_csv(content: bytes, depth: int) -> Iterator[Part]:
    """A table, a row a passage. Raises Unreadable where it is none."""
    heads = Heads()
    for number, row in enumerate(csv.reader(io.StringIO(_decoded(content))), start=1):
        yield from heads.row(
            {column: [Piece(text, f"第{number}行")] for column, text in enumerate(row) if text}
        )


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_NO_TEXT)
