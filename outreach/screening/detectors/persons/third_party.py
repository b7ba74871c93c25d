"""Other persons whom a text names: witnesses, residents, patients, payees.

生态环境行政处罚办法 art. 64 hides the names of persons who are not penalised; 政府信息公开条例 art. 15 everybody's
privacy. A role that stands in ordinary sentences (居民, 村民, 司机) counts where the name after it ends clearly.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Severity, Span, words
from outreach.screening.detectors.persons.naming import LABEL, after_roles, all_of, everywhere
from outreach.screening.detectors.spans import lines_of
from outreach.screening.names import name_end

_ROLES: Final = words(
    "证人 目击者 目击证人 居民 村民 住户 业主 邻居 户主 房主 房东 租户 租客 承租人 出租人 患者 病人 伤者 伤员 死者 受害人 被害人 遇难者 家属 亲属"
    " 收款人 领款人 持卡人 领取人 受托人 委托人 代理人 委托代理人 申请人 被询问人 被调查人 询问对象 车主 司机 驾驶员 牧民 农户 农民 村民代表 居民代表"
    " 被征收人 被拆迁人 拆迁户 搬迁户 贫困户 低保户 特困户 工人 操作工 门卫 签收人 送达人 见证人 在场人 紧急联系人 配偶 妻子 丈夫 父亲 母亲 报名人 获奖人 中奖人 捐款人 献血者"
)
_NAME_COLUMN: Final = re.compile(
    r"(?:^|[|\t])[ \u3000]{0,3}(?:姓名|户主姓名|被调查人|受访人|联系人姓名|领款人|收款人)[ \u3000]{0,3}(?=[|\t]|$)"
)
_PRIVATE_COLUMN: Final = re.compile(
    r"身份证|证件号|电话|手机|住址|地址|年龄|性别|银行卡|账号|卡号|户籍|签到|签名|意见|补偿"
)
_OFFICE_COLUMN: Final = re.compile(r"职务|职称|单位|部门|科室|岗位|执法证")
_HEADER: Final = "姓名"
_MOST_ROWS: Final = 2000


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """证人郝秀英; the column 姓名 of a list of private persons."""
    headers = [hit for hit in hits if text[slice(*hit)] == _HEADER]
    roles = [hit for hit in hits if text[slice(*hit)] != _HEADER]
    return everywhere(text, all_of(after_roles(text, roles), _in_columns(text, headers)))


def _in_columns(text: str, headers: Sequence[Span]) -> Iterator[Span]:
    for begin, end in lines_of(text, headers):
        header = text[begin:end]
        named = _NAME_COLUMN.search(header)
        if named and _PRIVATE_COLUMN.search(header) and not _OFFICE_COLUMN.search(header):
            column = len(re.findall(r"[|\t]", header[: named.end()].rstrip("|\t")))
            yield from _cells(text, end + 1, column)


def _cells(text: str, at: int, column: int) -> Iterator[Span]:
    """The names in that column of the rows that follow."""
    for _ in range(_MOST_ROWS):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        edges = [found.end() for found in re.finditer(r"[|\t]", text[at:end])]
        if not edges or len(edges) < column:
            return
        start = at + ([0, *edges][column])
        start += len(text[start:end]) - len(text[start:end].lstrip(" \u3000"))
        stop = name_end(text, start, is_told_apart=True)
        if stop is not None and not text[stop : stop + 1].strip(" \u3000|\t\n"):
            yield start, stop
        at = end + 1


DETECTORS: Final = (
    Detector(
        name="third_party",
        label=LABEL,
        severity=Severity.REDACT,
        advice="隐去该人姓名，如改为“郝某某”；与公开事项无关的人员信息不公开。",
        basis="《生态环境行政处罚办法》信息公开一节；《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=_ROLES | {_HEADER},
        find=find,
    ),
)
