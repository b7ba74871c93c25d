"""The assessment as a workbook: ranking and evidence of a quarter, or the ranking of a year."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from outreach.statistics.assessment.evidence import Evidence
from outreach.statistics.assessment.queries import Sheet, YearLine
from outreach.statistics.assessment.rules import LABELS, Measure, on_time_rate
from outreach.statistics.quarters import Quarter

_A4: Final = 9
_HEAD: Final = 2
"""The row of the heading: above it a title and a blank row."""


class _Book:
    """A workbook whose texts are never taken for formulas or links."""

    def __init__(self) -> None:
        self._target = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.head = self.book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "align": "center", "text_wrap": True}
        )
        self.cell = self.book.add_format({"border": 1})
        self.number = self.book.add_format({"border": 1, "num_format": "0.00"})
        self.total = self.book.add_format({"border": 1, "num_format": "0.00", "bold": True})
        self.wrapped = self.book.add_format({"border": 1, "text_wrap": True, "valign": "top"})

    def sheet(self, name: str, title: str, heading: Sequence[tuple[str, int]]) -> Any:
        """A sheet with its title and the row of headings (text, width), set up for printing."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD)
        sheet.freeze_panes(_HEAD + 1, 0)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        sheet.write_string(0, 0, title, self.title)
        for place, (text, width) in enumerate(heading):
            sheet.set_column(place, place, width)
            sheet.write_string(_HEAD, place, text, self.head)
        return sheet

    def bytes(self) -> bytes:
        """The finished workbook."""
        self.book.close()
        return self._target.getvalue()


def quarter_book(
    sheet: Sheet, evidence: Mapping[str, Sequence[Evidence]], titles: Mapping[str, str]
) -> bytes:
    """The ranking with a formula for each total, and the evidence of each section of `evidence` (by its id)."""
    book = _Book()
    measures = list(Measure)
    heading = [("名次", 6), ("科室", 24), ("基础分", 9), *((LABELS[one], 11) for one in measures)]
    heading += [("得分", 10), ("应公开", 9), ("按期", 7), ("按期率", 9)]
    state = "已定稿" if sheet.closed else "未定稿"
    ranking = book.sheet("排名", f"{sheet.quarter.label}监督考核（{state}）", heading)
    for row, line in enumerate(sheet.lines, start=_HEAD + 1):
        ranking.write_number(row, 0, line.rank, book.cell)
        ranking.write_string(row, 1, line.section, book.cell)
        ranking.write_number(row, 2, sheet.base, book.number)
        for place, one in enumerate(measures, start=3):
            ranking.write_number(row, place, line.points[one], book.number)
        last = 3 + len(measures)
        first_cell, last_cell = xl_rowcol_to_cell(row, 2), xl_rowcol_to_cell(row, last - 1)
        ranking.write_formula(row, last, f"=MAX(0,SUM({first_cell}:{last_cell}))", book.total, line.total)
        ranking.write_number(row, last + 1, line.due, book.cell)
        ranking.write_number(row, last + 2, line.in_time, book.cell)
        ranking.write_string(row, last + 3, on_time_rate(line.due, line.in_time), book.cell)
    _write_evidence(book, sheet, evidence, titles)
    return book.bytes()


def year_book(year: int, quarters: Sequence[Quarter], lines: Sequence[YearLine]) -> bytes:
    """The ranking of a year with a formula for each mean."""
    book = _Book()
    heading = [("名次", 6), ("科室", 24), *((f"第{'一二三四'[one.number - 1]}季度", 12) for one in quarters)]
    ranking = book.sheet("排名", f"{year}年监督考核", [*heading, ("全年平均", 12)])
    for row, line in enumerate(lines, start=_HEAD + 1):
        ranking.write_number(row, 0, line.rank, book.cell)
        ranking.write_string(row, 1, line.section, book.cell)
        for place, quarter in enumerate(quarters, start=2):
            if quarter in line.totals:
                ranking.write_number(row, place, line.totals[quarter], book.number)
            else:
                ranking.write_blank(row, place, None, book.cell)
        last = 2 + len(quarters)
        cells = f"{xl_rowcol_to_cell(row, 2)}:{xl_rowcol_to_cell(row, last - 1)}"
        ranking.write_formula(row, last, f"=ROUND(AVERAGE({cells}),2)", book.total, line.mean)
    return book.bytes()


def _write_evidence(
    book: _Book, sheet: Sheet, evidence: Mapping[str, Sequence[Evidence]], titles: Mapping[str, str]
) -> None:
    heading = [("科室", 24), ("项目", 11), ("日期", 12), ("数", 6), ("信息", 50), ("说明", 40)]
    listed = book.sheet("依据", f"{sheet.quarter.label}得分依据", heading)
    row = _HEAD
    for line in sheet.lines:
        for one in evidence.get(line.section_id, ()):
            row += 1
            listed.write_string(row, 0, line.section, book.wrapped)
            listed.write_string(row, 1, LABELS[one.measure], book.wrapped)
            listed.write_string(row, 2, one.on.isoformat(), book.wrapped)
            listed.write_number(row, 3, one.amount, book.wrapped)
            listed.write_string(row, 4, titles.get(one.subject_id, ""), book.wrapped)
            listed.write_string(row, 5, one.note, book.wrapped)
    listed.autofilter(_HEAD, 0, max(row, _HEAD + 1), len(heading) - 1)
