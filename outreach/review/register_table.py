"""The register (台账) as a table: the same columns in a workbook and as CSV, written row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from outreach.foundation.clock import SHANGHAI
from outreach.foundation.dates import day, moment
from outreach.items.importing.cells import protected
from outreach.items.labels import KIND_LABELS
from outreach.items.rules import STAGE_LABELS
from outreach.review.emergency_rules import AFTERWARDS
from outreach.review.queries import RecordRow
from outreach.review.rules import STANDING_LABELS, number_label

SEALED: Final = "（已封存）"
HEADER: Final = (
    *("编号", "登记日期", "标题", "类别", "来源科室", "版本", "处理", "法律依据", "审查人"),
    *("审结时间", "备案时间", "备案人"),
)
_WIDTHS: Final = (18, 14, 48, 10, 18, 6, 12, 44, 44, 20, 20, 12)


def cells_of(row: RecordRow) -> tuple[str, ...]:
    """A record as a row below `HEADER`; times are those of Asia/Shanghai."""
    return (
        number_label(row.year, row.number),
        day(row.opened_at, SHANGHAI),
        row.title or SEALED,
        KIND_LABELS[row.kind],
        row.section,
        str(row.revision),
        STANDING_LABELS[row.standing],
        row.basis or "",
        "，".join(
            f"{STAGE_LABELS[stage]}{f'（{AFTERWARDS}）' if afterwards else ''}：{name}"
            for stage, name, afterwards in row.reviewers
        ),
        moment(row.concluded_at, SHANGHAI) if row.concluded_at else "",
        moment(row.filed_at, SHANGHAI) if row.filed_at else "",
        row.filed_by_name or "",
    )


class CsvTable:
    """CSV as Excel reads it: UTF-8 with a BOM; no cell is taken for a formula."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(HEADER)

    def write(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Adds rows."""
        self._rows.writerows([protected(cell) for cell in row] for row in rows)

    def close(self) -> None:
        """To be called after an error too."""
        self._file.close()


class XlsxTable:
    """A workbook with one sheet, its header fixed and filtered; every cell is text."""

    def __init__(self, path: Path) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(path, {**options, "tmpdir": str(path.parent)})
        self._sheet: Any = self._book.add_worksheet("审查台账")
        self._head = self._book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        self._cell = self._book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._last, self._is_closed = 0, False
        for place, width in enumerate(_WIDTHS):
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_landscape()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        for place, text in enumerate(HEADER):
            self._sheet.write_string(0, place, text, self._head)

    def write(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Adds rows."""
        for row in rows:
            self._last += 1
            for place, text in enumerate(row):
                self._sheet.write_string(self._last, place, protected(text), self._cell)

    def close(self) -> None:
        """To be called after an error too: only then are the rows' files gone. A second time it does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._sheet.autofilter(0, 0, self._last, len(HEADER) - 1)
        self._book.close()


_A4: Final = 9
"""As XlsxWriter's `set_paper` counts paper formats."""
