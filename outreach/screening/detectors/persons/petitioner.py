"""Who wrote, called or came to the bureau. 信访工作条例 art. 30: what petitioners say and who they are stays inside."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.persons.naming import (
    LABEL,
    after_roles,
    all_of,
    before_brackets,
    before_verbs,
    everywhere,
    salutations,
    who_came,
)
from outreach.screening.names import name_end, name_start
from outreach.screening.severity import Severity

_ROLES: Final = words(
    "来信人 来访人 来电人 信访人 上访人 反映人 写信人 诉求人 留言人 信访者 上访户 来访者 来电者 来信者 来访群众 来信群众 信访群众 诉求群众 反映群众 我叫 我是 本人叫 信息公开申请人 听证申请人 来信者还有 异议人 申诉人 求助人 咨询人 来函人 致信人 诉求者 求助者 咨询者 来电市民 来信市民 来访市民 来电居民 来信居民 来访居民 来信村民 来访村民 来电村民 来访牧民 来信牧民 投诉市民 投诉居民 利害关系人 复议申请人"
)
_CROWD: Final = words(
    "群众 市民 网民 网友 居民 村民 业主 住户 牧民 农民 农户 商户 员工 职工 游客 家长 教师 老师 老人 医生 学生 户主 女士 先生 收到 接到 接 其中"
)
_LETTERS: Final = words("来信 来电 来访")
_YOU: Final = "您"
_WRITINGS: Final = words(
    "来信 来电 来函 回信 封信 感谢信 表扬信 联名信 举报信 投诉信 留言 诉求 反映 投诉 信访"
)
_OF_SOMEBODY: Final = re.compile(r"(?:老人|大爷|大妈|大娘|阿姨|奶奶|爷爷|同志|先生|女士|同学)?的[一两这那]?$")
_ASIDE_BEFORE: Final = re.compile(r"\([^()\n]{1,60}\)$")
_CLAUSE_BEGINS: Final = re.compile(
    r"(?:^|[。;:!?\n])[ \u3000]{0,4}(?:\(?[0-9]{1,2}[).、][ ]?)?(?P<name>[\u4e00-\u9fff]{2,8})$"
)
_ABOUT_SOMEBODY: Final = re.compile(
    r"(?:关于|对于|致|给|答复|回复)(?:对)?(?P<name>[\u4e00-\u9fff·]{2,8}?)(?:同志|女士|先生)?(?:等[^,。;\n]{0,6}[人户名])?(?:的[一封]{0,2})?$"
)
_SPOKE: Final = re.compile(r"[ \u3000]{0,2}[:(]")
_INHABITS: Final = words("家住 现住 住在 居住在")
_HOW: Final = "当场|当面|现场|上门|亲自|主动|联名|实名|匿名|连续|首次|多次|书面|电话|再次|来电|来信|又|曾|也|第[一二三四五六七八九十0-9]{1,2}次"
_SPEAKS: Final = re.compile(
    rf"(?:的)?(?:{_HOW}){{0,2}}(?:就[^,。;\n]{{1,20}}?|对[^,。;\n]{{1,20}}?|[向到][^,。;\n]{{1,12}}?|(?:通过|拨打)[^,。;\n]{{1,16}}?|在[^,。;\n]{{1,16}}?)?(?:{_HOW})?"
    r"(?:反映|来信|来电|来访|信访|留言|上访|投诉|诉称|写信|致信|致电|联名|咨询|询问|提问|质疑|求助"
    r"|(?:递交|提交|送交|呈交|送来|交来|递上|写来|寄来|发来|提出)(?:了|的|一封|一份)?[^,。;\n]{0,6}(?:意见|建议|材料|来?信|函|诉求|申请|质疑|异议|疑问|问题|线索|照片|视频))"
)
_AT: Final = re.compile(
    r"(?:于|在)?[^\n,，。;]{4,40}?(?:[号室户院组社排队楼栋幢元](?![楼幢栋])|村|小区|家园|花园)的"
)


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """来信人赵桂兰; 市民李卫东反映; 家住向阳巷14号的闫丽霞."""
    roles = [hit for hit in hits if text[slice(*hit)] in _ROLES]
    crowd = [hit for hit in hits if text[slice(*hit)] in _CROWD]
    homes = [hit for hit in hits if text[slice(*hit)] in _INHABITS]
    letters = [hit for hit in hits if text[slice(*hit)] in _LETTERS]
    yous = [hit for hit in hits if text[slice(*hit)] == _YOU]
    writings = [hit for hit in hits if text[slice(*hit)] in _WRITINGS]
    found = all_of(
        salutations(text, yous),
        _authors(text, writings),
        who_came(text, writings),
        after_roles(text, roles),
        before_brackets(text, roles),
        before_verbs(text, crowd, _SPEAKS),
        before_verbs(text, letters, _SPOKE),
        _inhabitants(text, homes),
    )
    return everywhere(text, found)


def _authors(text: str, writings: Iterable[Span]) -> Iterator[Span]:
    """尚桂兰老人的一封信; 巴音孟和(…)反映; a clause that begins 王芳反映."""
    for at, _ in writings:
        before = text[max(0, at - _LONGEST_ASIDE) : at]
        if (lead := _OF_SOMEBODY.search(before)) or (lead := _ASIDE_BEFORE.search(before)):
            end = at - len(before) + lead.start()
            if (start := name_start(text, end)) is not None:
                yield start, end
        elif (about := _ABOUT_SOMEBODY.search(before)) and name_end(about["name"], 0) == len(about["name"]):
            yield at - len(before) + about.start("name"), at - len(before) + about.end("name")
        elif (begun := _CLAUSE_BEGINS.search(before)) and name_end(text, at - len(begun["name"])) == at:
            yield at - len(begun["name"]), at


def _inhabitants(text: str, homes: Iterable[Span]) -> Iterator[Span]:
    for _, end in homes:
        place = _AT.match(text, end)
        if place and (name_stops := name_end(text, place.end())):
            yield place.end(), name_stops


_LONGEST_ASIDE: Final = 64

DETECTORS: Final = (
    Detector(
        name="petitioner",
        title="信访人的姓名",
        label=LABEL,
        severity=Severity.REDACT,
        advice="隐去来信、来访、来电人的姓名，如改为“赵某某”，并删去可以识别其身份的内容。",
        basis="《信访工作条例》第三十条；《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=_ROLES | _CROWD | _LETTERS | _INHABITS | _WRITINGS | {_YOU},
        find=find,
    ),
)
