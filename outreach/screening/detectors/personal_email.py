"""Private e-mail addresses.

Offices use free mailboxes too: such an address is private where it is made of a number (a QQ or telephone number)
and no office stands before it, or where the words before it speak of a person.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors import home_address, landline, resident_id
from outreach.screening.detectors.base import PROTECTED_PERSON, Detector, Found, Span
from outreach.screening.detectors.spans import clause_start
from outreach.screening.severity import Severity

LABEL: Final = "personal_email"

_ADDRESS: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?P<local>[A-Za-z0-9._%+-]{1,64})[ ]?@[ ]?(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})"
)
_TRIGGER: Final = re.compile("@")
_FREE: Final = re.compile(
    r"(?:vip\.)?(?:qq|163|126|139|189|188|sina|sohu|yeah|foxmail|aliyun|gmail|hotmail|outlook|live|msn|yahoo|icloud|me|21cn|wo|tom|263|naver|mail|proton|protonmail)\.(?:com|cn|net|me)(?:\.cn|\.hk|\.tw)?",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(
    r"(?:申请人|投诉人|举报人|来信人|反映人|信访人|当事人|联系人|报名人|业主|居民|村民|群众|志愿者|家长|学生|教师|员工|职工|负责人|经办人|收件人|发件人|来信者|留言人|投稿人|作者|本人|个人|私人|其|他|她)"
    r"(?:的)?(?:个人|常用)?(?:电子|联系)?(?:邮箱|邮件|信箱|e-?mail)?(?:地址)?(?:为|是)?[ \u3000:]{0,3}$",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    r"(?:局|科|处室|办公室|站|中心|支队|大队|委员会|政府|服务厅|公司|单位|编制|组委会|公众|意见|反馈|官方|官网|监督|举报(?!人)|投稿|征集|使用须知|书面申请|咨询)[^,，。;]{0,10}$"
)
_CALLED_PRIVATE: Final = re.compile(
    r"[ \u3000]{0,2}\([^(),。;\n]{0,8}?(?:个人|本人|私人|家长)(?:的)?(?:常用|联系)?(?:电子)?(?:邮箱|信箱|邮件|使用|所有|的)?[),]"
)
_OFFICE_AFTER: Final = re.compile(
    r"[ \u3000]{0,2}(?:\([^()\n]{0,20}(?:局|科|站|中心|办|公司|单位)|(?:系|为|是)[^,。;\n]{0,6}(?:局|科|单位|公司|办))"
)
# Offices in China have their mailboxes with others.
_SELDOM_OF_OFFICES: Final = re.compile(
    r"(?:foxmail|gmail|hotmail|outlook|live|msn|yahoo|icloud|me|naver|proton|protonmail|mail)\.|sina\.com",
    re.IGNORECASE,
)
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_AFTER_PERSON: Final = re.compile(
    r"[ \u3000,，、:;(|\t]{1,3}(?:的|其)?(?:个人)?(?:电子)?(?:邮箱|邮件|信箱)?(?:地址)?(?:为|是)?[:]?[ ]?"
)
_LOOK_BACK: Final = 40
_LONGEST_ADDRESS: Final = 64


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """申请人邮箱0013528647@qq.com; not an office's mailbox, whoever keeps it."""
    for at, _ in hits:
        for found in _ADDRESS.finditer(text, max(0, at - _LONGEST_ADDRESS - 1), at + 320):
            if found.start() < at < found.end() and _is_private(text, found):
                yield found.start(), _without_full_stop(found)


def find_beside(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A free mailbox directly after what identifies a person: 丁岚:dl-lan2020@163.com."""
    for _, end in hits:
        found = _AFTER_PERSON.match(text, end)
        if (
            found
            and (address := _ADDRESS.match(text, found.end()))
            and _FREE.fullmatch(address["domain"].rstrip("."))
        ):
            yield address.start(), _without_full_stop(address)


def _is_private(text: str, found: re.Match[str]) -> bool:
    if not _FREE.fullmatch(found["domain"].rstrip(".")):
        return False
    before = text[clause_start(text, found.start(), _LOOK_BACK) : found.start()]
    if (
        _PERSON.search(before)
        or _MOBILE.fullmatch(found["local"])
        or _CALLED_PRIVATE.match(text, found.end())
    ):
        return True
    if _OFFICE.search(before) or _OFFICE_AFTER.match(text, found.end()):
        return False
    return found["local"].isdecimal() or bool(_SELDOM_OF_OFFICES.match(found["domain"]))


def _without_full_stop(found: re.Match[str]) -> int:
    return found.start() + len(found.group().rstrip(".-"))


DETECTORS: Final = (
    Detector(
        name="personal_email",
        title="个人邮箱：有提示词或个人邮箱服务",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去个人电子邮箱，或改为单位邮箱。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=_TRIGGER,
        find=find,
    ),
    Detector(
        name="personal_email_beside",
        title="个人邮箱：与个人信息同在一处",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去个人电子邮箱，或改为单位邮箱。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=Found(frozenset({PROTECTED_PERSON, resident_id.LABEL, home_address.LABEL, landline.LABEL})),
        find=find_beside,
    ),
)
