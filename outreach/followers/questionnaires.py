"""How a questionnaire is written: a line a thing, what it is before the colon; below a question, its options. Pure.

问卷：2026年政务公开满意度测评
说明：两分钟，不记名。
单选（知晓度）：您知道本局公开环评信息吗？
+ 知道
- 不知道
打分（满意度）：您对信息公开的及时性满意吗？
文字：您还有什么建议？

Of a question about 知晓度 the options that begin with `+` count as aware; of one about 满意度 (1 to 5) 4 and 5 count as
satisfied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

QUESTIONS: Final = range(1, 21)
OPTIONS: Final = range(2, 11)
SCALE: Final = range(1, 6)
SATISFIED: Final = 4
"""So many points of five, and more, are 满意."""
ANSWER_LENGTH: Final = 200

_TITLE_LENGTH: Final = 40
_LENGTH: Final = 120
_LINE: Final = re.compile(
    r"(?P<what>问卷|说明|单选|打分|文字)(?:[（(](?P<about>[^）)]*)[）)])?[：:](?P<text>.*)"
)
_OPTION: Final = re.compile(r"(?P<sign>[+＋\-－])\s*(?P<text>.+)")


class Form(StrEnum):
    """How a question is answered: by one of its options, by 1 to 5, or in words."""

    CHOICE = "choice"
    SCALE = "scale"
    WORDS = "words"


class About(StrEnum):
    """What a question measures for the report."""

    AWARENESS = "awareness"
    SATISFACTION = "satisfaction"


ABOUT_LABELS: Final[Mapping[About, str]] = {About.AWARENESS: "知晓度", About.SATISFACTION: "满意度"}
_FORMS: Final = {"单选": Form.CHOICE, "打分": Form.SCALE, "文字": Form.WORDS}
_ABOUTS: Final = {label: about for about, label in ABOUT_LABELS.items()}
_MEASURES: Final = {About.AWARENESS: Form.CHOICE, About.SATISFACTION: Form.SCALE}


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen; `counts` where choosing it is to be aware."""

    text: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `options` only of a choice. Words need not be given, all else has to be answered."""

    form: Form
    about: About | None
    text: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire as it was read. `problems` are Chinese sentences; with one of them it can't be opened."""

    title: str
    intro: str
    questions: tuple[Question, ...]
    problems: list[str]


def read_questionnaire(text: str) -> Questionnaire:
    """The questionnaire that a text writes."""
    title, intro = "", []
    problems: list[str] = []
    rows: list[tuple[Question, list[Option]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if option := _OPTION.fullmatch(line):
            _add_option(line, option, rows, problems)
        elif found := _LINE.fullmatch(line):
            said = found["text"].strip()
            if found["what"] == "问卷":
                title = said
            elif found["what"] == "说明":
                intro.append(said)
            else:
                rows.append((Question(_FORMS[found["what"]], _about(line, found, problems), said), []))
        else:
            problems.append(
                f"“{line[:40]}”：每行以“问卷：”“说明：”“单选：”“打分：”“文字：”开头，选项以“-”或“+”开头。"
            )
    questions = tuple(Question(one.form, one.about, one.text, tuple(options)) for one, options in rows)
    return Questionnaire(title, "\n".join(intro), questions, [*problems, *_problems_of(title, questions)])


def _add_option(
    line: str, option: re.Match[str], rows: list[tuple[Question, list[Option]]], problems: list[str]
) -> None:
    if not rows or rows[-1][0].form is not Form.CHOICE:
        problems.append(f"“{line[:40]}”：选项写在单选题下面。")
        return
    rows[-1][1].append(Option(option["text"].strip(), option["sign"] in "+＋"))


def _about(line: str, found: re.Match[str], problems: list[str]) -> About | None:
    told = found["about"]
    if told is None:
        return None
    about = _ABOUTS.get(told.strip())
    if about is None or _MEASURES[about] is not _FORMS[found["what"]]:
        problems.append(f"“{line[:40]}”：括号里可以写“单选（知晓度）”或“打分（满意度）”。")
    return about


def _problems_of(title: str, questions: tuple[Question, ...]) -> list[str]:
    problems = []
    if not 0 < len(title) <= _TITLE_LENGTH:
        problems.append(f"请用“问卷：”写一个标题，最多 {_TITLE_LENGTH} 个字。")
    if len(questions) not in QUESTIONS:
        problems.append(f"题目 {QUESTIONS.start} 至 {QUESTIONS.stop - 1} 道，现在 {len(questions)} 道。")
    for one in questions:
        problems += _problems_of_question(one)
    return problems


def _problems_of_question(one: Question) -> list[str]:
    name = f"“{one.text[:20]}”"
    texts = [one.text, *(option.text for option in one.options)]
    problems = (
        [f"{name}：题目和选项各 1 至 {_LENGTH} 个字。"]
        if not all(0 < len(text) <= _LENGTH for text in texts)
        else []
    )
    if one.form is Form.CHOICE and len(one.options) not in OPTIONS:
        problems.append(
            f"{name}：选项 {OPTIONS.start} 至 {OPTIONS.stop - 1} 个，现在 {len(one.options)} 个。"
        )
    if len({option.text for option in one.options}) < len(one.options):
        problems.append(f"{name}：有两个相同的选项。")
    if one.about is About.AWARENESS and len({option.counts for option in one.options}) < 2:
        problems.append(f"{name}：知晓度的题，计为知晓的选项以“+”开头，其余以“-”开头，各至少一个。")
    return problems
