"""The parts of an Office package (a zip of XML), within limits, and the XML in them without its traps."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from outreach.screening.files.limits import PARTS, UNPACKED_BYTES
from outreach.screening.files.passages import DAMAGED, LOCKED, TOO_BIG, Passage

_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What Office puts a document with a password into."""

_CHUNK: Final = 64 * 1024
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ParseError,
    DefusedXmlException,
    NotImplementedError,
)
"""What damaged or hostile packages raise."""


class Unreadable(Exception):
    """The file, or one of its parts, can't be read; the message is the Chinese reason."""


class Target(Protocol):
    """What hears of the elements of an XML part; what it made of them so far stands in `done`."""

    done: list[Passage]

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """An element begins."""

    def data(self, text: str) -> None:
        """Text inside the present element."""

    def end(self, tag: str) -> None:
        """An element ends."""


class Package:
    """A zip whose parts are read one after the other. All entries count, also two of one name."""

    def __init__(self, content: bytes) -> None:
        """Raises Unreadable."""
        if content.startswith(_OLE_SIGNATURE):
            raise Unreadable(LOCKED)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (*BROKEN, ValueError, OSError):
            raise Unreadable(DAMAGED) from None
        self.entries = [one for one in self._zip.infolist() if not one.is_dir()]
        if len(self.entries) > PARTS:
            raise Unreadable(TOO_BIG)
        if any(one.flag_bits & 1 for one in self.entries):
            raise Unreadable(LOCKED)
        self._left = UNPACKED_BYTES

    def chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The unpacked content of an entry. Raises Unreadable where all entries together become too large."""
        try:
            with self._zip.open(entry) as stream:
                yield from self._within_limits(stream)
        except (*BROKEN, ValueError, OSError):
            raise Unreadable(DAMAGED) from None

    def content(self, entry: zipfile.ZipInfo) -> bytes:
        """The same as a whole."""
        return b"".join(self.chunks(entry))

    def read_xml(self, entry: zipfile.ZipInfo, target: Target) -> Iterator[Passage]:
        """What `target` makes of an XML part, as it goes along. Raises Unreadable."""
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        try:
            for chunk in self.chunks(entry):
                parser.feed(chunk)
                yield from target.done
                target.done.clear()
            parser.close()
        except BROKEN:
            raise Unreadable(DAMAGED) from None
        yield from target.done

    def _within_limits(self, stream: IO[bytes]) -> Iterator[bytes]:
        while chunk := stream.read(_CHUNK):
            self._left -= len(chunk)
            if self._left < 0:
                raise Unreadable(TOO_BIG)
            yield chunk


def local(tag: str) -> str:
    """The name of an element or attribute without its namespace: one reading serves all dialects of Office."""
    return tag.rpartition("}")[2]


def values(attrs: dict[str, str]) -> dict[str, str]:
    """The attributes by their local names."""
    return {local(name): value for name, value in attrs.items()}
