"""Home addresses down to the door. Where a project, an office or an event is, is public."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors import bank_card, mobile_phone, resident_id
from outreach.screening.detectors.base import (
    HOME_ADDRESS,
    PROTECTED_PERSON,
    Detector,
    Found,
    Span,
    words,
)
from outreach.screening.detectors.spans import (
    SENTENCE_ENDS,
    cells_below,
    clause_end,
    clause_start,
    line_around,
)
from outreach.screening.severity import Severity

LABEL: Final = HOME_ADDRESS

_HOME: Final = words(
    "家庭地址 家庭住址 居住地址 居住地 户籍地址 户籍地 户籍所在地 常住地址 现住地址 现住址 通讯地址 联系地址 收件地址 邮寄地址 身份证地址 住址 住所 居所 居住在 居住于 家住 家位于 家就在 "
    "现住 暂住 租住 住在 住于 家在 家中 通信地址 送达地点 送达地址 寄送 寄往 寄至 寄到 邮寄至 送至 住"
)
_LIVES: Final = "住"
# 住 and 住所 begin longer words, which come by themselves.
_OTHER_WORD: Final = frozenset("址所处房户宅院建区")
_UNIT: Final = "单元"

_BETWEEN: Final = re.compile(r"\(?(?:地址|信息|地)?[ \u3000]{0,2}(?:是|为|位于|在|于|:|\||\t)?[ \u3000]{0,2}")
# From a unit of administration or a street to a number of a house, group, row, unit or room.
_DOOR: Final = r"(?:(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4}|[A-Za-z][0-9]{0,3}|[东西南北前后])(?:[#号]?(?:楼|栋|幢|座)|单元|室|户|号院|号(?!线|镇|乡|村|井|矿|站|地块)|院|[组社排队](?![长织])|门|层))"
_FLAT_BY_HYPHENS: Final = r"[0-9]{1,3}(?:-[0-9]{1,2})?-[0-9]{3,4}室?"
# In the open country a house has no number: the village is where somebody lives.
_VILLAGE: Final = (
    r"(?:村|嘎查|浩特|营子|[0-9一二三四五六七八九十东西南北前后]小?组|二队)(?=[,，。;；、)\n|\t ]|$)"
)
_ADDRESS: Final = re.compile(
    rf"(?=[^\n,，。;；:：、\"“”]{{0,40}}?(?:省|自治区|盟|市|区|县|旗|镇|乡|苏木|街道|村|嘎查|社区|小区|路|街|巷|胡同|家属|花园|苑|公寓|新城|家园))"
    rf"(?:[\u4e00-\u9fff0-9A-Za-z·#-]|(?<=[0-9])[ ](?=[0-9]))"
    rf"(?:[\u4e00-\u9fff0-9A-Za-z·# -]|\([^()\n]{{1,12}}\)){{1,60}}?(?:{_DOOR}|{_FLAT_BY_HYPHENS}|{_VILLAGE})(?:[ -]?(?:{_DOOR}|[0-9]{{3,4}}(?![0-9年月日])))*"
)
_BARE: Final = words("平房 家属 巷 胡同 嘎查 村 小区 家园 花园 苑 宿舍 排1 排2 排3 排4 排5 排6 排7 排8 排9")
_NUMBERED_DOOR: Final = re.compile(
    r"[\u4e00-\u9fff]{1,3}?[\u4e00-\u9fff0-9A-Za-z-]{0,10}?[0-9一二三四五六七八九十]{1,5}(?:号(?!线|镇|乡|井|矿|站|地块|公告)|排|栋|幢|室)|排[0-9]{1,3}号"
)
_PIECE_SIGNS: Final = frozenset({*',:(|\t" ', *"，、（“”《在于为即至到住址落是系往"})
_ADMINISTRATIVE: Final = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,9}?(?:市|区|县|旗)(?![\u4e00-\u9fff]?(?:监测站|分局)))"
)
_DWELLING: Final = re.compile(
    r"[0-9一二三四五六七八九十]排[0-9]{1,3}号|单元[0-9]{3,4}|(?:家属|宿舍)[院区房楼]?[\u4e00-\u9fff]{0,2}[0-9]|平房[0-9]|(?:小区|苑|家园|花园)[\u4e00-\u9fff]{0,2}[0-9]{1,3}(?:号楼|栋|幢)[\u4e00-\u9fff0-9]{0,6}?[0-9]{3,4}"
)
_SOMEBODY: Final = re.compile(
    r"户主|住户|村民|居民|牧民|农户|老人|大爷|大妈|志愿者家|家中|家里|[户家]的|屋顶|房顶|院内|阳台|房主|房东|落款|慰问|坐落|房屋|宅基|信封|本人|收件|儿媳|入户|家访|走访|探望|钥匙|其家|自家|寄件"
)
_CELL_EDGE: Final = re.compile(r"[|\t]")
_SEAT: Final = "住所"
_ENTERPRISE: Final = re.compile(r"公司|厂|合作社|商店|饭店|信用代码|法定代表人|负责人|经营者")
_IN_A_WORD: Final = re.compile(r"(?![人者他她其])[\u4e00-\u9fff]")
_WITHOUT_DOOR: Final = re.compile(r"\*|某")
_OFFICE: Final = re.compile(
    r"(?:公司|单位|企业|厂|局|科|站|中心|办公|注册|经营|工商|建设|项目|机构|法院|大厦|写字楼|办事)[^,。;\n]{0,12}$"
)
_LOOK_BACK: Final = 40
_AFTER_NAME: Final = re.compile(
    r"(?:一?家(?:的)?(?:中|里|平房|屋顶|房顶|院内|院子|门前){0,2})?[ \u3000]{0,2}[(,，:|\t][ \u3000]{0,2}(?:男|女)?[,，、 ]{0,2}"
)


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """住集宁区马莲渠乡霸王河村二组46号; 新华街道7号楼1单元301室 where no office is named before it."""
    for start, end in hits:
        if text[start:end] == _UNIT:
            yield from _flat(text, start)
        else:
            yield from _after_word(text, start, end)


def find_beside(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """The address in brackets or after a comma behind a protected name."""
    for _, end in hits:
        if (sign := _AFTER_NAME.match(text, end)) and (found := _address_at(text, sign.end())):
            yield found


def find_bare(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """凉城县岱海镇利民巷20号院 where no word says that it is a home: by how it is built, as rows of cottages and blocks
    of flats are, else by who is told to be there."""
    last = -1
    for start, end in hits:
        if start < last or not _NUMBERED_DOOR.match(text, start):
            continue
        begin = clause_start(text, start, _LOOK_BACK)
        piece = begin + max(text[begin:start].rfind(sign) for sign in _PIECE_SIGNS) + 1
        admin = _ADMINISTRATIVE.search(text, piece, end)
        if admin is None:
            continue
        found = _address_at(text, admin.start("name"))
        if (
            found is None
            or not found[0] <= start < found[1]
            or _OFFICE.search(text[max(begin, found[0] - 16) : found[0]].rpartition(":")[2])
        ):
            continue
        if _DWELLING.search(text, *found) or _lives_somebody(text, found):
            last = found[1]
            yield found


def find_in_row(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """An address in a cell of a row in which a private number stands."""
    last = -1
    for hit in hits:
        begin, end = line_around(text, hit)
        if begin <= last:
            continue
        last = begin
        edges = [edge.end() for edge in _CELL_EDGE.finditer(text, begin, end)]
        for cell in [begin, *edges] if edges else []:
            span = _address_at(text, cell)
            if span and (span[1] == end or text[span[1]] in "|\t\n "):
                yield span


def _lives_somebody(text: str, found: Span) -> bool:
    begin = clause_start(text, found[0], _LOOK_BACK, SENTENCE_ENDS)
    end = clause_end(text, found[1], _LOOK_BACK, SENTENCE_ENDS)
    return bool(_SOMEBODY.search(text, begin, end)) and not _ENTERPRISE.search(text, begin, end)


def _after_word(text: str, start: int, end: int) -> Iterator[Span]:
    if text[start:end] == _LIVES and (_IN_A_WORD.match(text, start - 1) if start else False):
        return
    if text[end : end + 1] in _OTHER_WORD:
        return
    if _OFFICE.search(text[clause_start(text, start, 12) : start]) or _is_of_enterprise(text, start, end):
        return
    between = _BETWEEN.match(text, end)
    at: int | None = between.end() if between else end
    while at is not None and (span := _address_at(text, at)):
        yield span
        at = span[1] + 1 if text[span[1] : span[1] + 1] == "、" else None
    for cell in cells_below(text, (start, end)):
        if span := _address_at(text, cell):
            yield span


def _address_at(text: str, start: int) -> Span | None:
    found = _ADDRESS.match(text, start)
    if found is None or _WITHOUT_DOOR.search(found.group()) or _OFFICE_PLACE.search(found.group()):
        return None
    return None if _OFFICE_FOLLOWS.match(text, found.end()) else found.span()


def _is_of_enterprise(text: str, start: int, end: int) -> bool:
    """住所 is also where an enterprise is registered."""
    return text[start:end] == _SEAT and bool(_ENTERPRISE.search(text, max(0, start - 100), start))


def _flat(text: str, unit: int) -> Iterator[Span]:
    """The address that 单元 belongs to: only flats have units."""
    begin = clause_start(text, unit, _LOOK_BACK)
    before = text[begin:unit]
    signs = list(
        re.finditer(
            r"[,，、:(（|\t]|(?:住|位于|寄往|寄至|居住地|地址|在)(?=[\u4e00-\u9fff]{2,}(?:市|区|县|旗|镇|街|路|小区|苑|家属))",
            before,
        )
    )
    first = begin + (signs[-1].end() if signs else 0)
    found = _ADDRESS.match(text, first)
    if found is None or not found.start() <= unit < found.end() or _WITHOUT_DOOR.search(found.group()):
        return
    if _OFFICE.search(text[clause_start(text, first, 16) : first]) or _OFFICE_PLACE.search(found.group()):
        return
    yield found.span()


_OFFICE_FOLLOWS: Final = re.compile(
    r"[ ]?(?:\([^()\n]{0,4})?[\u4e00-\u9fff]{1,12}?(?:中心|局|科|站|办公室|公司|大厅|窗口|收发室|委员会|政府|厂|学校|医院)(?=[,，。;；、)\n 收]|$)"
)
_OFFICE_PLACE: Final = re.compile(
    r"公司|写字楼|大厦|政府(?!家属|宿舍|小区|住宅|平房|大院|[东西南北后旁对路街巷])|厂(?!区宿舍|家属|宿舍|小区|社区|新村|生活区|平房|住宅|楼)|局(?!家属|宿舍|小区|平房|住宅)|项目|工程|商铺|底商|服务中心|政务|大厅|委员会|办公|法院|工业园区|产业园"
)


def _detector(
    name: str,
    title: str,
    trigger: frozenset[str] | Found,
    find: Callable[[str, Sequence[Span]], Iterator[Span]],
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.REDACT,
        advice="家庭住址只保留到县（区、旗）或乡镇，删去村组、楼栋、门牌。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；《生态环境行政处罚办法》信息公开一节",
        trigger=trigger,
        find=find,
    )


DETECTORS: Final = (
    _detector("home_address", "家庭住址：有提示词或门牌", _HOME | {_UNIT}, find),
    _detector("home_address_bare", "家庭住址：只写到门牌", _BARE, find_bare),
    _detector(
        "home_address_in_row",
        "家庭住址：与个人号码同在表格一行",
        Found(frozenset({mobile_phone.LABEL, resident_id.LABEL, bank_card.LABEL})),
        find_in_row,
    ),
    _detector(
        "home_address_beside",
        "家庭住址：与受保护的人同在一处",
        Found(frozenset({PROTECTED_PERSON})),
        find_beside,
    ),
)
