"""The office's own words as a rule of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.normalise import read
from outreach.screening.severity import Severity

LABEL: Final = "office_word"
RULE_PREFIX: Final = "word_list:"


@dataclass(frozen=True, slots=True)
class WordList:
    """A group of words that the office keeps.

    Attributes:
        name: what the office calls it; it names the rule.
        exceptions: longer words in which a word means something else (精密机械 is no 机密).
        note: what an editor has to do where a word is found.
        basis: why, the law or the office's own rule.
    """

    name: str
    words: Sequence[str]
    exceptions: Sequence[str]
    severity: Severity
    note: str
    basis: str


def detector_of(word_list: WordList) -> Detector:
    """The list as a detector. Words are looked for as every text is read: 機密, 机　密 as typed in full width."""
    words = frozenset(_as_read(word_list.words))
    return Detector(
        name=f"{RULE_PREFIX}{word_list.name}",
        title=title_of(word_list.name),
        label=LABEL,
        severity=word_list.severity,
        advice=word_list.note or f"词库“{word_list.name}”中的词语：请核对是否可以公开。",
        basis=word_list.basis or "本单位词库",
        trigger=words,
        find=_Outside(words, _as_read(word_list.exceptions)),
    )


def title_of(list_name: str) -> str:
    """What the rule of a list is called."""
    return f"词库“{list_name}”"


class _Outside:
    """The hits that stand in none of the exceptions."""

    def __init__(self, words: frozenset[str], exceptions: Iterable[str]) -> None:
        self._exceptions: Mapping[str, list[tuple[str, int]]] = _by_word(words, exceptions)

    def __call__(self, text: str, hits: Sequence[Span]) -> Iterator[Span]:
        for start, end in hits:
            longer = self._exceptions.get(text[start:end], ())
            if not any(text.startswith(exception, start - at) for exception, at in longer if at <= start):
                yield start, end


def _by_word(words: frozenset[str], exceptions: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """For each word the exceptions that hold it, and where in them it begins."""
    lengths = sorted({len(word) for word in words})
    found: dict[str, list[tuple[str, int]]] = {}
    for exception in exceptions:
        for at in range(len(exception)):
            for length in lengths:
                if (word := exception[at : at + length]) in words and len(word) == length:
                    found.setdefault(word, []).append((exception, at))
    return found


def _as_read(words: Iterable[str]) -> list[str]:
    return [text for word in words if (text := read(word).text.strip())]
