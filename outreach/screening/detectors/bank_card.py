"""Bank cards and accounts of persons: an issuer's range, the check digit of ISO/IEC 7812-1, and words about money.

One in ten random numbers has a right check digit: without words that speak of a card a number is none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from stdnum import luhn

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.detectors.spans import LONG_NUMBER, clause_start
from outreach.screening.severity import Severity

LABEL: Final = "bank_card"

_SEPARATOR: Final = r"[ \u3000-]"
_LENGTHS: Final = range(15, 20)
# 62 UnionPay; 4 Visa; 51-55 and 2221-2720 MasterCard; 34 and 37 American Express; 35 JCB; 36 Diners; 9 and 60, 68
# and 69 the domestic ranges of before 2002 that are still in use.
_ISSUED: Final = re.compile(r"62|4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[4-7]|60|6[89]|9[0-9]")
_CANDIDATE: Final = re.compile(
    rf"(?<![0-9A-Za-z])[0-9](?:{_SEPARATOR}?[0-9]){{14,18}}(?!{_SEPARATOR}?[0-9A-Za-z*])"
)
_GAP: Final = re.compile(_SEPARATOR)

_CARD: Final = re.compile(
    r"(?:银行|储蓄|借记|信用|工资|个人|社保|一卡通|本人|收款|农信|建行|工行|农行|中行|邮储)[^,。;\n0-9]{0,4}卡|卡号|帐号|账号|账户|帐户|开户行|开户银行|存折|汇入|汇至|转入|打入|存入|卡(?![车口尔片通])|银行|信用社|农商行|户名|收款人|打款|汇款|转账|持卡|[工农中建交招]行|邮储|邮政|农信|信合|农商|蒙商|光大|浦发|民生|中信|兴业"
)
# Who is paid by a number of the domestic range (62) is paid to a card.
_DOMESTIC: Final = "62"
_PAID: Final = re.compile(r"补助|补贴|奖金|工资|劳务费|报酬|退款|退还|补偿款|赔偿款")
_CARD_AFTER: Final = re.compile(r"[ \u3000]{0,2}\([^()\n]{0,16}(?:账户|帐户|银行|卡)")
_ANOTHER_NUMBER: Final = re.compile(
    r"(?:编号|序列号|条码|条形码|流水号|缴款码|缴费码|文号|单号|批号|批次|代码|编码|发票|资产号|车架号|校验码|识别码|合同号|订单号)[^,。;\n0-9]{0,6}$"
)
_LOOK_BACK: Final = 40


def find_valid(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A number of an issuer's range with a right check digit, called a card or an account."""
    for span, digits in _called_cards(text, hits):
        if _ISSUED.match(digits) and luhn.is_valid(digits):
            yield span


def find_wrong_check(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """The same with a wrong check digit, directly after 银行卡号: perhaps a real one, mistyped."""
    for (start, end), digits in _called_cards(text, hits):
        named = re.search(r"银行卡号?[: 为]{0,2}$", text[max(0, start - 8) : start])
        if named and _ISSUED.match(digits) and not luhn.is_valid(digits):
            yield start, end


def _called_cards(text: str, hits: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    for run_start, run_end in hits:
        for found in _CANDIDATE.finditer(text, run_start, run_end + 2):
            digits = _GAP.sub("", found.group())
            if len(digits) in _LENGTHS and _is_called_card(text, *found.span(), digits):
                yield found.span(), digits


def _is_called_card(text: str, start: int, end: int, digits: str) -> bool:
    before = text[clause_start(text, start, _LOOK_BACK) : start]
    if _ANOTHER_NUMBER.search(before):
        return False
    if digits.startswith(_DOMESTIC) and _PAID.search(before):
        return True
    return bool(_CARD.search(before) or _CARD_AFTER.match(text, end) or _in_card_column(text, start))


def _in_card_column(text: str, start: int) -> bool:
    """Whether the number stands in a table whose header line speaks of cards."""
    line = text.rfind("\n", max(0, start - _HEADER_REACH), start) + 1
    if not line or ("|" not in text[line:start] and "\t" not in text[line:start]):
        return False
    furthest = max(0, line - _HEADER_REACH)
    header = text[max(furthest, text.rfind("\n\n", furthest, line)) : line]
    return bool(_HEADER_CARD.search(header))


_HEADER_REACH: Final = 3000
_HEADER_CARD: Final = re.compile(
    r"[|\t\n]?[^|\t\n]{0,8}(?:卡号|账号|帐号|账户|帐户|银行卡|收款卡|工资卡|一卡通|发放卡|打款卡|存折|卡折|(?<![饲磁])卡(?=[|\t\n])|开户)[^|\t\n]{0,8}(?:[|\t\n]|$)"
)

DETECTORS: Final = (
    Detector(
        name="bank_card",
        title="银行卡号：校验相符",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去银行卡号或账号，确需保留的只留后四位。",
        basis="《中华人民共和国个人信息保护法》第二十八条（金融账户）；《生态环境行政处罚办法》信息公开一节",
        trigger=LONG_NUMBER,
        find=find_valid,
    ),
    Detector(
        name="bank_card_wrong_check",
        title="银行卡号：校验不符",
        label=LABEL,
        severity=Severity.HINT,
        advice="此处注明为银行卡号，但校验不符：请核对是否为录入错误的真实卡号，是则删去。",
        basis="《中华人民共和国个人信息保护法》第二十八条（金融账户）",
        trigger=LONG_NUMBER,
        find=find_wrong_check,
    ),
)
