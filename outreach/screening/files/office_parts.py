"""The parts of an Office package that text documents and workbooks have alike: properties, drawings, charts, links,
pictures, embedded files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from outreach.screening.files.any_xml import AnyText
from outreach.screening.files.package import Package, Unreadable, local
from outreach.screening.files.passages import Part, Passage, Unread, passage
from outreach.screening.files.pictures import Looker
from outreach.screening.files.types import parts_inside

_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"})
_WITHOUT_TEXT: Final = frozenset({".odttf", ".ttf"})
_SETTINGS: Final = re.compile(r"(word|xl)/printerSettings/.*|.*\.psmdcp")
_PROPERTIES: Final = {
    "creator": "作者",
    "lastModifiedBy": "最后保存者",
    "title": "标题",
    "subject": "主题",
    "description": "备注",
    "keywords": "标记",
    "category": "类别",
    "Company": "单位",
    "Manager": "经理",
}


def other_parts(package: Package, entries: Iterable[zipfile.ZipInfo], depth: int) -> Iterator[Part]:
    """What stands in parts that need no reading of their own."""
    looker = Looker()
    for entry in entries:
        try:
            yield from _other_part(package, entry, depth, looker)
        except Unreadable as problem:
            yield Unread(entry.filename, str(problem))


def _other_part(package: Package, entry: zipfile.ZipInfo, depth: int, looker: Looker) -> Iterator[Part]:
    path = PurePosixPath(entry.filename)
    ending = path.suffix.lower()
    if entry.filename.startswith("docProps/") and ending == ".xml":
        yield from package.read_xml(entry, _Properties())
    elif entry.filename.endswith(".rels"):
        yield from package.read_xml(entry, _Links())
    elif ending in {".xml", ".vml"}:
        yield from package.read_xml(entry, AnyText(f"文件内的部件 {path.name}"))
    elif ending in _PICTURES:
        yield from looker.look(package.content(entry), f"图片 {path.name}")
    elif ending in _WITHOUT_TEXT or _SETTINGS.fullmatch(entry.filename):
        return
    else:
        yield from _embedded(package.content(entry), path.name, depth)


def _embedded(content: bytes, name: str, depth: int) -> Iterator[Part]:
    yield from parts_inside(content, f"嵌入的文件 {name}", depth)


class _Properties:
    """The properties of the document: who wrote it, for whom, with which remarks."""

    def __init__(self) -> None:
        self.done: list[Passage] = []
        self._names: list[str] = []
        self._texts: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A property begins; one of the user's own tells its name."""
        name = local(tag)
        self._names.append(attrs.get("name", "") or _PROPERTIES.get(name, name))
        self._texts = []

    def data(self, text: str) -> None:
        """Its value."""
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """A property ends. Its value may stand in an element of its own (`vt:lpwstr`)."""
        text = "".join(self._texts)
        if text.strip():
            name = self._names[-2] if tag.endswith(("}lpwstr", "}lpstr")) else self._names[-1]
            self.done.append(passage(text, f"文档属性：{name}"))
        self._names.pop()
        self._texts = []


class _Links:
    """The targets of links that lead out of the file."""

    def __init__(self) -> None:
        self.done: list[Passage] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A relation."""
        if attrs.get("TargetMode") == "External":
            self.done.append(passage(attrs.get("Target", ""), "链接"))

    def data(self, text: str) -> None:
        """Relations hold no text."""

    def end(self, tag: str) -> None:
        """Nothing follows."""
