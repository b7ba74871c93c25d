"""Which module reads which type of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import filetype

from outreach.screening.files.docx import read_docx
from outreach.screening.files.limits import DEPTH
from outreach.screening.files.package import Unreadable
from outreach.screening.files.passages import EMBEDDED, THE_FILE, Part, Passage, Unread
from outreach.screening.files.pdf import read_pdf
from outreach.screening.files.pictures import read_picture
from outreach.screening.files.plain import read_csv, read_text
from outreach.screening.files.xlsx import read_xlsx

Reader = Callable[[bytes, int], Iterator[Part]]

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

READERS: Final[Mapping[str, Reader]] = {
    "application/pdf": read_pdf,
    DOCX: read_docx,
    XLSX: read_xlsx,
    "image/png": read_picture,
    "image/jpeg": read_picture,
    "image/gif": read_picture,
    "image/bmp": read_picture,
    "image/webp": read_picture,
    "image/tiff": read_picture,
    "text/plain": read_text,
    "text/csv": read_csv,
}
"""A reader is given the content and how many files it lies in."""

UNKNOWN: Final = "这种文件无法检查。请另存为 docx、xlsx 或 pdf 后再上传。"


def parts_of(content: bytes, media_type: str, depth: int = 0) -> Iterator[Part]:
    """What stands in a file; last, where something could not be read, what and why."""
    reader = READERS.get(media_type)
    if reader is None:
        yield Unread(THE_FILE, UNKNOWN)
        return
    try:
        yield from reader(content, depth)
    except Unreadable as problem:
        yield Unread(THE_FILE, str(problem))


def parts_inside(content: bytes, place: str, depth: int) -> Iterator[Part]:
    """What stands in a file that lies in another one, each place with that of the file."""
    media_type = filetype.guess_mime(content)
    if depth >= DEPTH or media_type not in READERS:
        yield Unread(place, EMBEDDED)
        return
    for part in parts_of(content, media_type, depth + 1):
        yield _moved(part, place)


def _moved(part: Part, place: str) -> Part:
    if isinstance(part, Unread):
        return Unread(f"{place}，{part.place}", part.reason)
    return Passage(part.text, tuple((offset, f"{place}，{inner}") for offset, inner in part.places))
