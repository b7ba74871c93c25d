"""Minors. 未成年人保护法 art. 103: no name, picture, home or school of a minor who is part of a matter is made
public; 个人信息保护法 art. 28: what is known of a child under fourteen is sensitive."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.detectors.persons.naming import (
    LABEL,
    after_roles,
    all_of,
    everywhere,
    listed_before,
)
from outreach.screening.detectors.spans import around
from outreach.screening.names import name_end, name_start
from outreach.screening.severity import Severity

_ROLES: Final = words(
    "未成年人 小学生 初中生 高中生 中学生 学生 学童 儿童 男孩 女孩 男童 女童 幼儿 小朋友 孩子 儿子 女儿 之子 之女 孙子 孙女 同学 小选手 小作者 小志愿者 小姑娘 小男孩 小女孩 小记者 小主持人 小讲解员 小演员 小画家 小宣传员 小使者 小代表 小队员 小河长"
)
_AFTER_NAME: Final = words("同学 小朋友")
_PET_NAME: Final = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|[和与是由给让把对为请叫的到])(?P<name>([朵乐萌豆果糖童圆甜阳宁欣贝妞妮洋毛丫蛋苗优悠晨轩萱彤佳安琪冉糯米桃泽浩然依诺可心悦文静娜娃])\2|小[\u4e00-\u9fff])$"
)
_GROWN: Final = ("大", "研究", "函授", "留")
_AGE: Final = re.compile(
    r"(?:(?<![0-9])(?:[1-9]|1[0-7]) ?|(?:未满|不满|年仅)?(?<![二三四五六七八九])(?:十[一二三四五六七]?|[一二三四五六七八九])|(?:未满|不满)(?:十八|1[0-8]) ?)周?岁"
)
_CLASS: Final = re.compile(
    r"(?:[0-9一二三四五六]{1,3}年级|[大中小][一二三四五六0-9]?班|(?<![正腊]月)(?<!大年)初[一二三]|高[一二三])(?!组|[\u4e00-\u9fff]{0,6}以[上下])"
)
_CLASS_WORDS: Final = words(
    "年级 大班 中班 小班 大一班 大二班 中一班 中二班 小一班 小二班 初一 初二 初三 高一 高二 高三"
)

_BETWEEN_NAME_AND_AGE: Final = re.compile(
    r"[ \u3000]{0,2}[(,|\t][ \u3000]{0,2}(?:(?:男|女)[,、 |\t]{1,2})?(?:现年|今年|年仅|时年|年龄|年龄:)?[ ]?(?P<all>(?:二人|两人|三人)?(?:均|都|皆|同)(?:为|是)?|分别(?:为|是)?[^()\n]{0,12})?[ ]?$"
)
_GUARDIAN_WORDS: Final = words("监护人 家长电话 家长手机 家长联系")
_GUARDIAN: Final = re.compile(r"监护人|家长(?:电话|手机|联系)")
_BETWEEN_NAME_AND_GUARDIAN: Final = re.compile(r"[ \u3000]{0,2}[(,|\t][ \u3000]{0,2}(?:其)?$")
_BETWEEN_NAME_AND_CLASS: Final = re.compile(r"[ \u3000]{0,2}[(,|\t][^()\n,。;|\t]{0,20}$")
_BETWEEN_AGE_AND_NAME: Final = re.compile(
    r"(?:的)?(?:小?(?:男孩|女孩|男童|女童|儿童|孩子|学生|少年|小学生|中学生|选手|小朋友))?"
)
_BETWEEN_CLASS_AND_NAME: Final = re.compile(
    r"(?:[(]?[0-9一二三四五六七八九十]{1,3}[)]?班)?(?:的)?(?:学生|同学|小朋友)?[ \u3000:|\t“\"]{0,2}"
)
_LOOK_BACK: Final = 30


def find_called(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """学生王梓轩; 段子涵同学."""
    roles = [hit for hit in hits if not text[max(0, hit[0] - 2) : hit[0]].endswith(_GROWN)]
    after = [hit for hit in roles if text[slice(*hit)] in _AFTER_NAME]
    small = [hit for hit in after if text[slice(*hit)] == "小朋友"]
    before = ((start, at) for at, _ in after if (start := name_start(text, at)) is not None)
    return everywhere(text, all_of(after_roles(text, roles), before, _pet_names(text, small)))


def _pet_names(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """朵朵小朋友, 小宇小朋友: children are also called without their surname."""
    for at, _ in hits:
        if called := _PET_NAME.search(text, max(0, at - 3), at):
            yield called.start("name"), at


def find_by_age(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """丁沐宸(8岁); 13岁的段子涵."""
    return everywhere(text, _beside(text, _AGE, hits, _BETWEEN_NAME_AND_AGE, _BETWEEN_AGE_AND_NAME))


def find_by_class(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """李佳萱(第一小学四年级); 三年级2班 王小明."""
    return everywhere(text, _beside(text, _CLASS, hits, _BETWEEN_NAME_AND_CLASS, _BETWEEN_CLASS_AND_NAME))


def find_by_guardian(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """安其尔(监护人电话…)."""
    return everywhere(text, _beside(text, _GUARDIAN, hits, _BETWEEN_NAME_AND_GUARDIAN, None))


def _beside(
    text: str,
    sign: re.Pattern[str],
    hits: Sequence[Span],
    after_name: re.Pattern[str],
    before_name: re.Pattern[str] | None,
) -> Iterator[Span]:
    """The names beside what `sign` finds near the hits."""
    for window_start, window_end in around(text, hits, before=5, after=2):
        for found in sign.finditer(text, window_start, window_end):
            lead = after_name.search(text, max(0, found.start() - _LOOK_BACK), found.start())
            if lead and (start := name_start(text, lead.start())) is not None:
                yield start, lead.start()
                if lead.groupdict().get("all"):
                    yield from listed_before(text, start)
            if before_name is None:
                continue
            follow = before_name.match(text, found.end())
            start = follow.end() if follow else found.end()
            if (stop := name_end(text, start)) is not None:
                yield start, stop


def _detector(
    name: str,
    title: str,
    trigger: frozenset[str],
    find: Callable[[str, Sequence[Span]], Iterable[Span]],
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.REDACT,
        advice="隐去未成年人的姓名，并删去其照片、住所、就读学校等可以识别身份的内容。",
        basis="《中华人民共和国未成年人保护法》第一百零三条；《中华人民共和国个人信息保护法》第二十八条",
        trigger=trigger,
        find=find,
    )


DETECTORS: Final = (
    _detector("minor", "未成年人的姓名：有称谓", _ROLES, find_called),
    _detector("minor_age", "未成年人的姓名：有年龄", words("岁"), find_by_age),
    _detector("minor_class", "未成年人的姓名：有班级", _CLASS_WORDS, find_by_class),
    _detector("minor_guardian", "未成年人的姓名：有监护人", _GUARDIAN_WORDS, find_by_guardian),
)
