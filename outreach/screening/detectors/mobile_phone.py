"""Mobile numbers: eleven digits from 13 to 19, together or in the groups in which they are read out (3-4-4).

Hotlines and office landlines are of other lengths. What is called a code or a quantity, is a part of a code or of
an address on the web, or is one of a row of values, is no telephone number.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.detectors.spans import LONG_NUMBER, around
from outreach.screening.severity import Severity

LABEL: Final = "mobile_phone"

_SEPARATOR: Final = r"[ \u3000-]"
_IN_DOTTED_GROUPS: Final = r"\.[0-9]{4}\.[0-9]{4}"
_ONE_BY_ONE: Final = r"1[ -](?=[3-9])[0-9](?:[ -][0-9]){9}(?![ -]?[0-9])"
_NUMBER: Final = rf"(?:{_ONE_BY_ONE}|1[3-9][0-9](?:[0-9]{{8}}|{_IN_DOTTED_GROUPS}|{_SEPARATOR}{{1,3}}[0-9]{{4}}{_SEPARATOR}{{0,3}}[0-9]{{4}})(?![0-9]))"
_COUNTRY: Final = (
    rf"(?:\(\+86\)|\+{_SEPARATOR}?86|(?<![0-9])0086|(?<![0-9])86(?={_SEPARATOR})){_SEPARATOR}{{0,3}}"
)
_CANDIDATE: Final = re.compile(rf"(?:{_COUNTRY}|(?<![0-9]))(?P<number>{_NUMBER})")

_UNIT: Final = re.compile(r" ?(?:[万亿]?(?:元|吨|千瓦|立方|平方)|千克|公斤|[kK][wW]|m[²³23])")
_DECIMALS: Final = re.compile(r"\.[0-9]")
_SHORT_GROUP_BEFORE: Final = re.compile(r"(?<![0-9])[0-9]{1,6}[ \u3000-]{1,3}$")
_SHORT_GROUP_AFTER: Final = re.compile(rf"{_SEPARATOR}{{1,3}}(?!{_NUMBER})[0-9]{{1,6}}(?![0-9])")
_CODE_BEFORE: Final = re.compile(r"[0-9A-Za-z]-$")
_CODE_AFTER: Final = re.compile(rf"-(?!{_NUMBER})[0-9]")
_LETTERS_BEFORE: Final = re.compile(r"(?<![A-Za-z_])(?P<word>[A-Za-z_]*[A-Za-z])_*$")
_WORDS_FOR_TELEPHONE: Final = frozenset(
    {"tel", "phone", "mobile", "mob", "cell", "call", "wechat", "weixin", "wx", "vx"}
)
_WHOLE_PART_BEFORE: Final = re.compile(r"[0-9]\.$")
_LIST_NUMBER_BEFORE: Final = re.compile(r"(?:^|\n)[ \t\u3000*]{0,4}[0-9]{1,2}\.$")
_WEB_ADDRESS_BEFORE: Final = re.compile(r"(?:://|www\.)[^\s,;()|<>\x22\u0080-\uffff]{0,120}$")
# What ends in 码 or 号 is a code, unless it is called a telephone or an account, which is often one.
_CALLED_OTHERWISE: Final = re.compile(
    r"(?P<called>[\u4e00-\u9fff]{1,8})(?<![0-9一二三四五六七八九十第])[码号][:为是\s]{0,3}$"
)
_CALLED_A_TELEPHONE: Final = re.compile(
    r"手机|电话|联系|微信|移动|联通|电信|热线|短信|机主|传真|[账帐]$|^号$|本人|个人|[新旧原小大副主该此本靓卡]$|^[来去拨]|家长|私人|支付|备用|常用|值班|紧急|应急联|亲属|家属|另一|第二|同号"
)
_IS_READ: Final = re.compile(
    r"(?:读数|示值|累计|累积|底数|表底|起数|止数|行码|止码|起码|流量计|流量|计数)[:为是\s]{0,3}$"
)
# After a word for telephone, groups of any width, also in the cells of a table.
_CALLED: Final = re.compile(
    r"(?:手机|电话|联系方式|微信|手机号码?|电话号码|号码|拨打|致电|(?i:tel|mob(?:ile)?|phone)\.?)(?:号码?)?[:为是 \u3000\t|(]{0,3}$"
)
_ANY_GROUPS: Final = re.compile(
    r"(?<![0-9])(?=(?P<number>1(?:[ \u3000\t.-]{0,3}[0-9]){10})(?![0-9]))(?!1[ \u3000\t.-]{0,3}[012])(?!0)"
)
_CALLED_A_CODE: Final = re.compile(
    r"(?:编号|发票号|发票号码|序号|单号|文号|案号|批号|批次|批次号|代码|编码|条码|流水号|序列号|资产号|档案号|回执号|备案号|许可证号|执法证号|工作证号|资格证号|登记证号|检验证号|校验码|缴款码)"
    r"[:为是\s]{0,3}(?:[0-9A-Za-z-]{6,24}[、和及至]){0,4}$"
)
# Behind a list of numbers: 17326640915、19004471238(均为兑奖码).
_SAID_TO_BE_A_CODE: Final = re.compile(
    r"(?:[、,和及与 \u3000]?[0-9]{11}){0,20}[ ]?\((?:以上)?均?(?:为|是|系)[^()\n]{0,10}(?:兑奖|抽奖|中奖|资产|设备|订单|验证|随机|条形|流水|批次|识别|追溯|序列|登记)[^()\n]{0,4}[码号]"
)
_CONTEXT_LENGTH: Final = 120
_LONGEST_COUNTRY: Final = 10
_LONGEST_GAP: Final = 3


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Mobile numbers, with the country code where one is written."""
    yield from _called(text, hits)
    end_of_last = -len(text)
    for found in _candidates(text, hits):
        start, end = found.span()
        before = text[max(0, start - _CONTEXT_LENGTH) : start]
        if _is_quantity(text, end, before) or _is_code(before) or _SAID_TO_BE_A_CODE.match(text, end):
            continue
        continues_list = start - end_of_last <= _LONGEST_GAP
        if not continues_list and _is_part_of_a_row(text, found, before):
            continue
        yield start, end
        end_of_last = end


def _called(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """手机186 365 84171: what is called a telephone may be parted anywhere."""
    for start, end in hits:
        found = _ANY_GROUPS.match(text, start)
        if found and found.end("number") == end and _CALLED.search(text, max(0, start - 12), start):
            yield start, end


def _candidates(text: str, hits: Sequence[Span]) -> Iterator[re.Match[str]]:
    for start, end in around(text, hits, before=_LONGEST_COUNTRY, after=1):
        yield from _CANDIDATE.finditer(text, start, end)


def _is_quantity(text: str, end: int, before: str) -> bool:
    if _UNIT.match(text, end) or _DECIMALS.match(text, end):
        return True
    return bool(_WHOLE_PART_BEFORE.search(before)) and not _LIST_NUMBER_BEFORE.search(before)


def _is_code(before: str) -> bool:
    if _WEB_ADDRESS_BEFORE.search(before) or _CALLED_A_CODE.search(before) or _IS_READ.search(before):
        return True
    called = _CALLED_OTHERWISE.search(before)
    if called and not _CALLED_A_TELEPHONE.search(called["called"]):
        return True
    letters = _LETTERS_BEFORE.search(before)
    return letters is not None and letters["word"].lower() not in _WORDS_FOR_TELEPHONE


def _is_part_of_a_row(text: str, found: re.Match[str], before: str) -> bool:
    if found["number"].isdecimal():
        return bool(_CODE_BEFORE.search(before) or _CODE_AFTER.match(text, found.end()))
    return bool(_SHORT_GROUP_BEFORE.search(before) or _SHORT_GROUP_AFTER.match(text, found.end()))


DETECTORS: Final = (
    Detector(
        name="mobile_phone",
        title="手机号码",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去手机号码，或改为办公电话；确需保留的，以“*”遮盖中间四位。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=LONG_NUMBER,
        find=find,
    ),
)
