"""All texts among a PDF's objects, whether a page shows them or not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from outreach.screening.files.any_xml import xml_texts
from outreach.screening.files.passages import DAMAGED, Part, Unread, passage
from outreach.screening.files.types import parts_inside

_ODD: Final = (
    PyPdfError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
)
"""What pypdf raises on objects that break the standard's rules."""

_PROPERTIES: Final = {
    "/Title": "标题",
    "/Author": "作者",
    "/Subject": "主题",
    "/Keywords": "关键词",
    "/Creator": "制作程序",
    "/Producer": "转换程序",
}
_NO_TEXT: Final = frozenset(
    {"/ID", "/O", "/U", "/OE", "/UE", "/Perms", "/CreationDate", "/ModDate", "/M", "/DA", "/DR", "/Lang"}
    | {"/CharSet", "/Registry", "/Ordering", "/Panose", "/Cert", "/ByteRange", "/LastModified"}
)
"""Strings that are keys, dates or names of technical things (ISO 32000-2)."""
_DEEPEST: Final = 20


def object_parts(stream: BinaryIO, revision: str, depth: int) -> Iterator[Part]:
    """The texts of annotations, form fields, bookmarks, properties, links and scripts, and what stands in embedded
    files. An object that can't be read is told."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote what it reads
    try:
        reader = PdfReader(stream, strict=False)
        pages = _pages_of_notes(reader)
        references = _references(reader)
        properties = reader.trailer.raw_get("/Info") if "/Info" in reader.trailer else None
    except _ODD:
        yield Unread(f"{revision}文件内部的对象", DAMAGED)
        return
    lost = 0
    for reference in references:
        try:
            found = reader.get_object(reference)
            is_properties = isinstance(properties, IndirectObject) and properties.idnum == reference.idnum
            kind = "文档属性" if is_properties else _place(found, pages.get(reference.idnum, ""))
            yield from _object(found, f"{revision}{kind}", depth)
        except _ODD:
            lost += 1
    if lost:
        yield Unread(f"{revision}文件内部的 {lost} 个对象", DAMAGED)


def _references(reader: PdfReader) -> list[IndirectObject]:
    """Every object of the file, those inside of object streams as well."""
    plain = [(number, gen) for gen, offsets in reader.xref.items() for number in offsets]
    packed = [(number, 0) for number in reader.xref_objStm]
    return [IndirectObject(number, gen, reader) for number, gen in sorted({*plain, *packed})]


def _pages_of_notes(reader: PdfReader) -> dict[int, str]:
    """On which page each annotation lies, by the number of its object."""
    places: dict[int, str] = {}
    for number, page in enumerate(reader.pages, start=1):
        notes = page.get("/Annots")
        notes = notes.get_object() if notes is not None else None
        for note in notes if isinstance(notes, ArrayObject) else ():
            if isinstance(note, IndirectObject):
                places[note.idnum] = f"第{number}页"
    return places


def _place(found: Any, page: str) -> str:
    if not isinstance(found, DictionaryObject):
        return "文件内部的文字"
    if "/FT" in found or found.get("/Subtype") == "/Widget":
        return f"{page}表单字段"
    if found.get("/Subtype") == "/Link":
        return f"{page}链接"
    if page or found.get("/Type") == "/Annot":
        return f"{page}批注"
    if "/Dest" in found or ("/Parent" in found and "/Title" in found):
        return "书签"
    return "文件内部的文字"


def _object(found: Any, place: str, depth: int) -> Iterator[Part]:
    if isinstance(found, StreamObject):
        yield from _stream(found, depth)
    for key, text in _texts(found, "", 0):
        name = _PROPERTIES.get(key) if place.endswith("文档属性") else None
        yield passage(text, f"{place}：{name}" if name else place)


def _stream(stream: StreamObject, depth: int) -> Iterator[Part]:
    if stream.get("/Type") == "/Metadata":
        yield from xml_texts(stream.get_data(), "文档属性（XMP）")
    elif stream.get("/Type") == "/EmbeddedFile":
        yield from parts_inside(stream.get_data(), "嵌入的文件", depth)


def _texts(found: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """The texts of one object with the names under which they stand; other objects are read by themselves."""
    if depth > _DEEPEST or key in _NO_TEXT:
        return
    if isinstance(found, TextStringObject):
        if found.strip():
            yield key, str(found)
    elif isinstance(found, DictionaryObject):
        for name in found:
            yield from _texts(found.raw_get(name), name, depth + 1)
    elif isinstance(found, ArrayObject):
        for one in list.__iter__(found):
            yield from _texts(one, key, depth + 1)
