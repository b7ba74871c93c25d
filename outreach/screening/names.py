"""Personal names in Chinese text: where a name ends that begins at a given place.

A Han name is a surname and one or two characters, written without a sign of its end. The end is told by what
follows: a sign, a word that goes with persons, or, failing these, characters that people are called by. Foreign
names have a dot between their parts; Mongolian ones begin in known ways.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

_FOLLOWS: Final = re.compile(
    r"[^\u4e00-\u9fff]|$"
    r"|反映|来信|来电|来访|陈述|供述|表示|提出|举报|投诉|检举|控告|信访|申请|诉称|述称|声称|询问|建议|认为|介绍|证实|证言|作证|要求|请求|索要|主张|坚持"
    r"|实名|匿名|本人|家庭|家中|家里|家门|家属|家住|现住|居住|一家|夫妇|夫妻|父子|母子|父女|母女|兄弟|姐妹|家(?=[的门前后旁附屋院房距])"
    r"|等(?![级候待])|住|的|称|说|讲|在|于|向|对|将|因|为|系|是|被|把|从|与|和|及|或|同|以|用|由|到|至|已|未|曾|经|所|之|也|均|亦|持|驾|未经|共|又|还|就|都|去|来"
    r"|通过|擅自|违法|签|领|获|携|带|身份|护照|电话|手机|联系|涉嫌|承认|拒绝|拨打|致电|发现|看见|看到|目击|收到|收|参加|随|就读|连续|记录|陪同|指着|告诉|拿"
    r"|先生|女士|同学|小朋友|男|女|老人|出生|生于|自述|口述|名下|受伤|死亡|患病|购买|倾倒|焚烧|堆放|排放|开办|经营|拟|年仅|今年|现年|每|正|主动|自愿|当场|分别|先后|提供|提交|多次|两次|三次|再次|首次|最先|率先|首先|同志|手写|书写|落款|署名|代表|参与|作品|获奖|获得|颁发|通讯|通信|处以|罚款|核实|作证|了解|运输|出资|[两二三四五]人|一家"
    r"|[\u4e00-\u9fff]{0,4}(?:银行|信用社|农商行|储蓄|[工农中建交]行)|账户|卡"
    r"|留下|留言|骑|乘坐|坐在|挖|埋|烧|偷|弃|逃|患|遭|担心|希望|觉得|感到|质疑|咨询|求助|抱怨|租|买|卖|养殖|种植|私自|随意|无证|不服|没有|拒|骗|阻|砸|运|装|卸|洗|驱车|作出|做出|予以|给予|一同|一起|共同|代[为替缴签]|证明|情绪|选择|填写|采访|鸣笛|不慎|宅(?=[,，。;、])|签名|签收|递交|婉拒|捡|扔|泼|抛"
)
_NEVER_GIVEN: Final = frozenset(
    "的了在是我你他她它们这那已及或被把将对请需不没也都就还又再很更最某因等说其以"
)
# Characters by which foreign names are transcribed.
_SOUND: Final = "[阿敖埃艾爱安奥巴芭白班邦保贝本比彼毕宾波伯勃博布采查达黛戴丹当道德邓狄迪蒂丁杜多厄恩尔法范菲费芬弗福富盖甘高戈哥格葛根古哈海汉豪赫黑亨洪胡怀惠霍基吉季加嘉贾简杰金卡凯坎康考柯科克肯库昆拉莱赖兰朗劳勒雷蕾烈黎里理莉丽利连琳林龙卢鲁露路伦罗洛马玛迈麦曼梅门蒙米密敏莫默姆穆拿纳娜乃奈南内尼妮宁牛努诺欧帕潘佩彭蓬皮平蒲普齐其奇契恰强乔琴琼丘热仁日荣茹瑞若萨塞赛桑瑟森沙莎珊山尚绍舍申圣施什史士斯丝松苏孙索塔泰坦汤唐特滕提田廷通图托瓦娃万旺威薇韦维伟文温翁沃乌武西希锡席夏香肖谢辛休徐许雪雅亚延扬杨耶叶伊衣依因尹英雍尤于约泽扎詹章张哲珍治朱卓兹宗祖佐买不合逊尔班雅勒音仓宝满呼楞敦夫国]"
_FOREIGN: Final = re.compile(rf"(?:[A-Z](?=[·•・‧])|{_SOUND}{{1,6}})(?:[·•・‧]{_SOUND}{{1,8}}){{1,3}}")
# The characters by which Mongolian names are written. 和 ends an element (布和, 孟和) or joins two persons.
_MONGOLIAN_SOUND: Final = (
    "(?:[阿敖奥傲艾巴白包宝毕必别宾布勃博朝楚查扎札达丹道德登迪丁都敦额鄂恩尔嘎噶格根古高贡哈海罕汗贺赫呼胡吉济嘉金京克拉来"
    "兰郎朗勒乐楞冷力立林龙鲁仑伦罗洛玛毛茂门蒙孟米敏莫木穆那纳娜乃南尼宁诺其奇琪齐恰钦琴青庆日仁荣茹如若萨赛桑色森沙舍顺斯思苏"
    "索松塔泰坦陶特腾铁通图吐托娃瓦旺乌吴希锡席喜熙旭雅亚娅彦音银英尤永云珠朱昭照哲仓苍泉山花义乙夫伊依叶牧满玉芽荷芒勿央措杰贵]"
    "|(?<=[布孟呼恩日苏音仁乌额桑])和)"
)
# 乌兰察布市, 呼和浩特, 白音察干镇: many places are called like persons.
_NAMED_PLACE: Final = re.compile(
    rf"察布|浩特|郭勒|牧骑|(?:{_MONGOLIAN_SOUND}|[察干补忽洞淖盖]){{0,5}}?"
    r"(?:镇|苏木|嘎查|旗|市|县|盟|湖|河|淖|区|路|街|大街|大道|村|乡|煤矿|矿业|矿|电厂|公司|工业|社区|小区|草原|水库|牧场|农场|林场|机场|宾馆|酒店|集团|能源|化工|科技|商贸|贸易|物流|建材|砖厂|乳业|牧业|农牧|养殖场|合作社|超市|饭店|饭馆|餐饮|餐厅|风电|光伏|园区|羊绒|皮草|食品|美容|诊所|医院|学校|中学|小学|幼儿园)"
)
_CLAUSE_ENDS: Final = re.compile(r"[,，、。;；)）!?\n]|$")
_PARTS: Final = re.compile("[·•・‧]")
_FOREIGN_BEFORE: Final = re.compile(rf"{_FOREIGN.pattern}$")
_LONGEST_MONGOLIAN: Final = 8
_MONGOLIAN_RUN: Final = re.compile(rf"{_MONGOLIAN_SOUND}{{3,{_LONGEST_MONGOLIAN}}}")
_MONGOLIAN_REST: Final = re.compile(rf"{_MONGOLIAN_SOUND}{{0,6}}")
_MONGOLIAN_BEFORE: Final = re.compile(rf"{_MONGOLIAN_SOUND}{{4,{_LONGEST_MONGOLIAN}}}$")
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


_SINGLE_SURNAMES: Final = frozenset("".join(_lines("surnames.txt")[:-2]))
_SELDOM_SURNAMES: Final = frozenset(_lines("surnames.txt")[-2])
_DOUBLE_SURNAMES: Final = frozenset(_lines("surnames.txt")[-1].split())
# The first line has what people are usually called by, the others what some are.
_GIVEN: Final = frozenset(_lines("given_names.txt")[0])
_CAN_BE_GIVEN: Final = frozenset("".join(_lines("given_names.txt")))
_ORDINARY: Final = _words("ordinary_words.txt")
_COMMON: Final = _words("common_words.txt")
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
    ends = _han_ends(text, start, is_told_apart=is_told_apart)
    followed = next((end for end in ends if _FOLLOWS.match(text, end)), None)
    mongolian = _mongolian_end(text, start)
    if mongolian and (followed is None or mongolian > followed):
        return mongolian
    return followed or (None if is_told_apart else _usual_end(text, start, ends))


def _han_ends(text: str, start: int, *, is_told_apart: bool) -> list[int]:
    """Where a Han name that begins at `start` may end, the longest first."""
    begins = text[start : start + 2]
    surname = 2 if begins in _DOUBLE_SURNAMES else 1
    if surname == 1 and begins[:1] not in _SINGLE_SURNAMES:
        return _seldom_end(text, start) if is_told_apart and begins[:1] in _SELDOM_SURNAMES else []
    given = start + surname
    if _is_ordinary(text, start) or _TITLES.match(text, given):
        return []
    if _is_at_clause_end(text, given + 1) and _may_be_given(text[given : given + 1], 1):
        return [given + 2]
    if is_told_apart or surname == 2:
        return [given + length for length in (2, 1) if _may_be_given(text[given : given + length], length)]
    lengths = (2,) if begins in _COMMON else (2, 1)
    return [
        given + length for length in lengths if _is_likely_given(text[given : given + length], length, begins)
    ]


def _seldom_end(text: str, start: int) -> list[int]:
    """Where a name may end whose surname is a word in most texts: 商桂兰, not 商都县."""
    end = start + 3
    given = text[start + 1 : end]
    return [end] if _may_be_given(given, 2) and all(char in _CAN_BE_GIVEN for char in given) else []


def _is_likely_given(given: str, length: int, begins: str) -> bool:
    """Where no sign tells that a name is expected: none but characters that people are called by, and only the
    most usual ones where the name begins like an ordinary word (云朵朵, 白雪梅)."""
    known = _GIVEN if begins in _COMMON else _CAN_BE_GIVEN
    return _may_be_given(given, length) and all(char in known for char in given)


def _usual_end(text: str, start: int, ends: Iterable[int]) -> int | None:
    """The end of a name of three characters of which the last two are what people are usually called by."""
    return next(
        (end for end in ends if end - start > 2 and all(char in _GIVEN for char in text[start + 1 : end])),
        None,
    )


def _is_at_clause_end(text: str, at: int) -> bool:
    """Whether 在 stands before a sign: where nothing follows in which somebody is, it belongs to the name (张永在)."""
    return text[at : at + 1] == "在" and bool(_CLAUSE_ENDS.match(text, at + 1))


def _may_be_given(given: str, length: int) -> bool:
    return len(given) == length and all(
        "\u4e00" <= char <= "\u9fff" and char not in _NEVER_GIVEN for char in given
    )


def _mongolian_end(text: str, start: int) -> int | None:
    """Such names have no end that can be told: the furthest that is followed by what follows names, else as far
    as the characters go by which they are written. Two characters are one only where they are known (敖登, 孟和)."""
    begun = _MONGOLIAN.match(text, start)
    run = _MONGOLIAN_REST.match(text, begun.end()) if begun else _MONGOLIAN_RUN.match(text, start)
    if run is None or _NAMED_PLACE.match(text, run.end()):
        return None
    shortest = begun.end() if begun else start + 3
    followed = next((end for end in range(run.end(), shortest - 1, -1) if _FOLLOWS.match(text, end)), None)
    return followed or (run.end() if run.end() - start > 2 else None)


def _is_ordinary(text: str, start: int) -> bool:
    return any(text[start : start + length] in _ORDINARY for length in range(2, _LONGEST_ORDINARY + 1))


def name_start(text: str, end: int) -> int | None:
    """Where the personal name begins that ends at `end`; None where none does."""
    foreign = _FOREIGN_BEFORE.search(text, max(0, end - _LONGEST_NAME), end)
    if foreign:
        return foreign.start()
    if long := _MONGOLIAN_BEFORE.search(text, max(0, end - _LONGEST_MONGOLIAN), end):
        starts = range(long.start(), end - 3)
        if begins := [at for at in starts if _MONGOLIAN.match(text, at) and name_end(text, at) == end]:
            return begins[0]
    ended = [
        end - length for length in (3, 2, 4, 5, 6) if end >= length and name_end(text, end - length) == end
    ]
    apart = [start for start in ended if start == 0 or _STANDS_BEFORE.match(text, start - 1)]
    return next(iter([*apart, *ended]), None)


def surname(name: str) -> str | None:
    """The surname of a Han name (张, 欧阳); None of a foreign or Mongolian one (马克·李维, 乌日娜), which has none."""
    if _PARTS.search(name) or _MONGOLIAN.match(name):
        return None
    return next(
        (
            one
            for one in (name[:2], name[:1])
            if one in _DOUBLE_SURNAMES | _SINGLE_SURNAMES | _SELDOM_SURNAMES
        ),
        None,
    )


def spread_names() -> re.Pattern[str]:
    """A name of two characters with blanks between them, as forms and old typesetting have it: 王　芳."""
    surnames, given = "".join(sorted(_SINGLE_SURNAMES)), "".join(sorted(_CAN_BE_GIVEN))
    return re.compile(
        rf"(?:(?<![\u4e00-\u9fff])|(?<=[据由经对向是为与和及人民众员友工生户者叫名接到]))[{surnames}][ \u3000]{{1,3}}[{given}]"
        r"(?=[:,。、()”\n\t|]|$|向|于|在|的|等|称|因|未|反映|举报|来信|来电|来访|投诉|信访|同志|先生|女士|同学|驾驶|提供)"
    )
