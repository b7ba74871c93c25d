"""Other persons whom a text meets: whose statement is evidence, and whose home was visited."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span, words
from outreach.screening.detectors.persons.naming import (
    all_of,
    everywhere,
    is_in_public_role,
    listed_before,
)
from outreach.screening.names import name_end, name_start

STATEMENTS: Final = words("笔录 证言 证词 陈述 指认 辨认")
VISITS: Final = words("走访 探访 家访 看望 慰问 探望 来到 走进 来至 入户 前往 赶到 去到 走到")

_OF_PERSON: Final = re.compile(
    r"(?:\([^()\n]{0,30}\))?(?:的|所作的?|所做的?|制作的?|作出的?)(?:证人|书面|当面|当庭|调查|询问|讯问|谈话|约谈|辨认|情况|个人|现场){0,3}$"
)
# 经郑玉兰指认; 店员侯玉霞证言一份.
_DIRECTLY: Final = frozenset({"指认", "辨认", "证言", "证词"})
_LED_TO: Final = re.compile(r"[^\u4e00-\u9fff]|[经由据员工人主]")
_HOST: Final = re.compile(
    r"(?:了)?(?:[\u4e00-\u9fff]{0,8}?(?:牧户|农户|牧民|农民|村民|居民|住户|业主|户主|党员|职工|困难户|脱贫户|监测户|低保户|五保户|志愿者|老人|养殖户|种植户|群众|额吉|阿爸|老兵|退伍军人|残疾人|孤儿|学生|教师|家住[^,。;\n]{2,20}的))?"
)
_AT_HOME: Final = re.compile(
    r"(?P<name>[\u4e00-\u9fff·]{2,8}?)(?:一家|家[中里门]|家(?=[^\u4e00-\u9fff]|$|的|看|查|了|时|调|座|检|开|进|慰|走)|老人|大爷|大娘|大妈|阿姨|奶奶|爷爷|额吉|夫妇|夫妻|老两口|户(?=[,，。;、(]))"
)
_LONGEST_LEAD: Final = 44


def find_statements(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """薄建英的证言; 佟佳琪、夜班操作工哈斯额尔德尼的调查询问笔录; not a legal representative's."""
    return everywhere(text, _who_stated(text, hits))


def find_visited(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """走访都仁一家; 来到牧户格日乐图雅家."""
    return everywhere(text, _who_was_visited(text, hits))


def _who_stated(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    for at, stop in hits:
        of = _OF_PERSON.search(text, max(0, at - _LONGEST_LEAD), at)
        if of is None and text[at:stop] not in _DIRECTLY:
            continue
        end = of.start() if of else at
        start = name_start(text, end)
        if start is None or (of is None and not _LED_TO.match(text, start - 1)):
            continue
        for begin, name_stops in all_of([(start, end)], listed_before(text, start)):
            if not is_in_public_role(text, begin):
                yield begin, name_stops


def _who_was_visited(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    for _, at in hits:
        host = _HOST.match(text, at)
        home = _AT_HOME.match(text, host.end() if host else at)
        if home and name_end(home["name"], 0) == len(home["name"]):
            yield home.span("name")
