"""Landlines at home. A bureau's own landlines are public; those of a home are known by what stands before them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import (
    HOME_ADDRESS,
    PROTECTED_PERSON,
    Detector,
    Found,
    Span,
    words,
)
from outreach.screening.severity import Severity

LABEL: Final = "landline_private"

_TRIGGER: Final = words("家 家庭 家中 家里 家用 住宅 住家 宅 私人 个人 本人 自家 家电 父母家 住处")
_HOME: Final = re.compile(
    r"(?:家庭|家中|家里|家用|住宅|住家|宅|私人|个人|本人|自家|父母家|住处)(?:的)?(?:固定|联系|座机)?(?:电话|座机|固话|号码)|宅电|家电(?=[ :]?[0-9(])"
)
_BETWEEN: Final = re.compile(r"(?:号码|号)?(?:\([^()0-9]{0,6}\))?\)?[ \u3000:为是|\t]{0,4}")
_NUMBER: Final = re.compile(
    r"(?P<number>(?:\(?0[0-9]{2,3}\)?[ \u3000-]{0,3})?[2-8][0-9]{2,3}[ \u3000-]?[0-9]{4}(?:[ ]?[-转][ ]?[0-9]{1,4})?)(?![0-9*])"
)
_NUMBER_BEFORE: Final = re.compile(rf"(?<![0-9-]){_NUMBER.pattern}[ \u3000]?[(,，][ \u3000]?$")
_LOOK_BACK: Final = 24


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """家庭电话0474-2228236, 宅电:2228236, 0474-4843717(家中)."""
    for start, end in hits:
        if home := _HOME.match(text, start):
            between = _BETWEEN.match(text, home.end())
            number = _NUMBER.match(text, between.end() if between else home.end())
        else:
            number = _NUMBER_BEFORE.search(text, max(0, start - _LOOK_BACK), start)
            number = number if number and text[end : end + 1] == ")" else None
        if number:
            yield number.span("number")


def find_beside(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """来电人卜春生,座机0474-8265571: the number of a protected person."""
    for _, end in hits:
        called = _PERSONS_NUMBER.match(text, end)
        if called and (number := _NUMBER.match(text, called.end())):
            yield number.span("number")


_PERSONS_NUMBER: Final = re.compile(
    r"(?:[,，。;]?[ ]?[\u4e00-\u9fff]{0,6}[打拨](?=[座家电固]))?[ \u3000]{0,2}[,，(:|\t]?[ \u3000]{0,2}(?:的)?(?:家庭)?(?:座机|固话|固定电话|电话|联系电话)[ \u3000:为是]{0,3}"
)
_ADVICE: Final = "删去家庭电话，或改为办公电话。"
_BASIS: Final = "《中华人民共和国政府信息公开条例》第十五条（个人隐私）"

DETECTORS: Final = (
    Detector(
        name="landline_private_beside",
        title="家庭电话：与受保护的人同在一处",
        label=LABEL,
        severity=Severity.REDACT,
        advice=_ADVICE,
        basis=_BASIS,
        trigger=Found(frozenset({PROTECTED_PERSON, HOME_ADDRESS})),
        find=find_beside,
    ),
    Detector(
        name="landline_private",
        title="家庭电话：有提示词",
        label=LABEL,
        severity=Severity.REDACT,
        advice=_ADVICE,
        basis=_BASIS,
        trigger=_TRIGGER,
        find=find,
    ),
)
