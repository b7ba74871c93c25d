"""Classification marks (密级标志) and marks of work secrets: 绝密, 机密, 秘密, 工作秘密, 内部资料.

A mark stands by itself; a sentence that speaks of secrets is none. 保守国家秘密法 art. 22 and its 实施条例 art. 21 give
the form, level ★ term; GB/T 9704-2012 its place, a line of its own, often with spaces between the characters.
Four forms are known: with a star or a term, as the value of a field such as 密级, with a warning such as 不得外传,
and standing as a line or label of its own.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.detectors.spans import lines_of
from outreach.screening.severity import Severity

LABEL: Final = "classification_mark"


def _spaced(*words: str) -> str:
    """A pattern for any of `words`, also where blanks part their characters."""
    return "(?:" + "|".join(r"[ \u3000]{0,8}".join(word) for word in words) + ")"


_SECRET: Final = _spaced("秘密")
_TOP_LEVELS: Final = _spaced("绝密", "机密", "工作秘密")
_LEVEL: Final = _spaced("绝密", "机密", "秘密")
_WORD: Final = _spaced("工作秘密", "绝密", "机密", "秘密", "内部资料", "内部文件", "内部材料")
_WARNED_WORD: Final = _spaced(
    "工作秘密",
    "绝密",
    "机密",
    "秘密",
    "内部资料",
    "内部文件",
    "内部材料",
    "内部事项",
    "内部参阅",
    "内部参考",
    "内部传阅",
)
_KIND: Final = r"(?:级|文件|资料|材料|件)?"

_TRIGGER: Final = re.compile(r"密|内[ \u3000]{0,8}部")

_HAN: Final = r"\u4e00-\u9fff"
_BLANK: Final = r"[ \u3000]"
_STAR: Final = r"[★☆⭐🌟✩✪✫✬✭✮✯]"
_FILE_SUFFIX: Final = r"\.[A-Za-z]{2,5}"

_NUMERAL: Final = r"[0-9〇零一二三四五六七八九十两百]{1,4}"
_DATE: Final = rf"[0-9]{{4}}{_BLANK}?年(?:{_BLANK}?[0-9]{{1,2}}{_BLANK}?月(?:{_BLANK}?[0-9]{{1,2}}{_BLANK}?日)?)?(?:前|止|解密)?"
_TERM: Final = rf"(?:{_DATE}|{_NUMERAL}{_BLANK}{{0,8}}(?:年|个?月|日|天)|{_spaced('长期')})"
_CONDITION: Final = r"[^\s,;。!|()\[\]【】★☆]{1,20}?前"

# What may stand before a mark on its line: emphasis, a table's edge, a list mark, "附件3".
_LINE_START: Final = r"^[ \u3000\t#>*_=~·•●■◆★☆|\"“‘'\-]{0,40}(?:附件[0-9一二三四五六七八九十]{0,3}[ \u3000:.、]{0,3})?[*_\"“‘']{0,4}"
_LINE_END: Final = rf"(?:{_FILE_SUFFIX})?[ \u3000\t#*_=~·•●■◆★☆|\"”’'!\-]{{0,40}}$"
_OPEN: Final = r"[(\[【〔〖{<]"
_CLOSE: Final = r"[)\]】〕〗}>]"
_VALUE_END: Final = r"(?=[\s,;。.!|)\]】〕〗}”’\"]|$)"

_STARRED: Final = re.compile(
    # 秘密 is an everyday word too: after another character it needs a term, not a mere ornament.
    rf"(?P<mark>{_TOP_LEVELS}级?[ \u3000*_]{{0,8}}{_STAR}+(?:[ \u3000*_]{{0,4}}(?:{_TERM}|{_CONDITION}))?)"
    rf"|(?P<dated>{_SECRET}级?[ \u3000*_]{{0,8}}{_STAR}+[ \u3000*_]{{0,4}}{_TERM})"
    rf"|(?<![{_HAN}A-Za-z0-9])(?P<plain>{_SECRET}级?[ \u3000*_]{{0,8}}{_STAR}+(?:[ \u3000*_]{{0,4}}{_CONDITION})?)"
)
_WITH_TERM: Final = re.compile(
    rf"(?:{_LINE_START}|(?<=[\s(\[【〔〖:])){_OPEN}?(?P<mark>{_LEVEL}级?[ \u3000*_]{{0,8}}\(?{_TERM}\)?)(?=[ \u3000*_)\]】〕〗]|$)",
    re.MULTILINE,
)

_FIELD_START: Final = rf"(?<![{_HAN}])[{_HAN}]{{0,4}}?"
_LEVEL_FIELD: Final = _spaced(
    "密级",
    "密级标识",
    "密级标志",
    "密别",
    "保密等级",
    "保密级别",
    "涉密等级",
    "涉密级别",
    "秘密等级",
    "秘密级别",
    "机密等级",
    "机密级别",
)
_TERM_FIELD: Final = _spaced("保密期限", "保密年限", "保密期")
_FIELD_SIGN: Final = r"[ \u3000*_]{0,8}[:=|\t\]】)〕][ \u3000\t*_|]{0,8}"
# A form left blank, one that says 'not secret', and a sentence that explains the term.
_NO_LEVEL: Final = (
    r"(?:公开|无|非密|非涉密|不涉密|未涉密|普通|未定|待定|已解密|解密|分|指|是|按|由|根据|应|如|包括|不|见)"
)
_LEVEL_AS_VALUE: Final = re.compile(
    rf"{_FIELD_START}(?P<mark>{_LEVEL_FIELD}(?:"
    rf"(?:{_FIELD_SIGN}|[ \u3000]{{1,8}}){_OPEN}?{_WORD}{_KIND}(?:[ \u3000*_]{{0,8}}{_STAR}*{_TERM})?{_CLOSE}?"
    rf"|[ \u3000*_]{{0,8}}[:=][ \u3000*_]{{0,8}}(?!{_NO_LEVEL})[^\s,;。、…|/:()【】\[\]□☐_*.\-]{{1,8}}"
    rf")){_VALUE_END}"
)
_TERM_AS_VALUE: Final = re.compile(
    rf"{_FIELD_START}(?P<mark>{_TERM_FIELD}{_FIELD_SIGN}(?:{_TERM}|(?:至|自|直至|到)[^\s,;。|]{{1,24}}|{_CONDITION}))"
)

_FORBID: Final = r"(?:不得|严禁|禁止|不准|请勿|切勿|勿)"
_WARNING: Final = rf"(?:{_spaced('不得外传', '注意保管', '注意保存')}|{_FORBID}(?:外传|外泄|扩散)|(?:注意|妥善|严格)(?:保管|保存|保密))"
_OTHER_WARNING: Final = rf"(?:{_FORBID}(?:转发|转载|翻印|复印|复制|传播|公开|外借|拍照|泄露)(?!的)|仅供)"
_THIS_IS: Final = r"(?:本|此)(?:件|文件|资料|材料|文|函|表|通知)?(?:为|系|属于|属|是)"
_PAUSE: Final = rf"(?:{_BLANK}|[*_,、;:!。·|\-)\]】〕〗])"
_WARNED: Final = re.compile(
    rf"(?:{_LINE_START}{_OPEN}?|(?<={_OPEN})|(?<![{_HAN}]){_THIS_IS})"
    rf"(?P<mark>{_WARNED_WORD}{_KIND}(?!{_BLANK}{{0,4}}{_CLOSE}){_PAUSE}{{0,6}}{_WARNING})(?=[\s。!;)\]】〕〗*_,]|$)"
    rf"|(?<=[\s:。;!])(?P<after>{_WARNED_WORD}{_KIND}{_PAUSE}{{1,6}}{_WARNING})(?=[\s。!;)\]】〕〗*_,]|$)"
    rf"|{_LINE_START}{_OPEN}?(?P<other>{_WARNED_WORD}){_PAUSE}{{0,6}}{_OTHER_WARNING}",
    re.MULTILINE,
)

_STANDING: Final = re.compile(
    rf"{_LINE_START}(?P<line>{_WORD}{_KIND}){_LINE_END}"
    rf"|{_LINE_START}(?P<head>{_WORD}{_KIND})[*_]{{0,3}}{_BLANK}{{1,8}}(?![ \u3000:|])"
    rf"|{_LINE_START}(?P<named>{_WORD})[_\-][^\n]{{1,200}}{_FILE_SUFFIX}$"
    rf"|(?:{_LINE_START}|(?<=[\s:])){_OPEN}{_BLANK}{{0,4}}(?P<label>{_WORD}{_KIND}){_BLANK}{{0,4}}{_CLOSE}"
    rf"|{_OPEN}{_BLANK}{{0,4}}(?P<tail>(?:{_TOP_LEVELS}|{_SECRET}){_KIND}){_BLANK}{{0,4}}{_CLOSE}{_LINE_END}"
    rf"|(?<=[_\-])(?P<suffix>{_WORD}){_FILE_SUFFIX}$"
    rf"|(?:(?<=\u3000)|(?<=  ))(?P<apart>{_WORD})(?={_BLANK}*$|\u3000|  )",
    re.MULTILINE,
)

# Before these words 秘密 or 机密 belongs to a sentence that a narrow column or wide letters broke up.
_FLOWS_ON_FROM: Final = re.compile(
    r"(?:国家|商业|企业|技术|个人|军事|公司|保守|严守|泄[露漏]|窃取|涉及|属于|不含|含有|[的小、和及或与])$"
)
_LOOK_BACK: Final = 24


def find_starred(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A level with ★ or ☆, with or without a term: 秘密★1年, 机密★会议开始前."""
    return _marks(_STARRED, text, hits)


def find_with_term(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A level and a term that stand as a label: 绝密 长期."""
    return _outside_sentences(_WITH_TERM, text, hits)


def find_level_field(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """密级：… with a value that is filled in and does not say that the text is public."""
    return _marks(_LEVEL_AS_VALUE, text, hits)


def find_term_field(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """保密期限：… with a value that is filled in."""
    return _marks(_TERM_AS_VALUE, text, hits)


def find_warned(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A level or 内部资料 and the like with a warning: 内部文件 不得外传."""
    return _outside_sentences(_WARNED, text, hits)


def find_standing(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """A level or 内部资料 and the like as a line or label of its own: 机 密, 【内部资料】."""
    return _outside_sentences(_STANDING, text, hits)


def _marks(pattern: re.Pattern[str], text: str, hits: Sequence[Span]) -> Iterator[Span]:
    for start, end in lines_of(text, hits):
        for found in pattern.finditer(text, start, end):
            yield found.span(found.lastgroup or 0)


def _outside_sentences(pattern: re.Pattern[str], text: str, hits: Sequence[Span]) -> Iterator[Span]:
    for start, end in _marks(pattern, text, hits):
        before = "".join(text[max(0, start - _LOOK_BACK) : start].split())
        if not _FLOWS_ON_FROM.search(before):
            yield start, end


def _detector(form: str, title: str, find: Callable[[str, Sequence[Span]], Iterator[Span]]) -> Detector:
    return Detector(
        name=f"{LABEL}_{form}",
        title=title,
        label=LABEL,
        severity=Severity.BLOCK,
        advice="停止在本系统处理，不要转发或另存；立即报告保密工作机构，按规定处置。确属误标的，由定密责任人核实后去掉标志再提交。",
        basis="《中华人民共和国保守国家秘密法》第二十二条、第三十五条、第六十四条；《保守国家秘密法实施条例》第四十二条",
        trigger=_TRIGGER,
        find=find,
    )


DETECTORS: Final = (
    _detector("starred", "密级标志：带星号", find_starred),
    _detector("with_term", "密级标志：带保密期限", find_with_term),
    _detector("level_field", "密级标志：“密级”一栏", find_level_field),
    _detector("term_field", "密级标志：“保密期限”一栏", find_term_field),
    _detector("warned", "密级标志：带“不得外传”等警示", find_warned),
    _detector("standing", "密级标志：单独成行", find_standing),
)
