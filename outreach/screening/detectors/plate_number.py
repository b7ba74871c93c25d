"""Number plates of vehicles (GA 36-2018): province, letter, five characters; six on new-energy vehicles."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.severity import Severity

LABEL: Final = "plate_number"

_SIGN: Final = "[A-HJ-NP-Za-hj-np-z0-9]"
_GAP: Final = "[·•・ -]"
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼](?: (?=[A-HJ-Z][A-HJ-NP-Z0-9]))?[A-HJ-Za-hj-z][·•・. -]?"
    rf"(?:(?=[A-HJ-NP-Za-hj-np-z]{{0,3}}[0-9])(?:{_SIGN}{{6}}|{_SIGN}{{4}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])"
    # The gap may have slipped behind the first of them or between others: 晋BF 9073, 蒙J12 345.
    rf"|(?!{_SIGN}{{1,3}}{_GAP}K[0-9])(?=[A-HJ-NP-Z]?{_GAP}?[0-9])(?:[DF]{_GAP}[0-9]{{5}}|{_SIGN}{_GAP}{_SIGN}{{4}}|{_SIGN}{{2}}{_GAP}{_SIGN}{{3}}|{_SIGN}{{3}}{_GAP}{_SIGN}{{2}})"
    r"(?![年月日时点元吨米%./:+]))(?![A-Za-z0-9*])"
)
_LEAST_DIGITS: Final = 2


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """蒙J5R602, 蒙J·D12345, 晋BF 9073."""
    for start, end in hits:
        if sum(char.isdecimal() for char in text[start:end]) >= _LEAST_DIGITS:
            yield start, end


DETECTORS: Final = (
    Detector(
        name="plate_number",
        title="车牌号",
        label=LABEL,
        severity=Severity.REDACT,
        advice="隐去车牌号，如改为“蒙J***02”；与公开事项无关的删去。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=_PLATE,
        find=find,
    ),
)
