"""What a message asks for: 订阅 空气 集宁, 退订 2, 帮助, 最近处罚."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from outreach.followers.topics.counties import Region
from outreach.followers.topics.rules import ENTERPRISE_LENGTH
from outreach.followers.topics.wording import Named, named_in, words_in

_POLITE: Final = re.compile(r"^(?:您好|你好|请问|请|我想要|我想|我要|帮我|麻烦)+")
_ENTERPRISE: Final = re.compile(
    r".+(?:公司|集团|厂|场|站|店|中心|合作社|煤矿|矿业|企业|园区|基地|医院|项目部)"
)


class Verb(StrEnum):
    """What is to be done."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBE_ALL = "unsubscribe_all"
    CONSENT = "consent"
    HELP = "help"
    MINE = "mine"
    DATA = "data"
    ERASE = "erase"
    LATEST = "latest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Command:
    """A message as it was understood. `said` is what stands after the verb, as it was understood; `numbers` are the places in
    the follower's list that a 退订 names, from 1."""

    verb: Verb
    named: Named
    said: str = ""
    numbers: tuple[int, ...] = ()


_WHOLE: Final = {
    **dict.fromkeys(("帮助", "help", "菜单", "功能", "怎么用", "使用帮助", "使用说明"), Verb.HELP),
    **dict.fromkeys(("我的订阅", "订阅列表", "查看订阅", "已订阅", "查询订阅"), Verb.MINE),
    **dict.fromkeys(("我的数据", "我的信息", "个人信息", "隐私"), Verb.DATA),
    **dict.fromkeys(("删除我的数据", "删除数据", "删除我的信息", "撤回同意"), Verb.ERASE),
    **dict.fromkeys(
        ("退订全部", "全部退订", "退订所有", "取消全部订阅", "取消所有订阅"), Verb.UNSUBSCRIBE_ALL
    ),
}
_FIRST: Final = (
    ("取消订阅", Verb.UNSUBSCRIBE),
    ("退订", Verb.UNSUBSCRIBE),
    ("td", Verb.UNSUBSCRIBE),
    ("订阅", Verb.SUBSCRIBE),
    ("定阅", Verb.SUBSCRIBE),
    ("关注", Verb.SUBSCRIBE),
    ("同意", Verb.CONSENT),
)


def read_command(text: str, region: Region) -> Command:
    """What a message says, as far as it is understood."""
    words = words_in(text)
    words = [_POLITE.sub("", words[0]), *words[1:]] if words else words
    together = "".join(words)
    if verb := _WHOLE.get(together):
        return Command(verb, Named())
    for spoken, verb in _FIRST:
        if together.startswith(spoken):
            return _with_verb(verb, spoken, _without(words, spoken), region)
    return _question(words, region)


def _with_verb(verb: Verb, spoken: str, words: list[str], region: Region) -> Command:
    named = named_in(words, region)
    command = Command(verb, named, " ".join(words), _numbers(words))
    if verb is Verb.UNSUBSCRIBE or not words:
        return command
    if not _may_be_topics(named):
        return Command(Verb.UNKNOWN if spoken == "关注" else verb, Named(), " ".join(words))
    return command


def _question(words: list[str], region: Region) -> Command:
    named = named_in(words, region)
    is_understood = bool(named.kinds or named.counties) if not named.rest else bool(named.kinds)
    return Command(Verb.LATEST if is_understood else Verb.UNKNOWN, named, " ".join(words))


def _may_be_topics(named: Named) -> bool:
    """What is left must look like an enterprise where no kind says that one is meant: nobody subscribes to a sentence."""
    if not named.rest:
        return bool(named.kinds or named.counties or named.says_city)
    return len(named.enterprise) in ENTERPRISE_LENGTH and (
        bool(named.kinds) or bool(_ENTERPRISE.fullmatch(named.enterprise))
    )


def _without(words: list[str], spoken: str) -> list[str]:
    """The words after the verb, which may stand in a word of its own or before another: 订阅空气."""
    left = len(spoken)
    rest = []
    for word in words:
        cut, left = word[left:], max(0, left - len(word))
        if cut:
            rest.append(cut)
    return rest


def _numbers(words: list[str]) -> tuple[int, ...]:
    if words and all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
        return tuple(int(word) for word in words)
    return ()
