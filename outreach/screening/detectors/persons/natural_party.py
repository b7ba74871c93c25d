"""A natural person who is penalised.

Whether the name is published depends on the rule in force: 生态环境行政处罚办法 (部令30号) art. 62 is said to
publish it (its wording is unconfirmed). Until the office has chosen, the name is protected; see `rules.Choices`.
"""

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
)
from outreach.screening.detectors.spans import clause_end, clause_start
from outreach.screening.names import name_end
from outreach.screening.severity import Severity

NAME: Final = "natural_party"

_ROLES: Final = words(
    "当事人 被处罚人 受处罚人 被处罚者 违法行为人 违法人 行政相对人 相对人 处罚对象 被执行人 行为人 共同违法人 被处理人 当事人姓名 被告知人 被处罚对象 受送达人 违法者 肇事者 肇事人 涉案人 涉案人员 被申请人 被举报人 被投诉人 被责令人 受处罚的自然人 被处罚的自然人 处罚的自然人 被处罚的个人 受处罚的个人 缴款人 退款对象 代缴罚款人 车辆所有人 摩托车手 赔偿义务人 肇事司机 受罚自然人 被罚自然人 处罚自然人 违法自然人 对自然人 受罚人 受罚者 被罚人 被罚款人 被罚者 违法嫌疑人 涉嫌违法人 被查处人 被查处者 焚烧人 倾倒人 排放人 偷排人 责任人员"
)
_YOU: Final = "你"
_YOU_DID: Final = re.compile(
    r"你(?:[于在未因将违涉擅驾的0-9]|提出|申请|来信|反映|投诉|举报|不服|可以|应当|已|没有)"
)
_TO: Final = "对"
_IS_FINE: Final = re.compile("[罚拘警]")
_FINED: Final = re.compile(
    r"(?:处以?|罚款|行政拘留|的(?:行政)?处罚|(?:作出|给予|予以|实施|进行)[^,。;\n]{0,12}(?:处罚|罚款|警告|拘留))"
)


_ACTS: Final = words("焚烧 倾倒 偷排 偷倒 掩埋 丢弃 盗挖 私挖")
_HOW: Final = "在|于|将|把|驾驶|驾车|擅自|私自|违法|非法|露天|随意|夜间|趁夜|多次|雇|未经|用"
_DOES: Final = re.compile(rf"(?:\([^()\n]{{0,30}}\))?(?:{_HOW})[^,，。;；:\n]{{0,30}}")
# A quick look before names are looked for.
_MAY_NAME: Final = re.compile(rf"[\u4e00-\u9fff·•]{{2,10}}?(?:\(|{_HOW})")
_DID: Final = re.compile("的")
_LONGEST_DEED: Final = 60
_PAUSES: Final = "。；;！!？?,，:\n"
_LONGEST_CLAUSE: Final = 50


def _doers(text: str, acts: Iterable[Span]) -> Iterator[Span]:
    """Whom a clause begins with that did what only persons are fined for: 郝明亮在农田焚烧秸秆."""
    for at, _ in acts:
        begin = clause_start(text, at, _LONGEST_CLAUSE, _PAUSES)
        if not _MAY_NAME.match(text, begin, at):
            continue
        end = name_end(text, begin)
        if end is not None and end < at and _DOES.fullmatch(text, end, at):
            yield begin, end


def _in_brackets(text: str, yous: Iterable[Span]) -> Iterator[Span]:
    """责令你(王秀清)立即改正."""
    for _, end in yous:
        stop = name_end(text, end + 1, is_told_apart=True) if text[end : end + 1] == "(" else None
        if stop is not None and text[stop : stop + 1] == ")":
            yield end + 1, stop


def _fined_for(text: str, fined: Iterable[Span]) -> Iterator[Span]:
    """Who is told by what they did: 对在河道内清洗油罐车的王二小作出罚款."""
    for _, end in fined:
        for of in _DID.finditer(text, end, clause_end(text, end, _LONGEST_DEED)):
            stop = name_end(text, of.end())
            if stop is not None and _FINED.match(text, stop):
                yield of.end(), stop


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """当事人:任二明,男; 康利:你于…; 对赵四罚款; an enterprise's name is no person's."""
    yous = [hit for hit in hits if text[slice(*hit)] == _YOU and _YOU_DID.match(text, hit[0])]
    fined = [hit for hit in hits if text[slice(*hit)] == _TO and _IS_FINE.search(text, hit[1], hit[1] + 30)]
    roles = [hit for hit in hits if text[slice(*hit)] in _ROLES]
    return everywhere(
        text,
        all_of(
            after_roles(text, roles),
            before_brackets(text, roles),
            salutations(text, yous),
            _doers(text, (hit for hit in hits if text[slice(*hit)] in _ACTS)),
            _in_brackets(text, (hit for hit in hits if text[slice(*hit)] == _YOU)),
            before_verbs(text, fined, _FINED),
            _fined_for(text, fined),
        ),
    )


DETECTORS: Final = (
    Detector(
        name=NAME,
        title="被处罚自然人的姓名",
        label=LABEL,
        severity=Severity.REDACT,
        advice="当事人是自然人：隐去姓名，如改为“任某某”。本单位已确定公开自然人姓名的，由管理员在设置中选定。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；《生态环境行政处罚办法》第六十二条（条文待核实）",
        trigger=_ROLES | _ACTS | {_YOU, _TO},
        find=find,
    ),
)
