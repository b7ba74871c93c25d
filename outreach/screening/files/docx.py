"""Text documents (ECMA-376 part 1, 17): every `w:t`, `w:delText` and `w:instrText` of every part.

What a word processor shows at first is the least of it: tracked changes, comments, hidden runs, field codes, notes,
text boxes, headers and alternative texts stay in the file when it is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from outreach.screening.files.office_parts import other_parts
from outreach.screening.files.package import Package, Unreadable, local, values
from outreach.screening.files.passages import Heads, How, Part, Passage, Piece, Unread, passage, passages_of

_STORY: Final = re.compile(
    r"word/(document|header|footer|footnotes|endnotes|comments|glossary/document)\d*\.xml"
)
_TITLES: Final = {
    "document": "正文",
    "header": "页眉",
    "footer": "页脚",
    "footnotes": "脚注",
    "endnotes": "尾注",
    "comments": "批注",
    "glossary/document": "自动图文集",
}
_TEXTS: Final = frozenset({"t", "delText", "instrText", "delInstrText"})
_NOTES: Final = {"comment": "批注", "footnote": "脚注", "endnote": "尾注"}
_SIGNS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_CHANGES: Final = {
    "ins": How.INSERTED,
    "moveTo": How.INSERTED,
    "del": How.DELETED,
    "moveFrom": How.DELETED,
}
_OFF: Final = frozenset({"0", "false", "off"})
_SAID_OF: Final = {
    "docPr": ("descr", "title"),
    "shape": ("alt", "title"),
    "textpath": ("string",),
    "alias": ("val",),
    "tag": ("val",),
}
"""Texts that stand in attributes: alternative texts, the words of a watermark, the names of content controls."""


def read_docx(content: bytes, depth: int) -> Iterator[Part]:
    """What stands in a text document. Raises Unreadable where it is none."""
    package = Package(content)
    rest = []
    for entry in package.entries:
        found = _STORY.fullmatch(entry.filename)
        if found is None:
            rest.append(entry)
            continue
        title = _TITLES[found[1]]
        try:
            yield from package.read_xml(entry, _Story(title))
        except Unreadable as problem:
            yield Unread(title, str(problem))
    yield from other_parts(package, rest, depth)


@dataclass(slots=True)
class _Flow:
    """Paragraphs that follow each other: the story itself, or a text box inside one of its paragraphs."""

    title: str
    paragraphs: int = 0
    tables: int = 0
    rows: int = 0
    table_depth: int = 0
    line: list[Piece] = field(default_factory=list)
    cells: dict[int, list[Piece]] = field(default_factory=dict)
    heads: Heads = field(default_factory=Heads)

    @property
    def place(self) -> str:
        """Where the text that comes next stands."""
        if self.table_depth:
            return f"{self.title}表格{self.tables}第{self.rows}行"
        return f"{self.title}第{self.paragraphs}段" if self.title == "正文" else self.title


class _Story:
    """Hears one XML part, and gives its paragraphs and rows."""

    def __init__(self, title: str) -> None:
        self.done: list[Passage] = []
        self._flows = [_Flow(title)]
        self._changes: list[How] = []
        self._text: list[str] | None = None
        self._in_run = False
        self._is_hidden = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """An element begins."""
        name = local(tag)
        self._begin_structure(name)
        if name in _TEXTS:
            self._text = []
        elif name in _SIGNS:
            self._say(_SIGNS[name], self._how(name))
        elif name in _CHANGES:
            self._changes.append(_CHANGES[name])
        elif name == "r":
            self._in_run, self._is_hidden = True, False
        elif name in {"vanish", "specVanish", "webHidden"} and self._in_run:
            self._is_hidden = values(attrs).get("val", "true") not in _OFF
        elif name in _NOTES:
            self._begin_note(name, values(attrs))
        elif name == "fldSimple":
            self._say(values(attrs).get("instr", ""), How.HIDDEN)
        elif name in _SAID_OF:
            self._tell_attributes(name, values(attrs))

    def data(self, text: str) -> None:
        """Text inside the present element."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = local(tag)
        if name in _TEXTS and self._text is not None:
            self._say("".join(self._text), self._how(name))
            self._text = None
        elif name in _CHANGES:
            self._changes.pop()
        elif name == "r":
            self._in_run = self._is_hidden = False
        self._end_structure(name)

    def close(self) -> None:
        """The part ends."""
        self._end_paragraph()

    @property
    def _flow(self) -> _Flow:
        return self._flows[-1]

    def _begin_structure(self, name: str) -> None:
        flow = self._flow
        if name == "txbxContent":
            self._flows.append(_Flow("文本框"))
        elif name == "p" and not flow.table_depth:
            flow.paragraphs += 1
        elif name == "tbl":
            if not flow.table_depth:
                flow.tables, flow.rows, flow.heads = flow.tables + 1, 0, Heads()
            flow.table_depth += 1
        elif name == "tr" and flow.table_depth == 1:
            flow.rows, flow.cells = flow.rows + 1, {}
        elif name == "tc" and flow.table_depth == 1:
            flow.cells[len(flow.cells)] = []

    def _end_structure(self, name: str) -> None:
        flow = self._flow
        if name == "txbxContent":
            self._end_paragraph()
            self._flows.pop()
        elif name == "p":
            self._end_paragraph()
        elif name == "tbl":
            flow.table_depth -= 1
        elif name == "tr" and flow.table_depth == 1:
            self.done.extend(flow.heads.row(flow.cells))
            flow.cells = {}

    def _begin_note(self, name: str, attrs: dict[str, str]) -> None:
        self._flow.title = f"{_NOTES[name]}{attrs.get('id', '')}"
        if attrs.get("author"):
            self.done.append(passage(attrs["author"], f"{self._flow.title}的作者"))

    def _tell_attributes(self, name: str, attrs: dict[str, str]) -> None:
        texts = [attrs[one] for one in _SAID_OF[name] if attrs.get(one)]
        self.done.extend(passage(text, f"{self._flow.place}的替代文字") for text in texts)

    def _say(self, text: str, how: How) -> None:
        """Adds `text` to the present line, or to the present cell."""
        flow = self._flow
        line = flow.cells[len(flow.cells) - 1] if flow.table_depth and flow.cells else flow.line
        line.append(Piece(text, flow.place, how))

    def _how(self, name: str) -> How:
        if name in {"delText", "delInstrText"} or How.DELETED in self._changes:
            return How.DELETED
        if self._is_hidden or name == "instrText":
            return How.HIDDEN
        return How.INSERTED if self._changes else How.PLAIN

    def _end_paragraph(self) -> None:
        flow = self._flow
        if flow.table_depth and flow.cells:
            self._say(" ", How.PLAIN)
            return
        self.done.extend(passages_of(flow.line))
        flow.line = []
