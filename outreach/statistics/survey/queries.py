"""The read side of surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.questionnaires import About, Form, Questionnaire, read_questionnaire
from outreach.followers.texts.model import HouseText, TextState
from outreach.foundation.problems import NotFound
from outreach.statistics.survey.model import Survey, SurveyAnswer
from outreach.statistics.survey.rules import Results, SurveyState, percent, results_of


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


async def figures_of_surveys(session: AsyncSession, year: int) -> dict[str, int | Decimal]:
    """What the surveys that ended in `year` came to, by the names of yearly figures: how many there were, the answers
    (of a survey of followers theirs alone, each once), and of all their questions together the shares in percent of
    who knew (知晓度) and who was satisfied (满意度). Empty where none ended."""
    query = select(Survey).where(
        Survey.state == SurveyState.ENDED,
        Survey.closes_on >= date(year, 1, 1),
        Survey.closes_on <= date(year, 12, 31),
    )
    found = [await _counted(session, one) for one in await session.scalars(query)]
    if not found:
        return {}
    figures: dict[str, int | Decimal] = {
        "surveys.count": len(found),
        "surveys.answers": sum(one.answers for one in found),
    }
    for about in About:
        asked = [one for each in found for one in each.questions if one.question.about is about]
        if answered := sum(one.answered for one in asked):
            figures[f"surveys.{about}"] = percent(sum(one.counted for one in asked), answered)
    return figures


async def _counted(session: AsyncSession, survey: Survey) -> Results:
    found = await results(session, survey)
    return found.followers if survey.account_id else found.others


def _words(questionnaire: Questionnaire, given: Sequence[Mapping[str, str]]) -> dict[int, list[str]]:
    return {
        number: sorted(said for answer in given if (said := answer.get(f"q{number}")))
        for number, one in enumerate(questionnaire.questions, start=1)
        if one.form is Form.WORDS
    }
