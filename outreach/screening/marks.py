"""The door: what bears a classification mark (密级标志) comes in nowhere, and that it was tried is remembered.

保守国家秘密法 art. 34 and 64, 实施条例 art. 41 and 42: a system that is not secret must not hold secrets. Of a text
that is refused there remain its HMAC, the kind of mark, the person and the time.

A line that only looks like a mark is released by the confidentiality reviewer, who was shown it and types it in;
kept is its HMAC. The author then sends the text again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import ClassificationMarkFound, FieldError
from outreach.items.rules import texts_of, typed_texts
from outreach.screening.file_reader import ReadFile
from outreach.screening.in_files import mark_line, marks_in
from outreach.screening.model import ReleasedLine
from outreach.screening.normalise import read
from outreach.screening.rules import Match, classification_marks

TOLD: Final = (
    "这段文字带有密级标志，本系统不接收、也没有保存。请立即停止在非涉密系统中处理该内容，"
    "并向本单位保密工作机构报告；确认不涉密的，去掉密级标志后再提交。"
)
_TOLD_OF_FILE: Final = (
    "本系统不接收、也没有保存这个文件。请立即停止在非涉密系统中处理它，"
    "并向本单位保密工作机构报告；确认不涉密的，去掉密级标志后再上传。"
)
_SHOWN_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text that was refused: its field, the names of the rules that found a mark, and an HMAC of it."""

    field: str
    rules: tuple[str, ...]
    text_hash: str


_noted: ContextVar[list[Refusal] | None] = ContextVar("refusals", default=None)


@contextmanager
def noting_refusals() -> Iterator[list[Refusal]]:
    """All that a `Doorkeeper` refuses meanwhile, whatever becomes of the error: no door can forget to tell."""
    refusals: list[Refusal] = []
    token = _noted.set(refusals)
    try:
        yield refusals
    finally:
        _noted.reset(token)


class Doorkeeper:
    """Looks through texts before anything of them is stored. It knows the lines that were released; `key` is the
    one under which they were."""

    def __init__(self, released: frozenset[str], key: bytes) -> None:
        self._released = released
        self._key = key

    def refuse_item(self, snapshot: Mapping[str, Any]) -> None:
        """Raises ClassificationMarkFound where a text of the item bears a mark, naming each field."""
        self._refuse(texts_of(snapshot))

    def refuse_typed(self, raw: Mapping[str, Any], others: Sequence[FieldError] = ()) -> None:
        """The same for what was typed as an item and can't be taken as one: what else is wrong with it (`others`) is
        told with the marks, and not before them."""
        self._refuse(typed_texts(raw), others)

    def refuse_texts(self, **texts: str) -> None:
        """The same for texts that somebody typed besides (an opinion, a reason), by their fields."""
        self._refuse(texts)

    def refuse_file(self, name: str, read: ReadFile) -> None:
        """The same for what was read in a file that comes in."""
        found = [(one, mark) for one, mark in marks_in(read) if self._is_mark(one.text, mark)]
        if found:
            passage, mark = found[0]
            self._note("attachments", passage.text, [mark])
            told = f"附件“{name}”的{passage.place_at(mark.start)}带有密级标志。{_TOLD_OF_FILE}"
            raise ClassificationMarkFound(told, errors=[FieldError("attachments", told)])

    def _refuse(self, texts: Mapping[str, str], others: Sequence[FieldError] = ()) -> None:
        errors: list[FieldError] = []
        for field, text in texts.items():
            if marks := self._marks(text):
                errors.append(FieldError(field, _told(text, marks)))
                self._note(field, text, marks)
        if errors:
            raise ClassificationMarkFound(TOLD, errors=[*errors, *others])

    def _marks(self, text: str) -> list[Match]:
        return [mark for mark in classification_marks(text) if self._is_mark(text, mark)]

    def _is_mark(self, text: str, mark: Match) -> bool:
        return line_mac(self._key, mark_line(text, mark) or "") not in self._released

    def _note(self, field: str, text: str, marks: list[Match]) -> None:
        noted = _noted.get()
        if noted is not None:
            rules = tuple(sorted({mark.rule for mark in marks}))
            noted.append(Refusal(field, rules, _mac(self._key, "text", text)))


async def doorkeeper(session: AsyncSession) -> Doorkeeper:
    """The doorkeeper with the lines that are released now."""
    released = await session.scalars(select(ReleasedLine.mac).where(ReleasedLine.revoked_at.is_(None)))
    return Doorkeeper(frozenset(released), session.info["audit_key"])


async def released_lines(session: AsyncSession) -> dict[str, ReleasedLine]:
    """The lines that are released now, by what `line_mac` gives."""
    query = select(ReleasedLine).where(ReleasedLine.revoked_at.is_(None))
    return {line.mac: line for line in await session.scalars(query)}


def lines_like_marks(texts: Iterable[str], files: Iterable[ReadFile]) -> list[str]:
    """The lines of an item's texts and files that look like classification marks, each once."""
    in_texts = [mark_line(text, mark) for text in texts for mark in classification_marks(text)]
    in_files = [mark_line(passage.text, mark) for file in files for passage, mark in marks_in(file)]
    return list(dict.fromkeys(line for line in (*in_texts, *in_files) if line))


def line_mac(key: bytes, line: str) -> str:
    """The HMAC of a line as the engine reads it, whatever blanks stand in it."""
    return _mac(key, "line", "".join(read(line).text.split()))


def _mac(key: bytes, purpose: str, text: str) -> str:
    content = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _told(text: str, marks: list[Match]) -> str:
    """The passage goes back to whoever typed it, and nowhere else."""
    shown = "、".join(f"“{mark.text[:_SHOWN_LENGTH]}”" for mark in marks)
    return f"{TOLD}所在位置：{shown}。"
