"""XML of whatever kind: all of its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from defusedxml.ElementTree import DefusedXMLParser

from outreach.screening.files.package import BROKEN, local, values
from outreach.screening.files.passages import DAMAGED, Part, Passage, Unread, passage

_BLOCKS: Final = frozenset({"p", "text", "si"})
"""Elements whose text is parted into runs (`t`); any other element's text stands for itself."""

_ATTRIBUTES: Final = frozenset(
    {
        "v",
        "descr",
        "alt",
        "string",
        "prompt",
        "promptTitle",
        "error",
        "errorTitle",
        "displayName",
        "connection",
    }
)
"""Attributes that bear what somebody typed: cached values of pivot tables, alternative texts, input prompts."""


def xml_texts(content: bytes, place: str) -> Iterator[Part]:
    """The texts of a whole XML document."""
    target = AnyText(place)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except BROKEN:
        yield Unread(place, DAMAGED)
    yield from target.done


class AnyText:
    """Every text of a part, and the attributes that bear text, a block a passage."""

    def __init__(self, place: str) -> None:
        self.done: list[Passage] = []
        self._place = place
        self._texts: list[str] = []
        self._has_text = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """The texts among an element's attributes."""
        self._has_text = False
        said = [value for name, value in values(attrs).items() if name in _ATTRIBUTES]
        self.done.extend(passage(text, self._place) for text in said if text.strip())

    def data(self, text: str) -> None:
        """Text anywhere."""
        self._texts.append(text)
        self._has_text = True

    def end(self, tag: str) -> None:
        """A paragraph or a value ends."""
        name = local(tag)
        if name in _BLOCKS or (self._has_text and name != "t"):
            self._tell()
        self._has_text = False

    def close(self) -> None:
        """The part ends."""
        self._tell()

    def _tell(self) -> None:
        text = "".join(self._texts)
        if text.strip():
            self.done.append(passage(text, self._place))
        self._texts.clear()
