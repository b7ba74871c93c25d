"""A Word file set like an official document.

Page, type sizes, line distance and page numbers are those of GB/T 9704-2012 (党政机关公文格式), 5.2 and 7; its fonts are
named and not shipped: a computer that lacks them takes others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

TEXT_WIDTH: Final = Mm(156)
"""How wide a line, a table or a picture may be."""

_TITLE_FONT: Final = "方正小标宋简体"
_HEADING_FONT: Final = "黑体"
_BODY_FONT: Final = "仿宋_GB2312"
_NUMBER_FONT: Final = "宋体"
_TITLE, _BODY, _TABLE, _SMALL = Pt(22), Pt(16), Pt(12), Pt(14)
_LINE: Final = Pt(28)
_ROW: Final = Mm(8)
_NUMBERS: Final = "一二三四五六七八九"


class BlockKind(StrEnum):
    """What a piece of the document is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE = "table"
    PICTURE = "picture"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the document as it is printed: its lines, or the rows of a table, the header first."""

    kind: BlockKind
    lines: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class Paper:
    """The document, written from its title down to its signature. `blocks` is all that was printed, in its order."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._document: Any = docx.Document()
        self._headings = 0
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(28)
        normal = self._document.styles["Normal"]
        _set_font(normal.element.get_or_add_rPr(), _BODY_FONT)
        normal.font.size = _BODY
        self._document.settings.odd_and_even_pages_header_footer = True
        _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
        _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)

    def title(self, text: str, below: str) -> None:
        """The title, and a line below it."""
        paragraph = self._line(text, _TITLE_FONT, _TITLE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = Pt(35)
        paragraph = self._line(below, _BODY_FONT, _BODY)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = _LINE
        self.blocks.append(Block(BlockKind.TITLE, [text, below]))

    def heading(self, text: str) -> None:
        """The next heading of the first level: 一、…"""
        numbered = f"{_NUMBERS[self._headings]}、{text}"
        paragraph = self._line(numbered, _HEADING_FONT, _BODY)
        paragraph.paragraph_format.first_line_indent = 2 * _BODY
        paragraph.paragraph_format.keep_with_next = True
        self._headings += 1
        self.blocks.append(Block(BlockKind.HEADING, [numbered]))

    def paragraph(self, text: str) -> None:
        """A paragraph of the text."""
        self._line(text, _BODY_FONT, _BODY).paragraph_format.first_line_indent = 2 * _BODY
        self.blocks.append(Block(BlockKind.PARAGRAPH, [text]))

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[Length] | None = None
    ) -> None:
        """A table whose header is repeated on each page. Its first column is text and the others numbers; with `widths`
        all are text."""
        table = self._document.add_table(rows=0, cols=len(header))
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        wide = widths or _widths(len(header))
        for column, width in zip(table.columns, wide, strict=True):
            column.width = width
        for number, row in enumerate((header, *rows)):
            added = table.add_row()
            added.height = _ROW
            cells = added.cells
            for place, text in enumerate(row):
                cells[place].width = wide[place]
                cells[place].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
                paragraph = cells[place].paragraphs[0]
                is_text = number > 0 and (place == 0 or widths is not None)
                paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if is_text else WD_ALIGN_PARAGRAPH.CENTER
                _run(paragraph, text, _BODY_FONT if number else _HEADING_FONT, _TABLE)
        for row in table.rows:
            _set_row(row._tr, "w:cantSplit")
        _set_row(table.rows[0]._tr, "w:tblHeader")
        self._document.add_paragraph().paragraph_format.line_spacing = Pt(14)
        self.blocks.append(Block(BlockKind.TABLE, rows=[list(row) for row in (header, *rows)]))

    def picture(self, png: bytes, below: str, described: str) -> None:
        """A picture as wide as the text, with a line below it; `described` is for who can't see it."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(png), width=TEXT_WIDTH)
        shape._inline.docPr.set("descr", described)  # python-docx has no other way to it
        self._line(below, _HEADING_FONT, _TABLE).alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.blocks.append(Block(BlockKind.PICTURE, [below, described]))

    def signature(self, bureau: str, date: str) -> None:
        """Who issues it, and when."""
        self._document.add_paragraph()
        for line in (bureau, date):
            paragraph = self._line(line, _BODY_FONT, _BODY)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.right_indent = 2 * _BODY
            paragraph.paragraph_format.keep_with_next = line == bureau
        self.blocks.append(Block(BlockKind.SIGNATURE, [bureau, date]))

    def save(self) -> bytes:
        """The file."""
        target = BytesIO()
        self._document.save(target)
        return target.getvalue()

    def _line(self, text: str, font: str, size: Length) -> Any:
        paragraph = self._document.add_paragraph()
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
        form.space_before = form.space_after = Pt(0)
        _run(paragraph, text, font, size)
        return paragraph


def _widths(columns: int) -> list[Length]:
    first = int(TEXT_WIDTH * (0.34 if columns > 4 else 0.46))
    return [Length(first), *(Length((TEXT_WIDTH - first) // (columns - 1)) for _ in range(columns - 1))]


def _run(paragraph: Any, text: str, font: str, size: Length) -> None:
    printable = "".join(sign for sign in text if sign.isprintable())  # no XML holds the others
    run = paragraph.add_run(printable)
    run.font.size = size
    _set_font(run._element.get_or_add_rPr(), font)  # only there is a font for Han characters named


def _set_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi"):
        fonts.set(qn(attribute), "Times New Roman")
    fonts.set(qn("w:eastAsia"), font)


def _page_number(footer: Any, alignment: Any) -> None:
    """— 1 —, on the outer side of each page (7.5)."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = alignment
    _run(paragraph, "— ", _NUMBER_FONT, _SMALL)
    for kind in ("begin", "instr", "end"):
        run = paragraph.add_run()
        run.font.size = _SMALL
        if kind == "instr":
            element = OxmlElement("w:instrText")
            element.text = "PAGE"
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._element.append(element)
    _run(paragraph, " —", _NUMBER_FONT, _SMALL)


def _set_row(row: Any, name: str) -> None:
    element = OxmlElement(name)
    element.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(element)
