"""Topics in a follower's own words: 空气 集宁, 集宁空气质量超过150, 处罚 禾川供热, 環評 豐鎮."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from outreach.followers.topics.counties import Region
from outreach.followers.topics.rules import THRESHOLDS, WITH_ENTERPRISE, Wish
from outreach.items.model import Kind
from outreach.screening.normalise import read

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("空气质量", "空气", "aqi", "雾霾", "霾", "沙尘", "重污染"), Kind.AIR_QUALITY),
    **dict.fromkeys(("环评公示", "环评", "环境影响评价", "建设项目", "项目"), Kind.EIA_NOTICE),
    **dict.fromkeys(("行政处罚", "处罚", "罚款", "罚单"), Kind.PENALTY),
    **dict.fromkeys(("活动预告", "活动", "开放日", "预告"), Kind.EVENT),
}
_NOISE: Final = (
    *("最近的", "最近", "最新的", "最新", "今天的", "今天", "今日", "明天的", "明天", "近期", "环境"),
    *("公示", "公告", "预报", "预警", "情况", "信息", "通知", "消息", "决定", "怎么样", "如何", "查询", "的", "吗", "呢"),
)  # fmt: skip
_AND: Final = "和与及"
_LEVELS: Final[Mapping[str, int]] = {"轻度": 100, "中度": 150, "重度": 200, "严重": 300}
_LEVEL: Final = re.compile(r"(轻度|中度|重度|严重)(?:污染)?(?:及?以上)?(?:的时候|时)?")
_ABOVE: Final = re.compile(
    r"(?:指数|大于|超过|高于|达到|>|过)*(\d{2,3})(?:及?以上)?(?:的时候|时)?(?![0-9\u4e00-\u9fff])"
)
_MARKS: Final = re.compile(r"[\s,，。.;；:：!！?？、~～|+\"'“”‘’\[\]【】<《》]+")
_ONE_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True)
class Named:
    """What words name. `rest` is what is none of the known words: the name of an enterprise, or nothing that is
    understood."""

    kinds: list[Kind] = field(default_factory=list)
    counties: list[str] = field(default_factory=list)
    says_city: bool = False
    aqi_above: int = 0
    rest: list[str] = field(default_factory=list)

    @property
    def enterprise(self) -> str:
        """The words that are left, together."""
        return "".join(self.rest)

    def wishes(self) -> list[Wish]:
        """The topics that these words ask for: without a kind all of them (of an enterprise, those that it can be
        watched by)."""
        possible = [kind for kind in Kind if not self.enterprise or kind in WITH_ENTERPRISE]
        return [
            Wish(kind, county, self.enterprise, self.aqi_above if kind is Kind.AIR_QUALITY else 0)
            for kind, county in product(self.kinds or possible, self.counties or [""])
        ]


def words_in(text: str) -> list[str]:
    """The words of a message: simplified, half-width, without marks; one that was spread (订 阅) drawn together."""
    words: list[str] = []
    spread = False
    for word in _MARKS.sub(" ", read(text).text.lower()).split():
        alone = bool(_ONE_HAN.fullmatch(word))
        if alone and spread:
            words[-1] += word
        else:
            words.append(word)
        spread = alone
    return words


def named_in(words: Iterable[str], region: Region) -> Named:
    """What the words name."""
    named = Named()
    for word in words:
        _read_word(word, region, named)
    named.kinds = list(dict.fromkeys(named.kinds))
    named.counties = [] if named.says_city else list(dict.fromkeys(named.counties))
    return named


def _read_word(word: str, region: Region, named: Named) -> None:
    """Takes known words off the front. A county right before what is left belongs to an enterprise's name: 集宁区禾川供热."""
    said_before = ""
    while word:
        if county := region.begins(word):
            said_before, name = county
            named.counties.append(name.name)
            word = word.removeprefix(said_before)
        elif known := _take(word, region, named):
            word, said_before = word.removeprefix(known), ""
        else:
            break
    if word and said_before:
        named.counties.pop()
    if word:
        named.rest.append(said_before + word)


def _take(word: str, region: Region, named: Named) -> str:
    """The known word that this one begins with, its meaning noted; empty where it begins with none."""
    if city := next((name for name in region.city_names if word.startswith(name)), ""):
        named.says_city = True
        return city
    if kind := next((name for name in _KINDS if word.startswith(name)), ""):
        named.kinds.append(_KINDS[kind])
        return kind
    if level := _LEVEL.match(word):
        named.aqi_above = _LEVELS[level[1]]
        return level[0]
    if above := _ABOVE.match(word):
        named.aqi_above = max(limit for limit in THRESHOLDS if limit <= int(above[1]))
        return above[0]
    if word[0] in _AND and _is_known(word[1:], region):
        return word[0]
    return next((one for one in _NOISE if word.startswith(one)), "")


def _is_known(word: str, region: Region) -> bool:
    return region.begins(word) is not None or word.startswith(tuple(_KINDS))
