"""The words of a report: what ships, what the bureau wrote instead, and how figures come into both.

A figure stands in a text as a placeholder, 【媒体采纳】 or 【requests.new.total】, so that what is printed is always the
figure that holds. A clause whose figures are all blank is left out, a sentence that has no other figures with it; what
was left out is named as to be filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from outreach.foundation.problems import invalid
from outreach.publishing.renditions.environment import render_template
from outreach.statistics.report.catalogue import (
    CHANNELS,
    DEFAULT_CHANNELS,
    SITE_COLUMNS,
    TEXT,
    cells_of,
    spec_of,
)
from outreach.statistics.report.content import Line, Piece
from outreach.statistics.report.forms import FORMS, Standard
from outreach.statistics.report.rates import closing_rate
from outreach.statistics.report.year import YearFigures

PARTS: Final[Mapping[str, str]] = {
    "opening": "引言",
    "1": "一、总体情况",
    "2": "二、主动公开政府信息情况（表格之前）",
    "3": "三、收到和处理政府信息公开申请情况（表格之前）",
    "4": "四、政府信息公开行政复议、行政诉讼情况（表格之前）",
    "5": "五、存在的主要问题及改进情况",
    "6": "六、其他需要报告的事项",
}
LONGEST: Final = 20_000
CLOSING_RATE: Final = "complaints.closing_rate"
FEE: Final = "fee.yuan"

_WITHOUT_TEXT: Final = frozenset({"2", "3", "4"})
_WORDS: Final = ("site_channels", "categories", "outlets", "campaign_days", "six_places", "systems")
_PLACEHOLDER: Final = re.compile(r"【([^【】\n]{1,80})】")
_SENTENCE: Final = re.compile(r"[^。！？]*[。！？]?[”’）]*")
_ENDS: Final = "。！？"
_CLAUSE: Final = re.compile(r"[^，；、]*[，；、]?")
_HEADING: Final = re.compile(r"（[一二三四五六七八九十]+）[^。！？；：【】]{2,40}")
_OWN: Final[Mapping[str, str]] = {
    "办结率": CLOSING_RATE,
    "信息处理费情况": FEE,
    "本年新收申请": "requests.new.total",
    "上年结转申请": "requests.carried_in.total",
    "结转下年申请": "requests.carried_out.total",
    "行政复议": "cases.review.total",
}


@dataclass(slots=True)
class Written:
    """The lines of a part with their figures, and what was left out of it for want of these."""

    lines: list[Line] = field(default_factory=list)
    to_fill: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Named:
    """A figure of a family: the name that it was given, and its placeholder."""

    name: str
    label: str


def shipped_text(part: str, year: int, bureau: str, figures: YearFigures, standard: Standard) -> str:
    """What ships for a part, a paragraph a line, its figures as placeholders; empty where nothing does."""
    name = f"1-{standard.value}.txt.j2" if part == "1" else f"{part}.txt.j2"
    if part in _WITHOUT_TEXT:
        return ""
    rate = closing_rate(figures.value)
    text = render_template(
        f"reports/annual/{name}",
        year=year,
        bureau=bureau,
        words={word: figures.words.get(word, ()) for word in _WORDS},
        known=lambda key: figures.value(key) is not None,
        channels=_named(figures, CHANNELS),
        site_columns=_named(figures, SITE_COLUMNS),
        rate_base=rate.base if rate else None,
    )
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n".join(
        joined for one in paragraphs if (joined := "".join(line.strip() for line in one.split("\n")))
    )


def require_known_placeholders(part: str, text: str) -> None:
    """Raises InvalidContent where a placeholder names no figure."""
    unknown = list(dict.fromkeys(name for name in _PLACEHOLDER.findall(text) if key_of(name) is None))
    if unknown:
        named = "、".join(f"【{one}】" for one in unknown)
        raise invalid(part, f"没有这些数字：{named}。方括号里请写数字的名称，可从页面上的名称表里复制。")


def written(text: str, figures: YearFigures) -> Written:
    """The text with its figures in their places. A heading under which nothing is left goes with it."""
    result = Written()
    for paragraph in text.splitlines():
        if not paragraph.strip():
            continue
        if is_heading(paragraph.strip()):
            result.lines.append(Line(heading=True, pieces=[Piece(text=paragraph.strip())]))
        elif pieces := _paragraph(paragraph.strip(), figures, result.to_fill):
            result.lines.append(Line(heading=False, pieces=pieces))
    result.lines = list(_without_empty_headings(result.lines))
    return result


def is_heading(paragraph: str) -> bool:
    """Whether the paragraph is a heading of the second level: short, and no sentence."""
    return bool(_HEADING.fullmatch(paragraph))


def key_of(placeholder: str) -> str | None:
    """The figure that a placeholder names, by its label or its name."""
    name = placeholder.strip()
    if key := _OWN.get(name) or _labels().get(name):
        return key
    for family, noun in ((CHANNELS, "举报受理·"), (SITE_COLUMNS, "网站公开·")):
        if name.startswith(noun):
            return family + name.removeprefix(noun)
    return name if spec_of(name) else None


def placeholders() -> list[str]:
    """The names that the office may write: those of chapter one, and the totals that sentences speak of."""
    return [*(one.label for one in TEXT.values()), *_OWN]


def _paragraph(text: str, figures: YearFigures, to_fill: list[str]) -> list[Piece]:
    kept = [_sentence(one, figures, to_fill) for one in _SENTENCE.findall(text) if one]
    return [piece for pieces in kept for piece in pieces]


def _sentence(text: str, figures: YearFigures, to_fill: list[str]) -> list[Piece]:
    """The sentence without the clauses that have nothing but blanks; empty where that leaves no figure."""
    if not _PLACEHOLDER.search(text):
        return [Piece(text=text)]
    clauses = [one for one in _CLAUSE.findall(text) if one]
    blank = [name for name in _PLACEHOLDER.findall(text) if not _filled(name, figures)]
    to_fill += [name for name in blank if name not in to_fill]
    kept = [one for one in clauses if _keeps(one, figures)]
    if not any(_PLACEHOLDER.search(one) for one in kept):
        return []
    end = text[-1] if text[-1] in _ENDS else ""
    return list(_pieces(_ended("".join(kept), end), figures))


def _keeps(clause: str, figures: YearFigures) -> bool:
    names = _PLACEHOLDER.findall(clause)
    return not names or all(_filled(name, figures) for name in names)


def _ended(sentence: str, end: str) -> str:
    """With the end that it had, where the clause that bore it was left out."""
    return sentence if sentence.endswith(end) else sentence.rstrip("，；、") + end


def _pieces(text: str, figures: YearFigures) -> Iterator[Piece]:
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > at:
            yield Piece(text=text[at : found.start()])
        yield Piece(text=_filled(found[1], figures), key=key_of(found[1]))
        at = found.end()
    if at < len(text):
        yield Piece(text=text[at:])


def _filled(placeholder: str, figures: YearFigures) -> str:
    """What stands in the placeholder's place; empty where the figure is blank."""
    key = key_of(placeholder)
    if key is None:
        return ""
    if key == CLOSING_RATE:
        rate = closing_rate(figures.value)
        return f"{rate.percent}%" if rate else ""
    if placeholder == "信息处理费情况" and (text := figures.text(key)):
        return f"收取信息处理费{text}元" if figures.value(key) else "未收取信息处理费"
    return figures.text(key)


def _without_empty_headings(lines: Sequence[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        after = lines[number + 1 : number + 2]
        if not line.heading or (after and not after[0].heading):
            yield line


def _named(figures: YearFigures, family: str) -> list[Named]:
    """The family's figures, the usual channels first and in their order."""
    names = [key.removeprefix(family) for key in figures.named(family)]
    usual = [one for one in DEFAULT_CHANNELS if one in names]
    noun = "举报受理·" if family == CHANNELS else "网站公开·"
    return [Named(one, noun + one) for one in dict.fromkeys([*usual, *names])]


@cache
def _labels() -> Mapping[str, str]:
    cells = [spec for form in FORMS.values() for spec in cells_of(form)]
    return {spec.label: spec.key for spec in (*cells, *TEXT.values())}
