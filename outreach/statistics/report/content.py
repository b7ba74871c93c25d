"""A report as it is written: what is printed, where each figure comes from, what the checks say.

One shape for the page, the Word file, the HTML file, the JSON, and for the version that is frozen.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field, field_serializer

from outreach.statistics.report.forms import Standard


class _Part(BaseModel, frozen=True, extra="forbid"):
    """A part of a report; nothing in it changes once it is made."""


class Piece(_Part):
    """A run of text; with `key` it is that figure."""

    text: str
    key: str | None = None


class Line(_Part):
    """A paragraph, or a heading of the second level."""

    heading: bool
    pieces: list[Piece]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(piece.text for piece in self.pieces)


class Cell(_Part):
    """A cell of a table as it is printed: the cells that it covers are not listed. `key`: the figure in it."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    heading: bool = False
    key: str | None = None


class Table(_Part):
    """A table, row by row. `headings`: how many rows at the top are repeated on each page."""

    id: str
    title: str
    columns: int
    headings: int
    rows: list[list[Cell]]


class Chapter(_Part):
    """A chapter with its official title; lines first, then its table."""

    number: int
    title: str
    lines: list[Line]
    table: Table | None = None


class FigureTold(_Part):
    """A figure with its source. `text` is how it is printed, `value` the number (null where it is blank); `source`
    says where it comes from and `by` who gave it, `evidence` where the rows behind it are shown; `beside` what else was
    given and does not hold."""

    label: str
    unit: str
    value: int | Decimal | None
    text: str
    origin: str | None = None
    source: str = ""
    by: str = ""
    link: str
    evidence: str | None = None
    beside: list[str] = Field(default_factory=list)

    @field_serializer("value", when_used="json")
    def _as_number(self, value: int | Decimal | None) -> int | float | None:
        """`text` has an amount exactly."""
        return float(value) if isinstance(value, Decimal) else value


class CheckState(StrEnum):
    """通过, 不符, 无法核对 (a figure is missing), or 不适用 (nothing to check)."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ABSENT = "absent"


class Level(StrEnum):
    """error: arithmetic that must hold; warn: a person should look."""

    ERROR = "error"
    WARN = "warn"


class CheckTold(_Part):
    """A cross-check (勾稽关系) in one place; `cells` are the figures that it is about, the failing ones where it failed."""

    id: str
    level: Level
    state: CheckState
    message: str
    cells: list[str] = Field(default_factory=list)


class Report(_Part):
    """The whole report."""

    year: int
    standard: Standard
    bureau: str
    title: str
    period: tuple[str, str]
    due_on: str
    opening: list[Line]
    chapters: list[Chapter]
    figures: dict[str, FigureTold]
    checks: list[CheckTold]
    blanks: list[str]
    to_fill: list[str]
    signed_on: str | None = None

    @property
    def texts(self) -> list[str]:
        """Every text that is printed, in its order."""
        lines = [*self.opening, *(line for chapter in self.chapters for line in chapter.lines)]
        cells = [
            cell.text
            for chapter in self.chapters
            if chapter.table
            for row in chapter.table.rows
            for cell in row
        ]
        return [self.title, *(line.text for line in lines), *cells]
