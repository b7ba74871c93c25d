"""PDF (ISO 32000-2): the pages, all texts in its objects, the files in it, and its earlier revisions.

PDFium gives the text of pages: of a thousand in a second, and Chinese as Chinese (pypdf takes half a minute and
gives radicals for some characters). pypdf gives the objects: annotations, form fields, properties, embedded files.
Neither knows that a PDF saved by appending holds each earlier state whole: it is cut at each end mark and read again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from outreach.screening.files.limits import PIXELS, REVISIONS
from outreach.screening.files.passages import DAMAGED, LOCKED, Part, Passage, Unread, passage
from outreach.screening.files.pdf_objects import object_parts
from outreach.screening.files.pictures import TOO_MANY, Looker

_END_OF_REVISION: Final = re.compile(rb"startxref\s+\d+\s+%%EOF")
_LINEARIZED: Final = re.compile(rb"/Linearized\b")
_TOO_MANY_REVISIONS: Final = f"文件有超过 {REVISIONS} 个较早的修订，没有全部检查。请另存为新的 PDF 后再上传。"
_LOST_REVISION: Final = "较早的修订无法读取。请用“打印为 PDF”另存为新的 PDF 后再上传。"

_DRAWN_SIDE: Final = 2000
"""Pixels of the longer side of a page that is drawn to be looked at: about 170 dpi for A4."""
_FULL_LINE: Final = 0.8
"""A line as long as this share of the longest one goes on in the next."""
_LEAST_WIDTH: Final = 10


def read_pdf(content: bytes, depth: int) -> Iterator[Part]:
    """What stands in a PDF, the present state first; of the earlier ones what differs. Raises Unreadable."""
    looker = Looker()
    told: set[str] = set()
    for one in _state(content, "", looker, depth):
        told.add(_words(one))
        yield one
    for number, end in _earlier_ends(content):
        if number > REVISIONS:
            yield Unread("较早的修订", _TOO_MANY_REVISIONS)
            return
        for one in _state(content[:end], f"第{number}版（较早的修订）", looker, depth):
            if _words(one) not in told:
                told.add(_words(one))
                yield one


def _words(part: Part) -> str:
    return part.text if isinstance(part, Passage) else part.reason


def _earlier_ends(content: bytes) -> list[tuple[int, int]]:
    """Where each earlier revision ends, with its number. A file for quick display on the web begins with an end mark
    that ends nothing."""
    ends = [found.end() for found in _END_OF_REVISION.finditer(content)][:-1]
    if ends and _LINEARIZED.search(content, 0, 1024):
        ends = ends[1:]
    return list(enumerate(ends, start=1))


def _state(content: bytes, revision: str, looker: Looker, depth: int) -> Iterator[Part]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        yield Unread(revision or "整个文件", _why_closed(problem, revision))
        return
    with document:
        for number in range(len(document)):
            yield from _page(document, number, f"{revision}第{number + 1}页", looker)
    yield from object_parts(io.BytesIO(content), revision, depth)


def _why_closed(problem: pypdfium2.PdfiumError, revision: str) -> str:
    if problem.err_code == raw.FPDF_ERR_PASSWORD:
        return LOCKED
    return _LOST_REVISION if revision else DAMAGED


def _page(document: pypdfium2.PdfDocument, number: int, place: str, looker: Looker) -> Iterator[Part]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        yield Unread(place, DAMAGED)
        return
    text = _text(page)
    yield from (passage(one, place) for one in _readings(text))
    pictures = [one for one in page.get_objects(max_depth=4) if one.type == raw.FPDF_PAGEOBJ_IMAGE]
    if text.strip():
        for picture in pictures:
            yield from _picture(picture, f"{place}的图片", looker)
    elif pictures or next(page.get_objects(max_depth=1), None) is not None:
        yield from _drawn(page, place, looker)
    page.close()


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    text = text_page.get_text_range(errors="replace")
    text_page.close()
    return str(text).replace("\r\n", "\n").replace("\ufffe", "")


def _readings(text: str) -> Iterator[str]:
    """The lines of a page, and its paragraphs: what the edge of the page parts is one number again."""
    if not text.strip():
        return
    yield text
    lines = text.split("\n")
    full = max(_LEAST_WIDTH, _FULL_LINE * max(map(len, lines)))
    joined = "".join(line if len(line.rstrip()) >= full else f"{line}\n" for line in lines)
    if joined.rstrip("\n") != text.rstrip("\n"):
        yield joined


def _picture(picture: Any, place: str, looker: Looker) -> Iterator[Part]:
    if looker.is_tired:
        yield Unread(place, TOO_MANY)
        return
    width, height = picture.get_px_size()
    if width * height > PIXELS:
        yield Unread(place, f"图片超过 {PIXELS // 10_000} 万像素，没有检查。请缩小后再上传。")
        return
    try:
        drawn = picture.get_bitmap(render=False).to_pil()
    except (pypdfium2.PdfiumError, ValueError):
        yield Unread(place, DAMAGED)
        return
    yield from looker.look_at(drawn, place)


def _drawn(page: pypdfium2.PdfPage, place: str, looker: Looker) -> Iterator[Part]:
    """A page without text: scanned, or its letters are drawn as lines."""
    if looker.is_tired:
        yield Unread(place, TOO_MANY)
        return
    scale = _DRAWN_SIDE / max(*page.get_size(), 1)
    yield from looker.look_at(page.render(scale=scale).to_pil(), place)
