"""Passports and other papers that name a person: exit-entry permits, officers' cards, residence permits."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.severity import Severity

LABEL: Final = "passport"

_PAPERS: Final = words(
    "护照 通行证 回乡证 台胞证 旅行证 居留证 居留身份证 军官证 士兵证 警官证 海员证 驾驶证 驾照 出生医学证明 社保卡 社会保障卡 残疾证 残疾人证 Passport "
    "passport PASSPORT"
)
_BETWEEN: Final = re.compile(
    r"(?:[,，、和及()]|号码|号|编号|证号|证件号码?|\((?:[^()\n]{0,10})\)|[ \u3000:为是|\t]|(?i:no\.?)|[\u4e00-\u9fff]{0,4}(?:号码|号|№)|№){0,4}"
)
_NUMBER: Final = re.compile(
    r"(?:[A-Z]{1,2}[ -]?[0-9]{6,9}|[A-Z]{1,2} [0-9]{3,4} [0-9]{3,4}|[0-9]{2}[ ][0-9]{7}|(?=(?:[A-Z]{0,5}[0-9]){4})[A-Z0-9]{9}|[A-Z]{3}[0-9]{6}|[HMC][0-9]{8,10}|[0-9]{8,10}|[\u4e00-\u9fff]{1,2}字第[0-9]{6,8}号?)(?![0-9A-Za-z*])",
    re.IGNORECASE,
)

# A further one of a list: 护照E23405178、E24117903.
_AND: Final = frozenset((",", "、", "和", "及"))
_LETTERED: Final = re.compile(r"[A-Z]{1,2}[0-9]{6,9}(?![0-9A-Za-z*])")


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """护照E95061110, 港澳居民来往内地通行证号码:H01234567."""
    for _, end in hits:
        between = _BETWEEN.match(text, end)
        number = _NUMBER.match(text, between.end() if between else end)
        while number:
            yield number.span()
            is_listed = text[number.end() : number.end() + 1] in _AND
            number = _LETTERED.match(text, number.end() + 1) if is_listed else None


DETECTORS: Final = (
    Detector(
        name="permit",
        title="护照、通行证等证件号",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去护照等证件号码，确需保留的只留后四位。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；《中华人民共和国个人信息保护法》第二十八条",
        trigger=_PAPERS,
        find=find,
    ),
)
