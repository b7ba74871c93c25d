"""What 生态环境行政处罚办法 art. 64 hides of an enterprise though nobody has called it a secret: recipes, and prices
beside the names of customers and suppliers.

Texts on environmental impact legally tell what a plant uses and emits: a recipe counts where at least three parts
are told with their shares, prices where a business partner is told of in the same sentence.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.spans import SENTENCE_ENDS, clause_end, clause_start
from outreach.screening.detectors.trade_secret import LABEL
from outreach.screening.severity import Severity

_RECIPES: Final = words("配方 配比 配料比 投料比 配料表 料比")
_PARTNERS: Final = words(
    "客户 供货 供货商 供应商 供方 下家 上家 买方 经销商 代理商 销往 售予 售往 售给 供货给 采购自 购自"
)

_SHARE: Final = r"[0-9]{1,4}(?:\.[0-9]{1,3})?[ ]?(?:%|‰|份|重量份|质量份|wt%|kg|公斤|克|g(?![A-Za-z]))"
_LISTED: Final = re.compile(
    r"(?:\([^()\n]{0,16}\))?[^:,，。;；\n、0-9]{0,8}?(?:为|是|:|由|按|含|采用)"
    rf"(?:[^,，。;；、\n0-9]{{1,16}}{_SHARE}(?:\([^()\n]{{0,12}}\))?[、,，和及+;；]?){{3,20}}"
)
_LEAD: Final = re.compile(r"[^,，。;；:：、\n]{0,24}$")
# What is mixed in public: seeds, concrete, feed of a sluice; and what a thing is found to consist of.
_PUBLIC_MIX: Final = re.compile(
    r"草[籽种]|肥|标准气|标气|垃圾|成分|组分|组成|污泥|灰渣|种子|树种|草种|播种|绿化|植被|混凝土|砂浆|喷播|土壤|客土|种植|施肥|消毒|示例|例如|食谱|菜谱|手工|酵素|环保皂|洗涤|科普|家庭|自制|小贴士|煤种|配煤|年龄|人员|学历|资金|投资|评分|权重"
)
_MORE: Final = re.compile(
    r"(?>[^。\n]{0,4}[^,，。;；\n]{0,30}(?:℃|温度|压力|转速|小时|分钟|MPa|曲线))[^。;；\n]{0,60}?(?=[,，]该|[,，]故|[,，]属|[,，]为|[。;；\n]|$)"
)

_PRICE: Final = re.compile(
    r"(?:(?:供货|采购|销售|出厂|到厂|结算|含税|收购|成交|协议|供应|批发|产品|原料)[^,，。;；\n0-9]{0,4}价(?!格指数)|单价|均价|返点|账期)[^,，。;；\n0-9]{0,10}[0-9]"
)
_PUBLIC_PRICE: Final = re.compile(
    r"水价|电价|热价|气价|碳价|中标|招标|投标|采购公告|采购结果|采购项目|成交|竞价|政府采购|询价|拍卖|挂牌|配额|成交公告|比选|磋商|补贴|价格监测|市场价|物价|处罚|罚款"
)
_PAUSES: Final = frozenset({*",;+", *"，、；及和"})
_FURTHEST: Final = 160


def find_recipes(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """混捏配方为石油焦71.5份、改质沥青22份、催化剂0.8份; not the mixture of seeds for a slope."""
    last = -1
    for start, end in hits:
        told = _LISTED.match(text, end) if start >= last else None
        if told is None:
            continue
        lead = _LEAD.search(text, max(0, start - 24), start)
        begin = lead.start() if lead else start
        sentence = clause_start(text, start, _FURTHEST, SENTENCE_ENDS)
        if _PUBLIC_MIX.search(text, sentence, told.end()):
            continue
        more = _MORE.match(text, told.end())
        last = more.end() if more else told.end()
        yield begin, last - (text[last - 1] in _PAUSES)


def find_dealings(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """主要客户为甲、乙两家,供货价每吨9850元; not what the office buys, nor the price of water."""
    last = -1
    for start, end in hits:
        if start < last:
            continue
        stop = clause_end(text, end, _FURTHEST, SENTENCE_ENDS)
        prices = list(_PRICE.finditer(text, end, stop))
        begin = clause_start(text, start, _FURTHEST, SENTENCE_ENDS)
        if not prices or _PUBLIC_PRICE.search(text, begin, stop):
            continue
        last = clause_end(text, prices[-1].end(), _FURTHEST, ",，。;；\n")
        yield clause_start(text, start, 24, "。;；!?\n,，:："), last


def _detector(
    name: str, title: str, trigger: frozenset[str], find: Callable[[str, Sequence[Span]], Iterator[Span]]
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.REDACT,
        advice="配方、工艺参数、购销价格和客户名称应当隐去；企业书面同意公开的，记录后保留。",
        basis="《生态环境行政处罚办法》第六十四条（条文待核实）；《中华人民共和国政府信息公开条例》第十五条（商业秘密）",
        trigger=trigger,
        find=find,
    )


DETECTORS: Final = (
    _detector("undeclared_recipe", "企业的配方、配比", _RECIPES, find_recipes),
    _detector("undeclared_dealings", "企业的客户与价格", _PARTNERS, find_dealings),
)
