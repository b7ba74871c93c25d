"""Writes the Word templates of the annual report, one a form: `python docs/draw_report_forms.py`.

The tables come from the forms that the code itself goes by. Page, fonts and spacing are those of GB/T 9704-2012: A4,
margins 37, 35, 28 and 26 mm, body 仿宋 in size 三号 with lines 28 points apart, page number — 1 — outside at the bottom.
The fonts are named, not shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable

from outreach.statistics.report.content import Table
from outreach.statistics.report.forms import FORMS, Form
from outreach.statistics.report.tables import TABLES

FOLDER = Path(__file__).parents[1] / "templates" / "reports"
BODY, TITLE, FIRST, SECOND = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"
TEXT_WIDTH_MM = 156
WIDTHS_MM: dict[str, Sequence[float]] = {
    "table2": (48, 36, 36, 36),
    "table3": (9, 16, 44.8, *[12.3] * 7),
    "table4": [10.4] * 15,
    "sources": (62, 94),
}
ROW_MM = {"table2": 9, "table3": 6.4, "table4": 12, "sources": 7}


def template_of(form: Form) -> Any:
    """The document of that form, with the names that docxtpl fills in."""
    document = Document()
    _set_page(document)
    _set_styles(document)
    title = document.add_paragraph("{{ report.bureau }}", style="Title")
    title.runs[0].add_break()
    title.add_run("{{ report.year }}年政府信息公开工作年度报告")
    _lines(document, "report.opening")
    for number, title in enumerate(form.sections, start=1):
        heading = document.add_paragraph(title, style="Heading 1")
        heading.paragraph_format.page_break_before = number in TABLES and number == _LONG_TABLE
        _lines(document, f"report.chapters[{number - 1}].lines")
        if number in TABLES:
            _table(document, TABLES[number](form, lambda key: f'{{{{ cell["{key}"] }}}}'))
    _signature(document)
    _sources(document)
    return document


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    properties = document.core_properties
    properties.author, properties.comments, properties.title = "", "", "政府信息公开工作年度报告"


def _page_number(paragraph: Any, side: Any) -> None:
    """— 1 — in 宋体 of size 四号, one character away from the edge."""
    paragraph.alignment = side
    indent = paragraph.paragraph_format
    indent.left_indent, indent.right_indent = Pt(14), Pt(14)
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        run.font.size, run.font.name = Pt(14), "宋体"
        _east_asian(run._element.get_or_add_rPr(), "宋体")
        if text is None:
            for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
                run._element.append(_field(kind, code))


def _field(kind: str | None, code: str | None) -> Any:
    if code:
        element = OxmlElement("w:instrText")
        element.text = code
        return element
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


def _set_styles(document: Any) -> None:
    styles = document.styles
    _style(styles["Normal"], BODY, 16, indent=2)
    styles["Normal"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _style(styles["Title"], TITLE, 22, line=35)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["Title"].paragraph_format.space_after = Pt(28)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)
    _style(styles["Heading 1"], FIRST, 16, indent=2)
    _style(styles["Heading 2"], SECOND, 16, indent=2)
    for name in ("Heading 1", "Heading 2"):
        styles[name].paragraph_format.keep_with_next = True
    cell = styles.add_style("表格文字", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = styles["Normal"]
    _style(cell, BODY, 9, line=11.5)
    cell.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _style(style: Any, font: str, size: float, *, indent: int = 0, line: float = 28) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = LATIN, Pt(size), False, False
    properties = style.element.get_or_add_rPr()
    _east_asian(properties, font)
    for colour in properties.findall(qn("w:color")):
        properties.remove(colour)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    indentation = style.element.get_or_add_pPr().get_or_add_ind()
    indentation.set(qn("w:firstLineChars"), str(indent * 100))
    indentation.set(qn("w:firstLine"), str(int(indent * size * 20)))


def _east_asian(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _lines(document: Any, lines: str) -> None:
    for text, style in (
        (f"{{%p for line in {lines} %}}", "Normal"),
        ("{%p if line.heading %}", "Normal"),
        ("{{ line.text }}", "Heading 2"),
        ("{%p else %}", "Normal"),
        ("{{ line.text }}", "Normal"),
        ("{%p endif %}", "Normal"),
        ("{%p endfor %}", "Normal"),
    ):
        document.add_paragraph(text, style=style)


def _table(document: Any, table: Table) -> None:
    made = _empty_table(document, table.id, len(table.rows))
    grid = [list(row.cells) for row in made.rows]
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(table.rows):
        column = 0
        for cell in cells:
            while (row, column) in taken:
                column += 1
            last = (row + cell.rowspan - 1, column + cell.colspan - 1)
            target = grid[row][column]
            if last != (row, column):
                target = target.merge(grid[last[0]][last[1]])
            taken |= {(r, c) for r in range(row, last[0] + 1) for c in range(column, last[1] + 1)}
            _fill(target, cell.text, left=_is_label(table, row, cell))
            # A table of a page or less is not torn apart.
            target.paragraphs[0].paragraph_format.keep_with_next = row < len(table.rows) - 1
            column = last[1] + 1
    for row in range(table.headings):
        _repeat(made.rows[row])
    document.add_paragraph("").paragraph_format.line_spacing = Pt(10)


def _is_label(table: Table, row: int, cell: Any) -> bool:
    """The longest labels of table three read better from the left."""
    return table.id == "table3" and row >= table.headings and cell.heading and cell.rowspan == 1


def _empty_table(document: Any, name: str, rows: int) -> WordTable:
    widths = WIDTHS_MM[name]
    made: WordTable = document.add_table(rows, len(widths), style="Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "28")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    made._tbl.tblPr.append(margins)
    for number, width in enumerate(widths):
        made.columns[number].width = Mm(width)
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
        row.height = Mm(ROW_MM[name])
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
    return made


def _fill(cell: Any, text: str, *, left: bool = False) -> None:
    for paragraph in cell.paragraphs[1:]:
        paragraph._element.getparent().remove(paragraph._element)
    paragraph = cell.paragraphs[0]
    paragraph.style = "表格文字"
    paragraph.add_run(text)
    if left:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _signature(document: Any) -> None:
    """The office and, once it is final, the day, four characters from the right."""
    first = document.add_paragraph("{{ report.bureau }}")
    first.paragraph_format.space_before = Pt(28)
    for text in ("{%p if report.signed_on %}", "{{ signed_on }}", "{%p endif %}"):
        document.add_paragraph(text)
    for paragraph in document.paragraphs[-4:]:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(32)
        paragraph.paragraph_format.keep_with_next = True


def _sources(document: Any) -> None:
    """Where each figure comes from, on a page of its own that is taken out before the report is published."""
    heading = document.add_paragraph("附：数据来源（供审核，公布时删去本页）", style="Heading 1")
    heading.paragraph_format.page_break_before = True
    made = _empty_table(document, "sources", 4)
    for cell, text in zip(made.rows[0].cells, ("来源", "数字"), strict=True):
        _fill(cell, text)
    for row, text in ((1, "{%tr for one in sources %}"), (3, "{%tr endfor %}")):
        _fill(made.rows[row].cells[0], text)
    _fill(made.rows[2].cells[0], "{{ one.source }}", left=True)
    _fill(made.rows[2].cells[1], "{{ one.figures }}", left=True)
    _repeat(made.rows[0])
    document.add_paragraph("", style="表格文字")


_LONG_TABLE = 3

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for standard, form in FORMS.items():
        template_of(form).save(str(FOLDER / f"年度报告-{standard.value}.docx"))
