"""Which module reads which type of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pkgutil import resolve_name
from typing import Final, cast

import filetype

from outreach.screening.files.limits import DEPTH
from outreach.screening.files.package import Unreadable
from outreach.screening.files.passages import EMBEDDED, THE_FILE, Part, Passage, Unread

Reader = Callable[[bytes, int], Iterator[Part]]
"""Is given the content and how many files it lies in."""

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

READERS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf:read_pdf",
    DOCX: "docx:read_docx",
    XLSX: "xlsx:read_xlsx",
    "image/png": "pictures:read_picture",
    "image/jpeg": "pictures:read_picture",
    "image/gif": "pictures:read_picture",
    "image/bmp": "pictures:read_picture",
    "image/webp": "pictures:read_picture",
    "image/tiff": "pictures:read_picture",
    "text/plain": "plain:read_text",
    "text/csv": "plain:read_csv",
}
"""Where each reader is. It is looked up when a file of its type comes: most children read one file, and the libraries of
all types together take longer to load than a usual file to read."""

UNKNOWN: Final = "这种文件无法检查。请另存为 docx、xlsx 或 pdf 后再上传。"


def parts_of(content: bytes, media_type: str, depth: int = 0) -> Iterator[Part]:
    """What stands in a file; last, where something could not be read, what and why."""
    place = READERS.get(media_type)
    if place is None:
        yield Unread(THE_FILE, UNKNOWN)
        return
    read = cast("Reader", resolve_name(f"outreach.screening.files.{place}"))
    try:
        yield from read(content, depth)
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
