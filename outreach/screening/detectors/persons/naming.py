"""How texts name a person: after a role, before a verb, in a row of a form; and again further down."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick

from outreach.screening.detectors.base import PROTECTED_PERSON, Span
from outreach.screening.detectors.spans import cells_below, clause_start
from outreach.screening.names import name_end, name_start

LABEL: Final = PROTECTED_PERSON

# Between a role and its name in a form: 举报人: 李四, 证人(姓名): 王五, 申请人|赵六.
_FORM_SIGN: Final = re.compile(
    r"[ \u3000]{0,3}(?:姓名|名字|名称|落款|签名|签字|名单)?[ \u3000]{0,3}(?:\([^()\n]{0,12}\)[ \u3000]{0,3})?(?:[:|\t][ \u3000]{0,3}|[ \u3000]{1,3})"
)
_IN_SENTENCE: Final = re.compile(
    r"\)?(?:代表|本人|人员|分别|还有|包括|应)?(?:名叫|姓名为|叫做|叫|是|为|系|有)?[:]?[“\"'‘]?"
)
# What stands between the names of a list, with what is told of each in brackets: 王强(男)、李梅和赵刚.
_NEXT: Final = re.compile(r"(?:\([^()\n]{0,60}\))?(?:、|和|及|与|以及)")
# 王强(男,45岁)等3人: what may stand between a name and what the person did.
_ASIDE: Final = re.compile(
    r"(?:\([^()\n]{0,60}\))?(?:等[0-9一二两三四五六七八九十几多]{0,3}(?:名|位|户|人)?(?:群众|居民|村民|业主|人)?)?"
)
_LONG_ENOUGH_TO_STAND_ALONE: Final = 3
_SALUTES: Final = re.compile(
    r"[ ]?(?:同志|先生|女士|老师|同学|大姐|大哥|大爷|大妈|老人)?[ ]?(?:\([^()\n]{0,30}\))?[ ]?[:,][ \u3000\n]{0,6}"
    r"(?:(?:经|现|因|根据|按照|依据|据|关于|鉴于|自|我局|我单位|本机关|日前|近日|接|收到|感谢|对|[0-9])[^,。;:\n]{1,20},"
    r"|(?:根据|按照|针对|关于|对于?|就|收到|接到|感谢|已将|现将|现就)[^,。;:\n]{0,6})?$"
)
_LINE_BEGINS: Final = re.compile(
    r"(?:(?:^|\n)[ \u3000\t]{0,6}|(?:答复|回复|回信|复信|复函)[:][ \u3000“\"]{0,3})(?:尊敬的|敬爱的|热心的)?(?:市民|居民|村民|网友)?$"
)
_LATIN_BEFORE: Final = re.compile(r"(?<![A-Za-z])[A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){1,3}$")
_LONGEST_LATIN: Final = 64
_LONGEST_SALUTATION: Final = 14
_LONGEST_OPENING: Final = 40
_PAUSES: Final = "。；;！!？?,，、:\n"
_CAME: Final = re.compile(
    r"(?:\([^()\n]{0,30}\))?(?:(?:再次|多次|首次|主动|专程|又|曾|随即)?(?:前来|到|来|赴|向|通过|拨打|致电|登录|在|用)[^,，。;；:\n]{0,14}?"
    r"(?:局|队|科|室|站|所|中心|厅|办|部门|机关|政府|平台|热线|[0-9]{5}|电话|微信|程序|网|信箱|邮箱|窗口|公众号|单位|企业微信)(?:进行)?)?"
    r"(?:当面|书面|实名|匿名|电话|网上|上门|多次|再次|首次|连续|联名|口头|现场|来电|来信|写信|进行|视频|拍照){0,3}"
)
_WENT_ON: Final = re.compile("[的称说了]")
_LONGEST_CLAUSE: Final = 40
_ROLE_ENDS: Final = re.compile(r"[),，、:;]")
_PUBLIC_ROLE: Final = re.compile(
    r"(?:法定代表人|法人代表|(?<!环保)(?<!现场)(?<!车间)(?<!生产)(?<!安全)(?<!设备)(?<!班组)负责人"
    r"|[局厅处科股市县区旗镇乡州盟村院校站所部]长|(?<!车间)主任|书记|主席|巡视员|专员(?<!环保专员)|审判长|审判员|法官|检察官"
    r")(?:姓名)?(?:为|是|系)?[: \u3000]{0,2}$"
)
_LONGEST_ROLE: Final = 16
_MOST_LISTED: Final = 50
# An age in brackets is a sign of its own.
_NAMED_BEFORE: Final = re.compile(
    r"(?:\((?![^()\n]{0,11}岁)[^()\n]{0,12}\))?(?:、|和|及|与)[\u4e00-\u9fff]{0,8}$"
)


# Whatever somebody is called: in a form the words after it tell that it is a person.
_CALLED: Final = re.compile(
    r"(?!\w{0,8}某|性别|身份|证件|年龄|民族|籍贯|出生|电话|手机|联系|住[址所]|地址|户籍|单位|职[务业]|公民)[\u4e00-\u9fff·]{2,8}(?=[ \u3000]{0,2}[,，、(|\t][ \u3000]{0,2}(?:男|女|[\u4e00-\u9fff]{1,3}族|(?:居民|公民)?身份(?:证|号)|[12][0-9]{3}年))"
)


def after_roles(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """The names that follow the roles at `hits`."""
    for start, end in hits:
        if sign := _FORM_SIGN.match(text, end):
            listed = list(_listed(text, sign.end(), is_told_apart=True))
            called = _CALLED.match(text, sign.end())
            yield from listed or ([called.span()] if called else [])
            for cell in cells_below(text, (start, end)):
                yield from _listed(text, cell, is_told_apart=True)
        elif text[end : end + 1] == "\n":
            for cell in cells_below(text, (start, end)):
                yield from _listed(text, cell, is_told_apart=True)
        else:
            begin = _IN_SENTENCE.match(text, end)
            yield from _listed(text, begin.end() if begin else end, is_told_apart=False)


def before_verbs(text: str, hits: Iterable[Span], verbs: re.Pattern[str]) -> Iterator[Span]:
    """The names that follow the roles at `hits` where the person then does what `verbs` say."""
    for _, end in hits:
        names = list(_listed(text, end, is_told_apart=False))
        if not names:
            continue
        last = names[-1][1]
        aside = _ASIDE.match(text, last)
        if verbs.match(text, aside.end() if aside else last):
            yield from names


def salutations(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """Who is addressed at the beginning of a line, before the words at `hits`: 薛改莲同志:您来信…"""
    for at, _ in hits:
        sign = _SALUTES.search(text, max(0, at - _LONGEST_OPENING), at)
        if sign is None:
            continue
        latin = _LATIN_BEFORE.search(text, max(0, sign.start() - _LONGEST_LATIN), sign.start())
        start = latin.start() if latin else name_start(text, sign.start())
        if start is None:
            continue
        if _LINE_BEGINS.search(text, max(0, start - _LONGEST_SALUTATION), start):
            yield start, sign.start()


def before_brackets(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """The names behind which the roles at `hits` stand in brackets: 靳喜元(信访人,退休教师)."""
    for at, end in hits:
        if text[at - 1 : at] != "(" or not _ROLE_ENDS.match(text, end):
            continue
        if (start := name_start(text, at - 1)) is not None:
            yield start, at - 1


def who_came(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """Who a clause begins with that says how they came to do what stands at `hits`: 4月3日,尹秀峰到大队当面举报."""
    for at, stop in hits:
        begin = clause_start(text, at, _LONGEST_CLAUSE, _PAUSES)
        begin += text[begin:at].startswith((" ", "\u3000"))
        end = name_end(text, begin)
        if end is None or end > at:
            continue
        if _CAME.fullmatch(text, end, at) if end < at else _is_told_of(text, begin, at, stop):
            yield begin, end


def _is_told_of(text: str, begin: int, end: int, did: int) -> bool:
    """Directly before what somebody did, places and things stand too: 樊玉梅举报的, not 廉政举报电话."""
    return end - begin >= _LONG_ENOUGH_TO_STAND_ALONE and bool(_WENT_ON.match(text, did))


def is_in_public_role(text: str, start: int) -> bool:
    """Whether the name that begins at `start` stands behind an office or function that is public by rule."""
    return bool(_PUBLIC_ROLE.search(text, max(0, start - _LONGEST_ROLE), start))


def everywhere(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Each of `spans`, and each further place of a name among them."""
    found = set(spans)
    yield from found
    if not found:
        return
    names = AhoCorasick(sorted({text[start:end] for start, end in found}))
    for _, start, end in names.find_matches_as_indexes(text, overlapping=True):
        # Two characters also stand in longer words and names.
        stands_alone = end - start >= _LONG_ENOUGH_TO_STAND_ALONE or name_end(text, start) == end
        if (start, end) not in found and stands_alone:
            yield start, end


def _listed(text: str, start: int, *, is_told_apart: bool) -> Iterator[Span]:
    """The names of a list that begins at `start`: 王强、李梅和赵刚."""
    while (end := name_end(text, start, is_told_apart=is_told_apart)) is not None:
        yield start, end
        if not (following := _NEXT.match(text, end)):
            return
        start = following.end()


def listed_before(text: str, start: int) -> Iterator[Span]:
    """The names of a list that stand before its last, which begins at `start`: 王强、夜班操作工李梅. A role may stand
    before each."""
    for _ in range(_MOST_LISTED):
        listed = _NAMED_BEFORE.search(text, max(0, start - _LONGEST_ROLE), start)
        if listed is None or (begin := name_start(text, listed.start())) is None:
            return
        yield begin, listed.start()
        start = begin


def all_of(*found: Iterable[Span]) -> Sequence[Span]:
    """What several ways of looking found."""
    return [span for spans in found for span in spans]
