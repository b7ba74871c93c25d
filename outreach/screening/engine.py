"""The screening engine: one pass over a text finds what triggers its rules; then only those rules are asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from ahocorasick_rs import AhoCorasick

from outreach.screening.detectors.base import Detector, Found, Match, Span, Trigger
from outreach.screening.normalise import read
from outreach.screening.severity import Severity

_GRAVITY: Final[Mapping[Severity, int]] = {Severity.HINT: 0, Severity.REDACT: 1, Severity.BLOCK: 2}


_Finding: TypeAlias = tuple[Detector, Span]


class Engine:
    """Screens texts by a set of rules. Built once, used for many texts, also from several threads.

    The words of all rules are one automaton (Aho-Corasick), so that a text is read once however many there are;
    what triggers a rule by an expression is a cheap one.
    """

    def __init__(self, detectors: Iterable[Detector]) -> None:
        self._detectors = sorted(detectors, key=lambda one: (one.is_weak, isinstance(one.trigger, Found)))
        triggers = {detector.trigger for detector in self._detectors if not detector.reads_typed}
        self._expressions = _expressions(triggers)
        self._typed = _expressions({detector.trigger for detector in self._detectors if detector.reads_typed})
        self._rules_of_word: dict[str, list[Trigger]] = {}
        for trigger in triggers:
            for word in trigger if isinstance(trigger, frozenset) else ():
                self._rules_of_word.setdefault(word, []).append(trigger)
        self._words = list(self._rules_of_word)
        self._automaton = AhoCorasick(self._words)

    def screen(self, text: str) -> list[Match]:
        """Everything in `text` that the rules find, by position; findings of one label never overlap."""
        reading = read(text)
        hits = {**self._hits(reading.text), **_spans(self._typed, text)}
        found: list[_Finding] = []
        for detector in self._detectors:
            trigger = detector.trigger
            spans = _of_labels(found, trigger) if isinstance(trigger, Found) else hits.get(trigger)
            if spans and not (detector.is_weak and _blocks(found)):
                seen = text if detector.reads_typed else reading.text
                found += [(detector, span) for span in detector.find(seen, spans)]
        matches = (detector.match(text, reading, span) for detector, span in found)
        return _without_overlaps(sorted(matches, key=lambda match: (match.start, match.end)))

    def _hits(self, text: str) -> dict[Trigger, list[Span]]:
        """Where each trigger that is in `text` stands."""
        hits: dict[Trigger, list[Span]] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for trigger in self._rules_of_word[self._words[number]]:
                hits.setdefault(trigger, []).append((start, end))
        return hits | _spans(self._expressions, text)


def _expressions(triggers: Iterable[Trigger]) -> list[re.Pattern[str]]:
    return [trigger for trigger in triggers if isinstance(trigger, re.Pattern)]


def _spans(expressions: Iterable[re.Pattern[str]], text: str) -> dict[Trigger, list[Span]]:
    found = ((expression, [one.span() for one in expression.finditer(text)]) for expression in expressions)
    return {expression: spans for expression, spans in found if spans}


def _of_labels(found: Iterable[_Finding], trigger: Found) -> list[Span]:
    return sorted(span for detector, span in found if detector.label in trigger.labels)


def _blocks(found: Iterable[_Finding]) -> bool:
    return any(detector.severity is Severity.BLOCK for detector, _ in found)


def _without_overlaps(by_position: Iterable[Match]) -> list[Match]:
    """Keeps, where findings of one label overlap, the graver and then the longer."""
    kept: list[Match] = []
    last_of: dict[str, int] = {}
    for match in by_position:
        last = last_of.get(match.label)
        if last is None or kept[last].end <= match.start:
            last_of[match.label] = len(kept)
            kept.append(match)
        elif _weight(match) > _weight(kept[last]):
            kept[last] = match
    return sorted(kept, key=lambda match: (match.start, match.end))


def _weight(match: Match) -> tuple[int, int]:
    return _GRAVITY[match.severity], match.end - match.start
