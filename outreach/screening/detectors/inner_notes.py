"""What a line itself says of a paper that stays inside: a draft, for inner use, not to be handed on."""

import re
from collections.abc import Iterator
from typing import Final

from outreach.screening.detectors.base import Span, words

FORBIDDEN: Final = frozenset(
    f"{forbid}{what}"
    for forbid in "得勿禁准止要"
    for what in (
        "外传",
        "外泄",
        "扩散",
        "泄露",
        "泄漏",
        "透露",
        "外借",
        "转发",
        "对外",
        "向外",
        "截图",
        "传阅",
        "上传",
        "上网",
        "发布",
        "公开",
    )
)
"""Endings of what forbids to hand something on: 不得外传, 请勿转发. The verbs alone stand in ordinary texts."""
NOTES: Final = FORBIDDEN | words(
    "稿 未经审 未审 内部 不宜公开 (保密 决策参考 不予公开 不公开 不对外 不得公开 未公开 依申请公开 仅发 只发 仅供 只供 仅限 只限 限内部 供局 供党组 供领导 供班子"
    " 供办公会 供局务会 供专题会 供案审会 供常务会 会后 阅后 用后 前保密 前严格保密 前注意保密 前应保密 前须保密"
)

_BLANK: Final = r"[ \u3000\t]"
_AROUND: Final = " \u3000\t#>*_|"
_EDGE: Final = r"[ \u3000\t#>*_|]{0,20}"
_INNER: Final = re.compile(r"内部|内审|内参|局内|科内|不公开|不对外|非公开")
_DRAFT: Final = (
    r"(?:讨论稿|送审稿|报审稿|会签稿|草拟稿|审议稿|审核稿|初稿|草稿|二稿|三稿|未定稿|修改稿|第[一二三四五六七八九十0-9]{1,2}稿|代拟稿|内部稿|过程稿"
    r"|内部征求意见稿|征求意见稿|磋商稿|汇报稿|请示稿|待审稿|审改稿|校对稿|内审稿|征询稿|上会稿|沟通稿|领导审定稿|核稿件|拟办稿)"
)
_OF_ENTERPRISE: Final = re.compile(
    rf"(?:报告书|报告表|报告|规划环评|验收|标准|办法|条例|规定|规划|技术规范|公示)[》」”\"]?{_BLANK}{{0,3}}$"
)
_PUBLIC_DRAFT: Final = "征求意见稿"
_DRAFT_IN_BRACKETS: Final = re.compile(
    rf"[(\[【〔](?P<inner>(?:[^()\[\]【】〔〕\n]{{0,20}}?{_DRAFT}[^()\[\]【】〔〕\n]{{0,40}}|稿))[)\]】〕]{_EDGE}$"
)
_DRAFT_LINE: Final = re.compile(rf"^{_EDGE}{_DRAFT}{_EDGE}$")
_DRAFT_LEADS: Final = re.compile(rf"^{_EDGE}(?!{_PUBLIC_DRAFT}){_DRAFT}:[^\n。;]{{4,60}}$")

# 内部 of buildings and plants, and of marks that are told elsewhere.
_NO_INNER_WORD: Final = r"(?![门装结道路分设构空网]|资料|文件|材料|事项|升级|环境|管理|控制|审计|联动|循环|处理设施|改造|维修|员工|职工)"
_READERS: Final = (
    r"(?:内部|局内|机关|领导|局?党组|班子|执法人员|办案|工作人员|本[局科室处]|本单位|参会|与会|会议|评审会|审议|讨论|研究|决策|掌握|传阅|汇报|审阅|阅示"
    r"|相关科室|各科室|专班|指挥部|带队|主要领导|分管领导|发言人|[^()\n,]{0,10}(?:掌握|知悉|传阅|参阅|阅示|审阅|阅看))"
)
_FORBIDDEN: Final = r"(?:不得|请勿|严禁|切勿|勿|不准|禁止|不要)(?:对外|向外)?(?:外传|外泄|扩散|泄露|泄漏|透露|外借|转发|对外(?:发布|公布|提供|公开|泄露|宣传)?(?=[)\],，、;】〕])|发布|公开|上网)[^()\n]{0,16}"
_MARKS: Final = (
    rf"(?:以下为|供|仅限|只限|限|属|系)?内部{_NO_INNER_WORD}[^()\n]{{0,40}}"
    r"|(?:[^()\n]{0,10}[,，])?(?:此件|本件)?不(?:予|宜|对外)?公开(?:发布)?|不对外|未经?审[核定批]|保密(?:[,，][^()\n]{0,16})?"
    rf"|[仅只][供限]{_READERS}[^()\n]{{0,30}}|[仅只]发[^()\n,]{{1,12}}(?:,[^()\n]{{0,30}})?"
    r"|供(?:决策|领导决策)参考|供(?:局|党组|班子|领导|办公会|局务会|专题会|案审会|常务会)[^()\n]{0,10}(?:研究|审议|讨论|审定|审阅|参阅|决策|审签)[^()\n]{0,20}"
    r"|[^()\n]{0,10}(?:会后|阅后|用后)[^()\n]{0,4}(?:收回|退回|销毁|交回)"
    r"|(?:行动|启动|检查|公布|宣布|公示|定稿)前[^()\n]{0,6}保密"
)
# A title or a line that says in brackets at its end that it stays inside: 领导分工表(内部掌握).
_INNER_TITLE: Final = re.compile(
    rf"^{_EDGE}[^\n。;!？?]{{0,60}}?(?P<mark>[(\[【〔](?:{_MARKS}|[^()\n]{{0,20}}{_FORBIDDEN})[)\]】〕]){_EDGE}$"
)
_ANOTHER_REASON: Final = re.compile(
    r"企业|公司|厂方|商业|技术|个人|隐私|国家秘密|秘方|配方|依法|规定|不实|谣言|商家|作者|授权"
)
# The same before a title: 【内部掌握】关于….
_INNER_LABEL: Final = re.compile(
    rf"^{_EDGE}[(\[【〔]内部(?:掌握|参考|参阅|传阅|使用|件|稿|讨论|征求意见)?[)\]】〕](?:{_BLANK}{{0,4}}[^\n。;!？?]{{4,60}})?{_EDGE}$"
)
_NOT_FOR_THE_PUBLIC: Final = re.compile(
    r"(?:此件|本件|该件|本文件|本通知)(?:不予公开|不公开|依申请公开|不得公开)|公开(?:属性|方式|类别)[: ]{1,3}(?:不予公开|依申请公开|不公开)"
)
# A paper of others that is quoted and said not to be public: 《关于…的通报》(内环办〔2026〕19号,此件不公开).
_QUOTED: Final = re.compile(
    r"《[^《》\n]{4,80}》\((?:[^()\n]{0,40}[,，、;])?(?:此件|本件|该件)?(?:不(?:予|得|对外)?公开|未公开|内部(?:掌握|使用|文件|件|传阅|执行|印发|通报|明电)?)\)"
    r"|《[^《》\n]{0,60}内部(?:掌握|口径|通报|排名)[^《》\n]{0,40}》(?:\([^()\n]{0,40}\))?"
)


def notes_in(line: str) -> Iterator[Span]:
    """Where `line`, or its title, says that it stays inside."""
    begin, end = len(line) - len(line.lstrip(_AROUND)), len(line.rstrip(_AROUND))
    if _is_draft(line):
        yield begin, end
    if (found := _INNER_TITLE.search(line)) and not _ANOTHER_REASON.search(found["mark"]):
        yield begin, found.end("mark")
    elif _INNER_LABEL.search(line):
        yield begin, end
    for pattern in (_NOT_FOR_THE_PUBLIC, _QUOTED):
        yield from (found.span() for found in pattern.finditer(line))


def _is_draft(line: str) -> bool:
    """A draft of an enterprise's report or of a rule is public where it is put before the public."""
    found = _DRAFT_IN_BRACKETS.search(line)
    if found is None:
        return bool(_DRAFT_LINE.search(line) or _DRAFT_LEADS.search(line))
    if _INNER.search(found["inner"]):
        return True
    return _PUBLIC_DRAFT not in found["inner"] and not _OF_ENTERPRISE.search(line, 0, found.start())
