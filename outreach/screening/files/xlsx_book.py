"""What a workbook says of itself: its sheets and their states, its names, its table of strings."""

from __future__ import annotations

from typing import Final

from outreach.screening.files.package import local, values
from outreach.screening.files.passages import Passage, passage

_HIDDEN_STATES: Final = frozenset({"hidden", "veryHidden"})


class Book:
    """`xl/workbook.xml`: `sheets` are the titles by the relation that leads to the sheet's part."""

    def __init__(self) -> None:
        self.done: list[Passage] = []
        self.sheets: dict[str, str] = {}
        self._name = ""
        self._texts: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A sheet or a defined name."""
        self._texts = []
        given = values(attrs)
        name = given.get("name", "")
        if local(tag) == "sheet":
            is_hidden = given.get("state") in _HIDDEN_STATES
            title = f"{'隐藏的' if is_hidden else ''}工作表“{name}”"
            self.sheets[given.get("id", "")] = title
            self.done.append(passage(name, f"{title}的名称"))
        elif local(tag) == "definedName":
            self._name = name
            texts = [name, given.get("comment", ""), given.get("description", "")]
            self.done.extend(passage(text, f"定义的名称“{name}”") for text in texts if text)

    def data(self, text: str) -> None:
        """What a defined name stands for."""
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """A defined name ends."""
        text = "".join(self._texts)
        if local(tag) == "definedName" and text:
            self.done.append(passage(text, f"定义的名称“{self._name}”"))
        self._texts = []


class Relations:
    """A `.rels` part: the names of the parts by the relations that lead to them."""

    def __init__(self) -> None:
        self.done: list[Passage] = []
        self.targets: dict[str, str] = {}

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A relation."""
        if "Id" in attrs:
            self.targets[attrs["Id"]] = attrs.get("Target", "").rpartition("/")[2]

    def data(self, text: str) -> None:
        """Relations hold no text."""

    def end(self, tag: str) -> None:
        """Nothing follows."""


class Strings:
    """`xl/sharedStrings.xml`: `known` are the strings that cells refer to by number."""

    def __init__(self) -> None:
        self.done: list[Passage] = []
        self.known: list[str] = []
        self._texts: list[str] = []
        self._in_text = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A string, or a run of one; the phonetic hints of East Asian texts count as well."""
        name = local(tag)
        if name == "si":
            self._texts = []
        self._in_text = name == "t"

    def data(self, text: str) -> None:
        """Text of a run."""
        if self._in_text:
            self._texts.append(text)

    def end(self, tag: str) -> None:
        """A string ends."""
        self._in_text = False
        if local(tag) == "si":
            self.known.append("".join(self._texts))
