"""Workbooks (ECMA-376 part 1, 18): every cell of every sheet, also of hidden sheets, rows and columns, with formulas,
comments, defined names, headers, prompts and cached values."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from outreach.screening.files.office_parts import other_parts
from outreach.screening.files.package import Package, Target, Unreadable
from outreach.screening.files.passages import Part, Unread
from outreach.screening.files.xlsx_book import Book, Relations, Strings
from outreach.screening.files.xlsx_sheet import Comments, Sheet

_BOOK: Final = "xl/workbook.xml"
_BOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STRINGS: Final = "xl/sharedStrings.xml"
_SHEET: Final = re.compile(r"xl/worksheets/(?P<name>[^/]+\.xml)")
_SHEET_RELATIONS: Final = re.compile(r"xl/worksheets/_rels/(?P<name>[^/]+\.xml)\.rels")
_COMMENTS: Final = re.compile(r"xl/(?:.*/)?(?P<name>(?:threadedC|c)omments?\d*\.xml)")


def read_xlsx(content: bytes, depth: int) -> Iterator[Part]:
    """What stands in a workbook. Raises Unreadable where it is none."""
    package = Package(content)
    strings, book = Strings(), Book()
    titles = _titles(package, book)
    yield from book.done
    for entry in package.entries:
        if entry.filename == _STRINGS:
            list(package.read_xml(entry, strings))
    rest = []
    for entry in package.entries:
        if found := _SHEET.fullmatch(entry.filename):
            title = titles.get(found["name"], f"未列出的工作表 {found['name']}")
            yield from _part(package, entry, Sheet(title, strings.known), title)
        elif found := _COMMENTS.fullmatch(entry.filename):
            title = titles.get(found["name"], "工作簿")
            yield from _part(package, entry, Comments(title), f"{title}的批注")
        elif entry.filename not in {_BOOK, _STRINGS}:
            rest.append(entry)
    yield from other_parts(package, rest, depth)


def _titles(package: Package, book: Book) -> dict[str, str]:
    """What the sheets, and the comments on them, are called, by the names of their parts."""
    relations, users = Relations(), Relations()
    for entry in package.entries:
        if entry.filename == _BOOK:
            book.done = list(package.read_xml(entry, book))
        elif entry.filename == _BOOK_RELATIONS:
            list(package.read_xml(entry, relations))
    titles = {
        relations.targets[sheet]: title for sheet, title in book.sheets.items() if sheet in relations.targets
    }
    for entry in package.entries:
        if found := _SHEET_RELATIONS.fullmatch(entry.filename):
            users.targets.clear()
            list(package.read_xml(entry, users))
            sheet = titles.get(found["name"])
            titles.update({part: sheet for part in users.targets.values() if sheet})
    return titles


def _part(package: Package, entry: zipfile.ZipInfo, target: Target, place: str) -> Iterator[Part]:
    try:
        yield from package.read_xml(entry, target)
    except Unreadable as problem:
        yield Unread(place, str(problem))
