"""What a detector is, and what it reports."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from outreach.screening.normalise import Reading


class Severity(StrEnum):
    """How grave a finding is; a hint never changes the verdict."""

    BLOCK = "block"
    REDACT = "redact"
    HINT = "hint"


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
    """One rule. `find` gives the spans in a normalised text, in any order; its work is linear in the length.

    Attributes:
        name: stable, stored with each finding.
        label: what was found, a key of `rules.LABELS`.
    """

    name: str
    label: str
    severity: Severity
    advice: str
    basis: str
    find: Callable[[str], Iterable[tuple[int, int]]]

    def matches(self, original: str, reading: Reading) -> list[Match]:
        """What this rule finds in `original`, of which `reading` is the normalised form."""
        spans = (reading.original_span(start, end) for start, end in self.find(reading.text))
        return [
            Match(
                start, end, self.label, original[start:end], self.severity, self.name, self.advice, self.basis
            )
            for start, end in spans
        ]
