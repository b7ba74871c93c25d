"""Home addresses down to the door. Where a project, an office or an event is, is public."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Severity, Span, words
from outreach.screening.detectors.spans import clause_start

LABEL: Final = "home_address"

_HOME: Final = words(
    "家庭地址 家庭住址 居住地址 居住地 户籍地址 户籍地 户籍所在地 常住地址 现住地址 现住址 通讯地址 联系地址 收件地址 邮寄地址 身份证地址 住址 住所 居所 居住在 居住于 家住 "
    "现住 暂住 租住 住在 住于 家在 家中 寄往 寄至 寄到 邮寄至 送至 住"
)
_LIVES: Final = "住"
_UNIT: Final = "单元"

_BETWEEN: Final = re.compile(r"\(?(?:地址)?[ \u3000]{0,2}(?:是|为|位于|在|于|:|\||\t)?[ \u3000]{0,2}")
# From a unit of administration or a street to a number of a house, group, row, unit or room.
_DOOR: Final = r"(?:(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4}|[A-Za-z][0-9]{0,3}|[东西南北前后])(?:[#号]?(?:楼|栋|幢|座)|单元|室|户|号院|号(?!线)|院|[组社排队](?![长织])|门|层))"
_ADDRESS: Final = re.compile(
    rf"(?=[^\n,，。;；:：、\"“”]{{0,40}}?(?:省|自治区|盟|市|区|县|旗|镇|乡|苏木|街道|村|嘎查|社区|小区|路|街|巷|胡同|家属|花园|苑|公寓|新城|家园))"
    rf"(?:[\u4e00-\u9fff0-9A-Za-z·#-]|(?<=[0-9])[ ](?=[0-9]))"
    rf"(?:[\u4e00-\u9fff0-9A-Za-z·# -]|\([^()\n]{{1,12}}\)){{1,60}}?{_DOOR}(?:[ -]?(?:{_DOOR}|[0-9]{{3,4}}(?![0-9年月日])))*"
)
_IN_A_WORD: Final = re.compile(r"[\u4e00-\u9fff]")
_WITHOUT_DOOR: Final = re.compile(r"\*|某")
_OFFICE: Final = re.compile(
    r"(?:公司|单位|企业|厂|局|科|站|中心|办公|注册|经营|工商|建设|项目|机构|法院|大厦|写字楼|办事)[^,。;\n]{0,12}$"
)
_LOOK_BACK: Final = 40


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """马莲渠乡霸王河村二组46号; 新华街道7号楼1单元301室 where no office is named before it."""
    for start, end in hits:
        span = _flat(text, start) if text[start:end] == _UNIT else _after_word(text, start, end)
        if span:
            yield span


def _after_word(text: str, start: int, end: int) -> Span | None:
    if text[start:end] == _LIVES and start and _IN_A_WORD.match(text, start - 1):
        return None
    if _OFFICE.search(text[clause_start(text, start, 12) : start]):
        return None
    between = _BETWEEN.match(text, end)
    found = _ADDRESS.match(text, between.end() if between else end)
    if found is None or _WITHOUT_DOOR.search(found.group()):
        return None
    return found.span()


def _flat(text: str, unit: int) -> Span | None:
    """The address that 单元 belongs to: only flats have units."""
    begin = clause_start(text, unit, _LOOK_BACK)
    before = text[begin:unit]
    words = list(
        re.finditer(
            r"[,，、:(（|\t]|(?:住|位于|寄往|寄至|居住地|地址|在)(?=[\u4e00-\u9fff]{2,}(?:市|区|县|旗|镇|街|路|小区|苑|家属))",
            before,
        )
    )
    first = begin + (words[-1].end() if words else 0)
    found = _ADDRESS.match(text, first)
    if found is None or not found.start() <= unit < found.end() or _WITHOUT_DOOR.search(found.group()):
        return None
    if _OFFICE.search(text[clause_start(text, first, 16) : first]) or _OFFICE_PLACE.search(found.group()):
        return None
    return found.span()


_OFFICE_PLACE: Final = re.compile(r"公司|写字楼|大厦|厂|局|项目|工程|商铺|底商")

DETECTORS: Final = (
    Detector(
        name="home_address",
        label=LABEL,
        severity=Severity.REDACT,
        advice="家庭住址只保留到县（区、旗）或乡镇，删去村组、楼栋、门牌。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；《生态环境行政处罚办法》信息公开一节",
        trigger=_HOME | {_UNIT},
        find=find,
    ),
)
