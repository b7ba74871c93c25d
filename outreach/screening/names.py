"""Personal names in Chinese text: where a name ends that begins at a given place.

A Han name is a surname and one or two characters, written without a sign of its end. The end is told by what
follows: a sign, a word that goes with persons, or, failing these, characters that people are called by. Foreign
names have a dot between their parts; Mongolian ones begin in known ways.
"""

import re
from importlib.resources import files
from typing import Final

_FOLLOWS: Final = re.compile(
    r"[^\u4e00-\u9fff]|$"
    r"|反映|来信|来电|来访|陈述|供述|表示|提出|举报|投诉|检举|控告|信访|申请|诉称|述称|声称|询问|建议|认为|介绍|证实|证言|作证|要求|请求"
    r"|实名|匿名|本人|家中|家里|家门|家属|家住|现住|居住|一家|夫妇|夫妻|父子|母子|父女|母女|兄弟|姐妹|家(?=[的门前后旁附])"
    r"|等(?![级候待])|住|的|称|说|在|于|向|对|将|因|为|系|是|被|把|从|与|和|及|或|同|以|用|由|到|至|已|未|曾|经|所|之|也|均|持|驾|未经"
    r"|通过|擅自|违法|签|领|获|携|带|身份|护照|电话|手机|联系|涉嫌|承认|拒绝|拨打|致电|发现|看见|看到|目击|收到|参加|随|就读"
    r"|先生|女士|同学|小朋友|男|女|老人|出生|生于|自述|口述|名下|受伤|死亡|患病|购买|倾倒|焚烧|堆放|排放|开办|经营"
)
_NEVER_GIVEN: Final = frozenset("的了在是我你他她它们这那及或被把将对请需不没也都就还又再很更最某因等说")
_FOREIGN: Final = re.compile(r"[\u4e00-\u9fff]{1,6}(?:[·•・‧][\u4e00-\u9fff]{1,8}){1,3}")
_FOREIGN_BEFORE: Final = re.compile(rf"{_FOREIGN.pattern}$")
_LONGEST_MONGOLIAN_REST: Final = 4
_LONGEST_NAME: Final = 16
# What stands directly before a name: no Han character, or the end of what a person is called.
_STANDS_BEFORE: Final = re.compile(r"[^\u4e00-\u9fff]|[的和与及由给让是叫生班名员友童孩长者人民众主户]")
_TITLES: Final = re.compile(
    r"先生|女士|老师|师傅|经理|医生|大夫|主任|科长|局长|处长|所长|站长|总|工(?![\u4e00-\u9fff])|姐|哥|叔|姨|奶奶|爷爷|阿姨|大爷|大妈"
)


def _lines(name: str) -> list[str]:
    text = (files("outreach.screening") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def _longest_first(words: frozenset[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SINGLE_SURNAMES: Final = frozenset("".join(_lines("surnames.txt")[:-1]))
_DOUBLE_SURNAMES: Final = frozenset(_lines("surnames.txt")[-1].split())
_GIVEN: Final = frozenset("".join(_lines("given_names.txt")))
_ORDINARY: Final = _words("ordinary_words.txt")
_LONGEST_ORDINARY: Final = max(map(len, _ORDINARY))
_MONGOLIAN: Final = re.compile(_longest_first(_words("mongolian_names.txt")))


def name_end(text: str, start: int, *, is_told_apart: bool = False) -> int | None:
    """Where the personal name ends that begins at `start`; None where none does, or where it is masked or only
    a surname with a form of address (张某某, 王女士).

    Args:
        is_told_apart: whether a sign stands before the name, as in a form: then nothing but a name is expected,
            and characters that are seldom in names are no reason to doubt.
    """
    if foreign := _FOREIGN.match(text, start):
        return foreign.end()
    return _han_end(text, start, is_told_apart=is_told_apart) or _mongolian_end(text, start)


def _han_end(text: str, start: int, *, is_told_apart: bool) -> int | None:
    surname = 2 if text[start : start + 2] in _DOUBLE_SURNAMES else 1
    if surname == 1 and text[start : start + 1] not in _SINGLE_SURNAMES:
        return None
    if _is_ordinary(text, start):
        return None
    given_from = start + surname
    lengths = [length for length in (2, 1) if _may_be_given(text[given_from : given_from + length], length)]
    for length in lengths:
        if _FOLLOWS.match(text, given_from + length) and not _TITLES.match(text, given_from):
            return given_from + length
    for length in lengths:
        given = text[given_from : given_from + length]
        if all(char in _GIVEN for char in given) and not is_told_apart:
            return given_from + length
    return None


def _may_be_given(given: str, length: int) -> bool:
    return len(given) == length and all(
        "\u4e00" <= char <= "\u9fff" and char not in _NEVER_GIVEN for char in given
    )


def _mongolian_end(text: str, start: int) -> int | None:
    if not (begun := _MONGOLIAN.match(text, start)):
        return None
    for rest in range(_LONGEST_MONGOLIAN_REST + 1):
        end = begun.end() + rest
        if _FOLLOWS.match(text, end):
            return end
        if not "\u4e00" <= text[end] <= "\u9fff":
            break
    return None


def _is_ordinary(text: str, start: int) -> bool:
    return any(text[start : start + length] in _ORDINARY for length in range(2, _LONGEST_ORDINARY + 1))


def name_start(text: str, end: int) -> int | None:
    """Where the personal name begins that ends at `end`; None where none does."""
    foreign = _FOREIGN_BEFORE.search(text, max(0, end - _LONGEST_NAME), end)
    if foreign:
        return foreign.start()
    starts = [end - length for length in (3, 2, 4) if end >= length and name_end(text, end - length) == end]
    apart = [start for start in starts if start == 0 or _STANDS_BEFORE.match(text, start - 1)]
    return next(iter([*apart, *starts]), None)
