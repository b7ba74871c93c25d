"""The first words of an item: only these may be cut, a title never."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from outreach.publishing.markdown import opening_words
from outreach.publishing.renditions.source import Source

_LONGEST: Final = 300
"""Characters looked at: more than any channel has room for."""

_SENTENCE_ENDS: Final = "。！？"
_WEAK_ENDS: Final = " ，、：；:,;（(《“‘"


def lead_of(source: Source) -> str:
    """The body's words in one line; where there are none, the fields'."""
    text = opening_words(source.body)
    if text:
        return text.rstrip(_WEAK_ENDS) + "…" if text[-1] in _WEAK_ENDS else text
    return "；".join(f"{label}：{' '.join(value.split())}" for label, value in source.field_rows)


def shorten(text: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning that `fits`: whole sentences where they fill more than half of the room, else cut
    with `…`; an empty text where not even a character fits."""
    if fits(text):
        return text
    room = next((n for n in range(min(len(text), _LONGEST), 0, -1) if fits(_cut(text, n))), 0)
    if room == 0:
        return ""
    sentence = text[: 1 + max(text.rfind(end, 0, room) for end in _SENTENCE_ENDS)]
    return sentence if len(sentence) > room // 2 and fits(sentence) else _cut(text, room)


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip(_WEAK_ENDS) + "…"
