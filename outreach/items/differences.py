"""What changed between two texts, told so that a person sees it: by lines, inside them by clauses and characters.

Chinese has no blanks between words, so that the steps are the ones in which it is read: a line, a clause up to its
mark, a character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from outreach.items.labels import ORIGIN_LABELS, display_rows
from outreach.items.model import Kind


class Change(StrEnum):
    """What happened to a piece of a text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters that share what happened to them. What was removed stands before what came in its place."""

    change: Change
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that, without the added ones, give `before`, and without the removed ones `after`."""
    return _joined(_without_islands(_joined(_compared(before, after, _STEPS))))


def readable_texts(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Everything that a snapshot says, by the label that a person knows it by."""
    texts = {
        "标题": snapshot["title"],
        "短标题": snapshot["short_title"] or "",
        "科室": snapshot["section"],
        "来源类型": ORIGIN_LABELS[snapshot["origin"]],
        "转载来源": snapshot["repost_source"] or "",
        "转载链接": snapshot["repost_url"] or "",
        "形成日期": snapshot["formed_on"],
        "正文": snapshot["body"],
    }
    for label, text in display_rows(Kind(snapshot["kind"]), snapshot["fields"]):
        texts[label] = f"{texts[label]}\n{text}" if label in texts else text
    files = (f"{one['name']}（指纹 {(one['sha256'] or '')[:12]}）" for one in snapshot["attachments"])
    return {**texts, "附件": "\n".join(files)}


_Split = Callable[[str], list[str]]
_CLAUSE: Final = re.compile(r"[^，。；：！？、,;:!?]*[，。；：！？、,;:!?]?")


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSE.findall(text) if clause]


# How each step splits, and how many pairs of its parts are compared at most: a matcher's work grows with them.
_STEPS: Final[tuple[tuple[_Split, int], ...]] = ((_lines, 4_000_000), (_clauses, 250_000), (list, 40_000))


def _compared(before: str, after: str, steps: Sequence[tuple[_Split, int]]) -> Iterator[Piece]:
    """What stands in both by the first of the steps; of the rest, what does by the next ones."""
    if before and after and steps:
        (split, most), *finer = steps
        olds, news = split(before), split(after)
        if len(olds) * len(news) <= most:
            for old, new, is_kept in _matched(olds, news):
                yield from [Piece(Change.KEPT, old)] if is_kept else _compared(old, new, finer)
            return
    yield from (Piece(Change.REMOVED, before), Piece(Change.ADDED, after))


def _matched(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """What belongs together of both, and whether it is the same. As many old parts as new ones are taken one by one:
    most often each was changed a little."""
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if end - start == new_end - new_start:
            for old, new in zip(olds[start:end], news[new_start:new_end], strict=True):
                yield old, new, tag == "equal"
        else:
            yield "".join(olds[start:end]), "".join(news[new_start:new_end]), False


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours as one: between two that are kept, all that was removed, then all that was added."""
    told: list[Piece] = []
    for is_kept, group in groupby(pieces, key=lambda one: one.change is Change.KEPT):
        run = list(group)
        for kind in (Change.KEPT,) if is_kept else (Change.REMOVED, Change.ADDED):
            text = "".join(one.text for one in run if one.change is kind)
            told += [Piece(kind, text)] if text else []
    return told


def _without_islands(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """A single character that stays between two changes only makes them hard to read, and counts as changed."""
    for at, piece in enumerate(pieces):
        between = 0 < at < len(pieces) - 1
        if piece.change is Change.KEPT and between and len(piece.text) == 1 and piece.text.isalnum():
            yield from (Piece(Change.REMOVED, piece.text), Piece(Change.ADDED, piece.text))
        else:
            yield piece
