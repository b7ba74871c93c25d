"""An xlsx file before it is opened: a package of compressed parts, some of which may not be what they seem.

openpyxl reads sheets row by row, but builds a tree of every other part, and tells neither merged cells nor formulas
that were never calculated. So each part's unpacked size is bounded first, and each sheet is gone through once by a
parser that builds nothing.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from typing import Final

from defusedxml.ElementTree import fromstring

from outreach.foundation.problems import invalid
from outreach.items.files import XLSX
from outreach.items.importing.survey import Survey, count_elements, survey_sheet

MAX_UNPACKED: Final = 256 * 1024 * 1024
MAX_SMALL_PART: Final = 8 * 1024 * 1024
MAX_PARTS: Final = 5000

_CONTENT_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = f"{XLSX}.main+xml"
_STREAMED_TYPES: Final = (
    f"{XLSX.removesuffix('.sheet')}.worksheet+xml",
    f"{XLSX.removesuffix('.sheet')}.sharedStrings+xml",
)
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_STRINGS: Final = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)


def look_into(package: zipfile.ZipFile) -> Mapping[str, Survey]:
    """What there is in each sheet, by the name of its part.

    Raises InvalidContent where the package is no workbook without macros, or unpacks to more than is taken.
    Raises whatever `zipfile` and the parser do where it is broken.
    """
    parts = package.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise invalid("file", "工作簿解压后过大。请删去不需要的内容，或分成几个文件导入。")
    types = _content_types(package)
    streamed = {name for name, kinds in types.items() if kinds and kinds <= set(_STREAMED_TYPES)}
    if _MAIN not in set().union(*types.values()):
        raise invalid(
            "file",
            "文件不是 Excel 工作簿（.xlsx），或带有宏。请用电子表格另存为“Excel 工作簿（.xlsx）”后再导入。",
        )
    surveys: dict[str, Survey] = {}
    for part in parts:
        if _SHEET.fullmatch(part.filename) and part.filename in streamed:
            with package.open(part) as sheet:
                surveys[part.filename] = survey_sheet(sheet)
        elif _STRINGS.fullmatch(part.filename) and part.filename in streamed:
            with package.open(part) as strings:
                count_elements(strings)
        elif part.file_size > MAX_SMALL_PART and part.filename.endswith((".xml", ".rels")):
            raise invalid("file", "工作簿里有过大的部分，不像是一张表。请把内容复制到新的工作簿后再导入。")
    return surveys


def _content_types(package: zipfile.ZipFile) -> Mapping[str, set[str]]:
    """The declared types of each part; a part that is declared twice has two."""
    if package.getinfo(_CONTENT_TYPES).file_size > MAX_SMALL_PART:
        raise zipfile.BadZipFile
    declared: dict[str, set[str]] = {}
    for one in fromstring(package.read(_CONTENT_TYPES)):
        name = one.get("PartName", "").removeprefix("/") or f"*.{one.get('Extension', '')}"
        declared.setdefault(name, set()).add(one.get("ContentType", ""))
    return declared
