"""The three files of a report, read back as their readers would: the cells of each table, the sentences."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from typing import Any

from docx import Document
from docx.table import Table

Grid = list[list[str]]


def docx_tables(content: bytes) -> list[Grid]:
    """The official tables of the Word file, a merged cell once."""
    tables = Document(io.BytesIO(content)).tables
    return [_cells(table) for table in tables[:3]]


def docx_text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def _cells(table: Table) -> Grid:
    seen: set[Any] = set()
    rows: Grid = []
    for row in table.rows:
        fresh = []
        for cell in row.cells:
            if cell._tc not in seen:
                seen.add(cell._tc)
                fresh.append(cell.text)
        rows.append(fresh)
    return rows


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Grid] = []
        self.text: list[str] = []
        self._cell: list[str] | None = None
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._is_style = tag == "style"
        match tag:
            case "table":
                self.tables.append([])
            case "tr":
                self.tables[-1].append([])
            case "td" | "th":
                self._cell = []

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None
        if tag in {"p", "h1", "h2", "h3"}:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        elif not self._is_style:
            self.text.append(data)


def html_tables(content: bytes) -> list[Grid]:
    reader = _Reader()
    reader.feed(content.decode())
    return reader.tables


def html_text(content: bytes) -> str:
    reader = _Reader()
    reader.feed(content.decode())
    return "".join(reader.text)


def json_tables(content: bytes) -> list[Grid]:
    report = json.loads(content)
    tables = [chapter["table"] for chapter in report["chapters"] if chapter["table"]]
    return [[[cell["text"] for cell in row] for row in table["rows"]] for table in tables]


def json_text(content: bytes) -> str:
    report = json.loads(content)
    lines = [*report["opening"], *(line for chapter in report["chapters"] for line in chapter["lines"])]
    return "\n".join(["".join(piece["text"] for piece in line["pieces"]) for line in lines])


TABLES = {"docx": docx_tables, "html": html_tables, "json": json_tables}
TEXTS = {"docx": docx_text, "html": html_text, "json": json_text}
