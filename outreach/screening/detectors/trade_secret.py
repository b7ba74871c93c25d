"""Trade secrets that an enterprise has declared as such and that still stand in the text."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.spans import CLAUSE_ENDS, SENTENCE_ENDS, clause_end, clause_start
from outreach.screening.severity import Severity

LABEL: Final = "trade_secret"

_SECRET: Final = words(
    "商业秘密 商业机密 技术秘密 技术秘诀 工艺秘密 经营秘密 技术机密 专有配方 独家配方 未公开配方 秘方  企业秘密 技术诀窍 专有技术 保密配方 保密工艺 保密内容 “保密” 主张保密 要求保密 申明保密 声明保密 标注保密 注明保密 独有技术 独有工艺 独家技术 独家工艺 自有工艺 核心配方 下列内容保密 以下内容保密 上述内容保密 未公开工艺 未公开技术 未公开参数 工艺,未对外公开 工艺,未公开 技术,未公开 配方,未公开"
)
_LEADS_TO: Final = re.compile(
    r"[”\"'’)）]?(?:[^:\n。;]{0,24}?(?:[:]|(?<=[数据方料容艺下])(?:为|是))|[^:\n。;]{0,12}\)(?=\n))"
)
_LAW: Final = re.compile(
    r"(?:国家秘密|个人隐私|不含|不涉及|除|依法|保护|泄露|侵犯|窃取|删除了|已删除|不包含|无|什么是|属于?何种|不得以)[^。;\n]{0,12}$"
)
_LAW_AFTER: Final = re.compile(
    r"[”\"]?[、,]?(?:和|及|与|或|以及)?(?:国家秘密|个人隐私|保护(?![:：])|的以外|以外|等内容的|等不予公开)"
)
_AFTER_VALUE: Final = re.compile(
    r"[(【\[][^()\n【】]{0,10}$|(?:属于?|系|为|是|列为|作为)(?:尚?未(?:对外)?公开的)?(?:我|本|该|其)?(?:公司|企业|单位|厂|方)?(?:主张|声明|申明|认定)?(?:的)?(?:核心)?$"
    r"|[,，](?:该|本|其|此)?(?:公司|企业|厂方|供方|厂家|单位|建设单位|当事人)(?:已|均)?(?:书面)?$"
)
_SUBSTANCE: Final = re.compile(
    r"[0-9]|配方|配比|工艺|参数|温度|压力|催化剂|添加剂|用量|流程|客户|价格|成本|图纸|技术路线"
)
_FIGURES: Final = re.compile(r"[0-9]")
_OF_LAW: Final = re.compile(
    r"当事人|人民法院|经营者|权利人|侵权|所称|^指|商业价值|员工、|技术信息|第[一二三四五六七八九十百]{1,5}条"
)
_FOLLOWS_ON: Final = re.compile(r"[”\"'’)]?(?:[,，]|的)(?:具体|内容)?(?:为|是)?[:]?")
_ANOTHER_MATTER: Final = re.compile(
    r"公示|公开|公告|联系|电话|咨询|意见|批复|审批|批准|环评|验收|监测|排放浓度|排放口|达标|标准|处罚|罚款|该页|本页|上述|以上|以下|另[一有外]|其他|其余|请[编予各将]|我局|我单位|工作日|[0-9]{4}年[0-9]{1,2}月|现场|检查|邮箱|信用代码|第[0-9]{1,3}[页章节条]"
)
_HIDDEN: Final = re.compile(
    r"隐去|删[去除]|不予公开|遮[盖蔽]|隐藏|略去|省略|脱密|屏蔽|涂[盖黑抹]|隐匿|抹去|遮掩|马赛克|打码|模糊|代替|替代|替换|代号|概化|另行|已作|已做|应当|不得|可以|均已|予以保护"
)
_TAKEN_OUT: Final = re.compile(r"(?:删[去除]|隐去|略去)了?[^。;]{2,30}[,，](?:上述|以上)内容$")
_QUOTED: Final = re.compile('[“"](?P<quoted>[^“”"\n]{6,300})[”"]$')
_LEAST: Final = 6
_LONGEST: Final = 400


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """声明下述内容为商业秘密:石油焦与…; 反应温度162℃(商业秘密). Not 不含商业秘密, nor a quotation of law."""
    for start, end in hits:
        before = text[clause_start(text, start, 40) : start]
        if _LAW.search(before) or _LAW_AFTER.match(text, end):
            continue
        lead = _LEADS_TO.match(text, end)
        spans = [
            _after(text, lead.end()) if lead else None,
            _before(text, start, before),
            _directly_after(text, end),
        ]
        # What tells a secret has figures in it; what only names one may have none.
        for sign in (_FIGURES, _SUBSTANCE):
            if told := [
                one
                for one in spans
                if one
                and one[1] - one[0] >= _LEAST
                and sign.search(text, *one)
                and not _OF_LAW.search(text[slice(*one)])
            ]:
                yield told[0]
                break


def _after(text: str, begin: int) -> Span:
    start = begin + (text[begin : begin + 1] in (" ", "\n"))
    # What a line of its own lists is parted by semicolons; in a sentence another matter may follow them.
    signs = SENTENCE_ENDS if text[start - 1 : start] == "\n" else CLAUSE_ENDS
    return start, _substance_end(text, start, signs)


def _substance_end(text: str, start: int, signs: str) -> int:
    """Where what is told ends: further clauses belong to it while they tell figures and nothing of the paper."""
    end = clause_end(text, start, _LONGEST, signs)
    while text[end : end + 1] == ";" and end - start < _LONGEST:
        further = clause_end(text, end + 1, _LONGEST, CLAUSE_ENDS)
        if not _FIGURES.search(text, end, further) or _ANOTHER_MATTER.search(text, end, further):
            break
        end = further
    return end


def _directly_after(text: str, end: int) -> Span | None:
    """…属商业秘密,长石42.5份; 申报为商业秘密的脱硫剂配比(…)."""
    follows = _FOLLOWS_ON.match(text, end)
    if follows is None:
        return None
    stop = clause_end(text, end, _LONGEST)
    is_told = _FIGURES.search(text, follows.end(), stop) or not _HIDDEN.search(text, follows.end(), stop)
    return (follows.end(), stop) if is_told else None


def _before(text: str, start: int, before: str) -> Span | None:
    """The clause that is called secret at its end."""
    called = _AFTER_VALUE.search(before)
    if not called or _TAKEN_OUT.search(before, 0, called.start()):
        return None
    begin = clause_start(text, start, _LONGEST)
    stop = start - (len(before) - called.start())
    if quoted := _QUOTED.search(text, begin, stop):
        return quoted.span("quoted")
    comma = re.search(r"^[^,，:]{0,20}[:]", text[begin:stop])
    return begin + (comma.end() if comma else 0), stop


DETECTORS: Final = (
    Detector(
        name="trade_secret",
        title="企业声明的商业秘密",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去企业声明为商业秘密的内容；需要公开的，先书面征求企业意见并记录。",
        basis="《中华人民共和国政府信息公开条例》第十五条（商业秘密）、第三十二条",
        trigger=_SECRET,
        find=find,
    ),
)
