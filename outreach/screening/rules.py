"""The door of the screening engine: `screen` a text, give the `verdict` on what was found."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from outreach.screening.detectors import DETECTORS, classification_mark, mobile_phone, resident_id
from outreach.screening.detectors.base import Detector, Match, Severity
from outreach.screening.normalise import read

__all__ = [
    "FOREIGN_LINK",
    "LABELS",
    "STATED_INDEX",
    "UNREADABLE_FILE",
    "Match",
    "Severity",
    "Verdict",
    "has_classification_mark",
    "screen",
    "verdict",
]

Verdict = Literal["clean", "redact", "block"]

STATED_INDEX: Final = "stated_index"
"""An air-quality report states another index than its concentrations give: see `stated_index`."""

UNREADABLE_FILE: Final = "unreadable_file"
"""A file, or something in it, could not be read: a person has to look. See `in_files`."""

FOREIGN_LINK: Final = "foreign_link"
"""A file leads to a host that is not the office's. See `in_files`."""

LABELS: Final[Mapping[str, str]] = {
    resident_id.LABEL: "居民身份证号",
    mobile_phone.LABEL: "手机号码",
    classification_mark.LABEL: "密级标志",
    STATED_INDEX: "指数与浓度不符",
    UNREADABLE_FILE: "文件无法检查",
    FOREIGN_LINK: "外部链接",
}

"""What each label is called; of all but the last three, a text alone can tell."""

_GRAVITY: Final[Mapping[Severity, int]] = {Severity.HINT: 0, Severity.REDACT: 1, Severity.BLOCK: 2}


def screen(text: str) -> list[Match]:
    """Everything in `text` that must not be disclosed, by position; findings of one label never overlap."""
    return _screen(text, DETECTORS)


def verdict(matches: Iterable[Match]) -> Verdict:
    """The gravest severity decides; hints never change it."""
    severities = {match.severity for match in matches}
    if Severity.BLOCK in severities:
        return "block"
    return "redact" if Severity.REDACT in severities else "clean"


def has_classification_mark(text: str) -> bool:
    """Whether `text` (a field, a file's name or an opinion as a whole) carries a mark and may not be stored."""
    return bool(_screen(text, classification_mark.DETECTORS))


def _screen(text: str, detectors: Iterable[Detector]) -> list[Match]:
    reading = read(text)
    found = [match for detector in detectors for match in detector.matches(text, reading)]
    return _without_overlaps(sorted(found, key=lambda match: (match.start, match.end)))


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
