"""Who reported an offence. 生态环境法典 art. 146: what identifies who reports is kept confidential."""

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
    who_came,
)
from outreach.screening.detectors.spans import SENTENCE_ENDS, clause_end, clause_start
from outreach.screening.names import name_end
from outreach.screening.severity import Severity

_ROLES: Final = words(
    "举报人 投诉人 检举人 控告人 揭发人 爆料人 报料人 举报者 投诉者 检举者 线索提供人 线索提供者 知情人 知情者 实名举报者 线索人 有功人员 举报群众 举报员工 举报职工 举报市民 举报村民 举报居民 举报牧民 线索由 举报由 视频由 照片由"
)
_CROWD: Final = words(
    "群众 市民 网民 网友 居民 村民 业主 住户 牧民 农民 商户 员工 职工 游客 家长 女士 先生 根据 接到 收到 接 据 工友 同事 邻居 老乡 同乡 其中"
)
_DEEDS: Final = words("举报 检举 揭发 控告 投诉 提供线索")
_HANDED: Final = words(
    "交到 交给 送到 送至 递到 发给 发放给 发到 颁给 颁发给 兑现给 奖励给 奖给 奖励 转给 转账给"
)
_OF_REWARD: Final = re.compile(r"举报|检举|奖金|奖励金|线索")
_CITIZEN: Final = re.compile(
    r"(?:了)?(?:热心|实名)?(?:举报)?(?:市民|群众|居民|村民|牧民|网民|员工|职工|司机)?"
)
_REPORTS: Final = re.compile(
    r"(?:的|以)?(?:实名|匿名|电话|多次|书面|再次|向[^,。;\n]{1,12}?)?(?:举报|检举|控告|揭发|拍摄|拍下|报料|爆料|提供[^,。;\n]{0,8}线索)"
    r"|(?:[于在][^,。;\n]{1,16}?)?(?:最先|首先|率先|第一时间|及时)(?:发现|报告|报警|反映)"
)
_HONOURED: Final = re.compile(
    r"(?:举报|检举|揭发|投诉)[\u4e00-\u9fff]{0,6}?(?:个人|标兵|能手|达人|之星|明星|功臣|嘉宾|人员|等奖|代表)[:是为“\"]?"
)


_WHO_REPORTED: Final = re.compile(
    r"(?:举报|检举|揭发|控告|提供)[^,，。;:\n]{1,16}?的(?:市民|群众|居民|村民|员工|职工|热心人|人员)?"
)


_LONGEST_SENTENCE: Final = 60


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """举报人王强; 群众柴志敏的实名举报."""
    roles = [hit for hit in hits if text[slice(*hit)] in _ROLES]
    crowd = [hit for hit in hits if text[slice(*hit)] in _CROWD]
    deeds = [hit for hit in hits if text[slice(*hit)] in _DEEDS]
    handed = [hit for hit in hits if text[slice(*hit)] in _HANDED]
    found = all_of(
        after_roles(text, roles),
        before_brackets(text, roles),
        before_verbs(text, crowd, _REPORTS),
        _who_did(text, deeds),
        who_came(text, deeds),
        _who_was_paid(text, handed),
    )
    return everywhere(text, found)


def _who_was_paid(text: str, handed: Iterable[Span]) -> Iterator[Span]:
    """将奖金交到市民魏长河手中, where the sentence speaks of a report or its reward."""
    for start, end in handed:
        begin = clause_start(text, start, _LONGEST_SENTENCE, SENTENCE_ENDS)
        if not _OF_REWARD.search(text, begin, clause_end(text, end, _LONGEST_SENTENCE, SENTENCE_ENDS)):
            continue
        citizen = _CITIZEN.match(text, end)
        at = citizen.end() if citizen else end
        if (stop := name_end(text, at)) is not None:
            yield at, stop


def _who_did(text: str, deeds: Iterable[Span]) -> Iterator[Span]:
    """检举偷倒医疗废物的蒲长顺; 举报先进个人白乙拉."""
    for start, _ in deeds:
        said = _WHO_REPORTED.match(text, start)
        for lead in (said, _HONOURED.match(text, start)):
            if lead and (end := name_end(text, lead.end())):
                yield lead.end(), end


DETECTORS: Final = (
    Detector(
        name="reporter",
        title="举报人的姓名",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去举报人姓名及可以识别其身份的内容；举报人信息一律不得公开。",
        basis="《中华人民共和国生态环境法典》第一百四十六条；《中华人民共和国政府信息公开条例》第十五条",
        trigger=_ROLES | _CROWD | _DEEDS | _HANDED,
        find=find,
    ),
)
