"""Characters and words typed twice: 的的, 进行进行. 人人, 天天 and the like are words and not listed.

Two words that meet can look the same (目的 的, 为了 了解, 正在 在线): what may stand there before or after is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from outreach.screening.detectors.base import Span
from outreach.screening.detectors.wording.hint import hint

_SLIPS: Final[Mapping[str, str]] = {
    "的的": r"(?<![目标打端中有准])的的(?![确士卢哥])",
    "了了": r"(?<![为除未明终末罢临算直不甚时中])了了(?![解结却断事望如然可])",
    "是是": r"(?<![于还但只可就总要凡或若国不都即便老硬真倒也算正])是是(?![非否])",
    "在在": r"(?<![存现正所内潜实自外好旨重志不还何神])在在(?![线建岗编职册校产用途研地场位此其役世逃])",
    "和和": r"(?<![饱总缓调温共中呼柔随谐亲平暖祥义泰永兴协])和和(?![林平谐睦解缓田静硕布气美善顺])",
    "与与": r"(?<![参给赋授])与与(?![会否其日时众世])",
    "及及": r"(?<![以涉波普顾提危触不力来殃企埃论遍])及及(?![时早格其第冠物])",
    "年年": r"(?<=[0-9])年年(?=[0-9月])",
    "月月": r"(?<=[0-9])月月(?=[0-9])",
    "日日": r"(?<=[0-9])日日(?=[至,。、;)])",
    "元元": r"(?<=[0-9万亿])元元(?=[,。;、)])",
    "吨吨": r"(?<=[0-9万])吨吨(?=[,。;、)])",
    "%%": r"(?<=[0-9])%%(?!%)",
    "。。": r"(?<!。)。。(?!。)",
    "、、": r"(?<!、)、、(?!、)",
} | {
    word * 2: word * 2
    for word in ("进行", "关于", "根据", "按照", "以及", "现将", "应当", "予以", "如下", "我局", "有限公司", "万元")
}  # fmt: skip
_SLIP: Final = re.compile("|".join(_SLIPS.values()))


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """印发的的通知; 2026年年4月; 对企业进行进行检查."""
    for start, _ in hits:
        if slip := _SLIP.match(text, start):
            yield slip.span()


def _advice(found: str) -> str:
    return f"“{found}”重复，应为“{found[: len(found) // 2]}”：请删去多余的字。"


DETECTORS: Final = (hint("doubled", "重复的字词", frozenset(_SLIPS), find, _advice),)
