"""What a detector is, and what it reports."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from outreach.screening.normalise import Reading
from outreach.screening.severity import Severity

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A trigger: what other rules found of these labels."""

    labels: frozenset[str]


Trigger: TypeAlias = frozenset[str] | re.Pattern[str] | Found
"""Words, a cheap expression, or what was found before: a detector whose trigger is not in a text is not asked."""


PROTECTED_PERSON: Final = "person_name_protected"
"""The label of all rules in `persons`, by which others are triggered too."""

HOME_ADDRESS: Final = "home_address"
"""The label of the rules in `home_address`, by which others are triggered too."""


@dataclass(frozen=True, slots=True)
class Match:
    """A finding in one text. Offsets are code points of the text as given, the end exclusive.

    Attributes:
        text: the slice `start`..`end`.
        rule: the stable name of the detector.
        advice: what the editor has to do, in Chinese.
        basis: the legal basis, in Chinese.
    """

    start: int
    end: int
    label: str
    text: str
    severity: Severity
    rule: str
    advice: str
    basis: str


@dataclass(frozen=True, slots=True)
class Detector:
    """One rule.

    Attributes:
        name: stable, stored with each finding.
        title: what people call it, in Chinese.
        label: what was found, a key of `rules.LABELS`.
        advice: what the editor has to do, in Chinese; or what tells it of the words found, as `find` saw them.
        basis: the legal basis, in Chinese.
        trigger: what must be in a text for this rule to be asked at all.
        find: gives the spans in a normalised text, in any order. It is told where its trigger stands, in the
            order of the text; its work is linear in the length of the text.
        is_weak: whether it is a sign only, which tells nothing new where something else blocks the text.
        reads_typed: whether it looks at the text as typed, where half and full width differ. Its trigger, an
            expression, is looked for there too.
    """

    name: str
    title: str
    label: str
    severity: Severity
    advice: str | Callable[[str], str]
    basis: str
    trigger: Trigger
    find: Callable[[str, Sequence[Span]], Iterable[Span]]
    is_weak: bool = False
    reads_typed: bool = False

    def match(self, original: str, reading: Reading, span: Span) -> Match:
        """The finding at `span` of the text that `find` was given, told of `original`."""
        start, end = span if self.reads_typed else reading.original_span(*span)
        found = original[start:end]
        seen = found if self.reads_typed else reading.text[slice(*span)]
        advice = self.advice if isinstance(self.advice, str) else self.advice(seen)
        return Match(start, end, self.label, found, self.severity, self.name, advice, self.basis)


def words(listed: str) -> frozenset[str]:
    """A trigger of the words in a list that is parted by blanks."""
    return frozenset(listed.split())
