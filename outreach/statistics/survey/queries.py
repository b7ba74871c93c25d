"""The read side of surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.questionnaires import Form, Questionnaire, read_questionnaire
from outreach.followers.texts.model import HouseText, TextState
from outreach.foundation.problems import NotFound
from outreach.statistics.survey.model import Survey, SurveyAnswer
from outreach.statistics.survey.rules import QuestionResult, Results, SurveyState, results_of


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """What came of a survey: of followers, each once, and of whoever else had the address; and what was said in
    words, by the question's number, in no order."""

    followers: Results
    others: Results
    words: Mapping[int, list[str]]


async def get_survey(session: AsyncSession, survey_id: str) -> Survey:
    """Raises NotFound."""
    survey = await session.get(Survey, survey_id)
    if survey is None:
        raise NotFound("没有这份问卷。")
    return survey


async def public_survey(session: AsyncSession, public_id: str) -> Survey:
    """A survey that was opened, by the id in its address. Raises NotFound."""
    query = select(Survey).where(Survey.public_id == public_id, Survey.state != SurveyState.DRAFT)
    survey = (await session.scalars(query)).one_or_none()
    if survey is None:
        raise NotFound("没有这份问卷。请核对网址。")
    return survey


async def surveys(session: AsyncSession) -> Sequence[Survey]:
    """All, the newest first."""
    return (await session.scalars(select(Survey).order_by(Survey.id.desc()))).all()


async def newest_texts(session: AsyncSession, found: Sequence[Survey]) -> dict[str, HouseText]:
    """The newest edition of the words of each, by the survey's id."""
    keys = {survey.text_key: survey.id for survey in found}
    query = select(HouseText).where(HouseText.key.in_(keys)).order_by(HouseText.number)
    return {keys[text.key]: text for text in await session.scalars(query)}


async def approved_text(session: AsyncSession, survey: Survey) -> str | None:
    """The words that the reviewer approved; None where there are none, or another edition waits."""
    query = (
        select(HouseText).where(HouseText.key == survey.text_key).order_by(HouseText.number.desc()).limit(1)
    )
    newest = await session.scalar(query)
    return newest.content if newest is not None and newest.state is TextState.APPROVED else None


async def count_answers(session: AsyncSession) -> dict[str, int]:
    """How many answered each survey, by its id."""
    query = select(SurveyAnswer.survey_id, func.count()).group_by(SurveyAnswer.survey_id)
    return dict((await session.execute(query)).all())


async def results(session: AsyncSession, survey: Survey) -> SurveyResults:
    """What came of it so far."""
    questionnaire = read_questionnaire(survey.content)
    query = select(SurveyAnswer.is_follower, SurveyAnswer.answers).where(SurveyAnswer.survey_id == survey.id)
    given = (await session.execute(query)).all()
    return SurveyResults(
        results_of(questionnaire, [one.answers for one in given if one.is_follower]),
        results_of(questionnaire, [one.answers for one in given if not one.is_follower]),
        _words(questionnaire, [one.answers for one in given]),
    )


async def survey_results(session: AsyncSession, year: int) -> list[dict[str, Any]]:
    """The surveys that ended in `year`, as JSON for the annual report: of each `title`, `opened_on`, `closed_on`,
    `answers` (of followers, each once), `others` (whoever else had the address; their answers are in no other
    figure), `awareness` and `satisfaction` (`83.3%`, None where nothing asked for it), and `questions`."""
    query = select(Survey).where(
        Survey.state == SurveyState.ENDED,
        Survey.closes_on >= date(year, 1, 1),
        Survey.closes_on <= date(year, 12, 31),
    )
    return [await _as_json(session, one) for one in await session.scalars(query.order_by(Survey.closes_on))]


async def _as_json(session: AsyncSession, survey: Survey) -> dict[str, Any]:
    found = await results(session, survey)
    counted = found.followers if survey.account_id else found.others
    rates = {about.value: rate for about, rate in counted.rates.items()}
    return {
        "title": read_questionnaire(survey.content).title,
        "opened_on": survey.opens_on.isoformat(),
        "closed_on": survey.closes_on.isoformat(),
        "answers": counted.answers,
        "others": found.others.answers if survey.account_id else 0,
        "awareness": rates.get("awareness"),
        "satisfaction": rates.get("satisfaction"),
        "questions": [_question_as_json(one) for one in counted.questions],
    }


def _question_as_json(one: QuestionResult) -> dict[str, Any]:
    return {
        "text": one.question.text,
        "form": one.question.form.value,
        "about": one.question.about.value if one.question.about else None,
        "answered": one.answered,
        "options": [{"text": row.label, "count": row.count, "share": row.share} for row in one.rows],
        "average": one.average,
    }


def _words(questionnaire: Questionnaire, given: Sequence[Mapping[str, str]]) -> dict[int, list[str]]:
    return {
        number: sorted(said for answer in given if (said := answer.get(f"q{number}")))
        for number, one in enumerate(questionnaire.questions, start=1)
        if one.form is Form.WORDS
    }
