"""States of a survey, what an answer has to be, and what answers come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from outreach.followers.questionnaires import (
    ANSWER_LENGTH,
    SATISFIED,
    SCALE,
    About,
    Form,
    Question,
    Questionnaire,
)
from outreach.foundation.problems import FieldError, InvalidContent, NotPossible

Answers = Mapping[str, str]
"""What somebody answered: by `q1`, `q2` …, the option's number from 1, the points, or words."""


class SurveyState(StrEnum):
    """Where a survey is on its way."""

    DRAFT = "draft"
    OPEN = "open"
    ENDED = "ended"


class SurveyAction(StrEnum):
    """What moves a survey."""

    OPEN = "open"
    END = "end"


TRANSITIONS: Final[Mapping[tuple[SurveyState, SurveyAction], SurveyState]] = {
    (SurveyState.DRAFT, SurveyAction.OPEN): SurveyState.OPEN,
    (SurveyState.OPEN, SurveyAction.END): SurveyState.ENDED,
}
STATE_LABELS: Final[Mapping[SurveyState, str]] = {
    SurveyState.DRAFT: "准备中",
    SurveyState.OPEN: "开放",
    SurveyState.ENDED: "已结束",
}


@dataclass(frozen=True, slots=True)
class Tallied:
    """One answer that can be given, how often it was, and its share of all answers to the question (`66.7%`)."""

    label: str
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What was answered to a question. `counted` of `answered` were aware, or satisfied; `average` of a scale, to two
    decimals."""

    question: Question
    answered: int
    rows: list[Tallied]
    counted: int
    average: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """What all answers came to; `rates` of what the report asks for, as far as a question asked for it."""

    answers: int
    questions: list[QuestionResult]
    rates: dict[About, str]


def next_state(state: SurveyState, action: SurveyAction) -> SurveyState:
    """The state after `action`. Raises NotPossible."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise NotPossible(f"这份问卷现在是“{STATE_LABELS[state]}”，不能这样做。请刷新页面。")
    return after


def is_open(state: SurveyState, opens_on: date, closes_on: date, today: date) -> bool:
    """Whether it can be answered; both days are included."""
    return state is SurveyState.OPEN and opens_on <= today <= closes_on


def read_answers(questionnaire: Questionnaire, typed: Answers) -> dict[str, str]:
    """What was answered, and nothing else of what was sent. Raises InvalidContent, naming each question."""
    read, errors = {}, []
    for number, one in enumerate(questionnaire.questions, start=1):
        field = f"q{number}"
        said = typed.get(field, "").strip()
        if problem := _problem_of(one, said):
            errors.append(FieldError(field, problem))
        elif said:
            read[field] = said
    if errors:
        raise InvalidContent("还有没有答的，或答得不对的题，请看题目下的说明。", errors=errors)
    return read


def results_of(questionnaire: Questionnaire, answers: Sequence[Answers]) -> Results:
    """What the answers came to. Words are not among it: they are not published."""
    questions = [
        _result_of(one, [said for answer in answers if (said := answer.get(f"q{number}"))])
        for number, one in enumerate(questionnaire.questions, start=1)
    ]
    rates = {}
    for about in About:
        asked = [one for one in questions if one.question.about is about]
        if asked:
            rates[about] = share(sum(one.counted for one in asked), sum(one.answered for one in asked))
    return Results(len(answers), questions, rates)


def percent(part: int, whole: int) -> Decimal:
    """A share in percent to one decimal, half up. Raises ZeroDivisionError of nothing."""
    if not whole:
        raise ZeroDivisionError(part)
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def share(part: int, whole: int) -> str:
    """The same as text; `—` of nothing."""
    return f"{percent(part, whole)}%" if whole else "—"


def _problem_of(question: Question, said: str) -> str | None:
    match question.form:
        case Form.WORDS:
            return f"最多 {ANSWER_LENGTH} 个字。" if len(said) > ANSWER_LENGTH else None
        case Form.CHOICE:
            choices = [str(number) for number in range(1, len(question.options) + 1)]
            return None if said in choices else "请选择一项。"
        case Form.SCALE:
            return None if said in map(str, SCALE) else "请选择 1 至 5 分。"


def _result_of(question: Question, said: Sequence[str]) -> QuestionResult:
    match question.form:
        case Form.WORDS:
            return QuestionResult(question, len(said), [], 0, None)
        case Form.CHOICE:
            labels = {str(number): one.text for number, one in enumerate(question.options, start=1)}
            counting = {str(number) for number, one in enumerate(question.options, start=1) if one.counts}
            average = None
        case Form.SCALE:
            labels = {str(points): f"{points} 分" for points in reversed(SCALE)}
            counting = {str(points) for points in SCALE if points >= SATISFIED}
            average = f"{sum(map(int, said)) / len(said):.2f}" if said else None
    rows = [
        Tallied(label, said.count(key), share(said.count(key), len(said))) for key, label in labels.items()
    ]
    return QuestionResult(question, len(said), rows, sum(one in counting for one in said), average)
