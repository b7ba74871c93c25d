"""Precise coordinates of what must not be easy to find: radiation sources, hazardous stores, water intakes.

Texts on environmental impact legally tell where a project is (测绘法 art. 34 keeps results of surveys secret by law
only): coordinates count where the same sentence or row names such a place, and from seconds or three decimals on.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.spans import SENTENCE_ENDS, clause_end, clause_start
from outreach.screening.severity import Severity

LABEL: Final = "sensitive_coordinates"

_DEGREE: Final = r"[°º度]"
_MINUTE: Final = r"[′'‘’分]"
_SECOND: Final = r"(?:[″\"“”秒]|′′|'')"
_DMS: Final = (
    rf"[0-9]{{1,3}}[ ]?{_DEGREE}[ ]?[0-9]{{1,2}}[ ]?{_MINUTE}[ ]?[0-9]{{1,2}}(?:\.[0-9]+)?[ ]?{_SECOND}?"
)
_DECIMAL: Final = rf"(?<![0-9.])[0-9]{{2,3}}\.[0-9]{{3,12}}(?![0-9.])[ ]?{_DEGREE}?"
_VALUE: Final = rf"(?:{_DMS}|{_DECIMAL})"
_HEMISPHERE: Final = r"(?:东经|北纬|经度|(?<!经)纬度|[EN])[ :为=]{0,3}"
_AXIS: Final = r"(?:[XY横纵][坐标]{0,2}[ :=为]{0,3}[0-9]{5,8}(?:\.[0-9]{1,4})?(?:[ ]?(?:m|米))?)"
_ONE: Final = rf"(?:{_HEMISPHERE})?{_VALUE}[ ]?[EN]?"
_PAIR: Final = re.compile(
    rf"(?:{_ONE}[ ]?[,，、;；/|\t ]{{0,3}}[ ]?(?:和|与)?{_ONE}|{_HEMISPHERE}{_VALUE}|{_AXIS}[,，、;； ]{{1,3}}{_AXIS})"
)
_PLACES: Final = words(
    "放射源 放射性 射线装置 源库 辐射源 探伤源 危险化学品 危化品 易燃易爆 剧毒 液氨 液氯 氯气 炸药 民爆 雷管 爆炸物 油库 储罐 罐区 气柜"
    " 取水塔 取水泵 取水浮船 取水趸船 取水竖井 取水闸 取水站 取水管 取水管线 渗渠 供水井 水源泵站 水源井 引水隧洞 取水口 取水点 取水头 取水设施 取水构筑物 取水枢纽 取水工程 引水口 水源取水 应急水源 备用水源 供水水源 水源保护 深水井 机井 大口井 集水井 辐照 Co-60 Cs-137 Ir-192 Am-241 Ra-226 Se-75 钴-60 铯-137 铱-192 钴60 铯137 铱192 镅241 中子源 豁免源 废源 密封源 γ源 源贮存 源坑 放射 硫磺库 氰化 火工品 爆破器材 加油站油罐 液化气站 天然气门站 甲醇罐 硫酸罐 盐酸罐 氢气站 重大危险源 取水井 水源井 水源地 饮用水源 取水泵站 取水泵房 泵站 泵房 事故池 应急池 尾矿库 危险废物贮存 危废库"
)
_NOT_HERE: Final = re.compile(r"(?:不涉及|不在|未涉及|距离?|远离|避开)[^,，。;；]{0,16}$")
_FURTHEST: Final = 120


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """源库…中心坐标E113°34′26.18″,N41°33′07.92″; a park's or a station's are public."""
    places: dict[Span, None] = {}
    for start, end in hits:
        begin = clause_start(text, start, _FURTHEST, SENTENCE_ENDS)
        if not _NOT_HERE.search(text[begin:start]):
            places[begin, clause_end(text, end, _FURTHEST, SENTENCE_ENDS)] = None
    yield from {pair.span() for place in places for pair in _PAIR.finditer(text, *place)}


DETECTORS: Final = (
    Detector(
        name="sensitive_coordinates",
        title="敏感地点的精确坐标",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去坐标，只写到所在园区或乡镇；确需公开的先报有关主管部门确定。",
        basis="《中华人民共和国政府信息公开条例》第十四条（公共安全）；《中华人民共和国测绘法》第三十四条",
        trigger=_PLACES,
        find=find,
    ),
)
