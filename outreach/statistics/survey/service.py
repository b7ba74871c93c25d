"""A survey is made, opened once its words were reviewed, answered without anybody's name, and ended."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import get_account
from outreach.channels.rules import can_log_in
from outreach.followers.questionnaires import ANSWER_LENGTH, Form, read_questionnaire
from outreach.followers.texts import service as texts
from outreach.followers.texts.service import Draft
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE, Actor
from outreach.foundation.database import insert_into
from outreach.foundation.problems import (
    FieldError,
    InvalidContent,
    NotFound,
    NotPossible,
    StaleState,
    invalid,
)
from outreach.foundation.seal import Sealer
from outreach.people.model import Person
from outreach.people.rules import INBOX, Act, require_any
from outreach.screening.masking import masked
from outreach.screening.rules import classification_marks
from outreach.statistics.survey.model import Survey, SurveyAnswer, SurveyVoter
from outreach.statistics.survey.queries import approved_text, get_survey
from outreach.statistics.survey.rules import SurveyAction, SurveyState, is_open, next_state, read_answers

WRITING: Final = INBOX
"""Whoever may do one of these makes surveys: those who may write house texts."""
OPENING: Final = (Act.PUBLISH, Act.KEEP_FIGURES)
"""Whoever may do one of these opens and ends them."""

_MARKED: Final = "这段文字带有密级标志，不能提交，也没有保存。"


class AnsweredBefore(NotPossible):
    """Somebody answers for the second time; the first answer stays."""

    code, title = "answered-before", "您已经答过"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody typed: whose followers are asked (an account's id, empty for nobody's), and the days."""

    account_id: str
    opens_on: str
    closes_on: str


async def make_survey(session: AsyncSession, by: Person, plan: Plan, content: str) -> Survey:
    """A survey with the draft of its words. Raises Forbidden, InvalidContent, ClassificationMarkFound."""
    require_any(by, WRITING)
    account_id = await _account_of(session, plan)
    opens_on, closes_on = _days(plan)
    survey = Survey(
        account_id=account_id,
        opens_on=opens_on,
        closes_on=closes_on,
        state=SurveyState.DRAFT,
        content="",
        made_by_id=by.id,
        made_by_name=by.name,
        made_at=clock.now(),
    )
    session.add(survey)
    await session.flush()
    await texts.write(session, by, survey.text_key, Draft(content), version=0)
    await audit.record(session, by, "survey.make", "survey", survey.id)
    return survey


async def set_days(session: AsyncSession, by: Person, survey_id: str, plan: Plan) -> Survey:
    """Other days; of one that is open the last day alone. Raises Forbidden, NotFound, NotPossible, InvalidContent."""
    require_any(by, (*WRITING, *OPENING))
    survey = await get_survey(session, survey_id)
    if survey.state is SurveyState.ENDED:
        raise NotPossible("这份问卷已经结束，不能再改日期。")
    opens_on, closes_on = _days(plan)
    if survey.state is SurveyState.OPEN:
        opens_on = survey.opens_on
    if closes_on < max(opens_on, clock.today(clock.SHANGHAI)):
        raise invalid("closes_on", "截止日期不能早于今天和开放日期。")
    await _update(session, survey, opens_on=opens_on, closes_on=closes_on)
    await audit.record(
        session, by, "survey.days", "survey", survey.id, opens_on=opens_on, closes_on=closes_on
    )
    return survey


async def open_survey(session: AsyncSession, by: Person, survey_id: str, sealer: Sealer) -> Survey:
    """From its first day on it can be answered, in the words that were approved.

    Raises:
        Forbidden, NotFound, StaleState.
        NotPossible: its words are not approved, or its last day is over.
    """
    require_any(by, OPENING)
    survey = await get_survey(session, survey_id)
    after = next_state(survey.state, SurveyAction.OPEN)
    content = await approved_text(session, survey)
    if content is None:
        raise NotPossible("题目还没有通过保密审查，不能开放。")
    if survey.closes_on < clock.today(clock.SHANGHAI):
        raise NotPossible("截止日期已过，请先改日期。")
    salt = sealer.seal({"salt": secrets.token_hex(32)})
    await _update(session, survey, state=after, content=content, sealed_salt=salt, opened_at=clock.now())
    await audit.record(session, by, "survey.open", "survey", survey.id)
    return survey


async def end_survey(session: AsyncSession, by: Person, survey_id: str) -> Survey:
    """It can't be answered any more; the salt and all hashes are destroyed. Raises Forbidden, NotFound, NotPossible."""
    require_any(by, OPENING)
    survey = await get_survey(session, survey_id)
    today = clock.today(clock.SHANGHAI)
    return await _end(session, by, survey, closes_on=max(min(survey.closes_on, today), survey.opens_on))


async def discard_survey(session: AsyncSession, by: Person, survey_id: str) -> None:
    """One that was never opened is thrown away with its words. Raises Forbidden, NotFound, NotPossible."""
    require_any(by, WRITING)
    survey = await get_survey(session, survey_id)
    gone = delete(Survey).where(Survey.id == survey_id, Survey.state == SurveyState.DRAFT)
    if await session.scalar(gone.returning(Survey.id)) is None:
        raise NotPossible("这份问卷已经开放过，不能删除。")
    await texts.discard_all(session, survey.text_key)
    await audit.record(session, by, "survey.discard", "survey", survey_id)


async def end_over(session: AsyncSession, today: date) -> int:
    """Ends those whose last day is over on `today`; how many."""
    over = select(Survey).where(Survey.state == SurveyState.OPEN, Survey.closes_on < today)
    found = (await session.scalars(over.with_for_update(skip_locked=True))).all()
    for survey in found:
        await _end(session, SERVICE, survey)
    return len(found)


async def is_any_over(session: AsyncSession, today: date) -> bool:
    """Whether there are surveys whose last day is over and that have not ended."""
    over = select(Survey.id).where(Survey.state == SurveyState.OPEN, Survey.closes_on < today)
    return await session.scalar(over.limit(1)) is not None


async def answer(
    session: AsyncSession, survey: Survey, typed: Mapping[str, str], sealer: Sealer, openid: str | None
) -> None:
    """Keeps an answer: once for each follower who is known by `openid`, None for somebody who is not known.

    Raises:
        NotPossible: it is not open.
        AnsweredBefore, InvalidContent.
    """
    present = await session.get(Survey, survey.id, with_for_update={"read": True})  # nobody ends it meanwhile
    if present is None or not is_open(
        present.state, present.opens_on, present.closes_on, clock.today(clock.SHANGHAI)
    ):
        raise NotPossible("这份问卷现在不能作答。")
    given = await _kept_answers(session, present, typed)
    if openid is not None:
        await _note_voter(session, present, sealer, openid)
    session.add(SurveyAnswer(survey_id=present.id, is_follower=openid is not None, answers=given))
    await session.flush()


async def has_answered(session: AsyncSession, survey: Survey, sealer: Sealer, openid: str) -> bool:
    """Whether that follower has; nobody has any more once it has ended."""
    if survey.sealed_salt is None:
        return False
    return await session.get(SurveyVoter, (survey.id, _hash(sealer, survey.sealed_salt, openid))) is not None


async def _kept_answers(session: AsyncSession, survey: Survey, typed: Mapping[str, str]) -> dict[str, str]:
    questionnaire = read_questionnaire(survey.content)
    given = read_answers(questionnaire, typed)
    words = [f"q{n}" for n, one in enumerate(questionnaire.questions, start=1) if one.form is Form.WORDS]
    said = [field for field in words if field in given]
    if marked := [field for field in said if classification_marks(given[field])]:
        raise InvalidContent(_MARKED, errors=[FieldError(field, _MARKED) for field in marked])
    return {**given, **{field: (await masked(session, given[field]))[:ANSWER_LENGTH] for field in said}}


async def _note_voter(session: AsyncSession, survey: Survey, sealer: Sealer, openid: str) -> None:
    if survey.sealed_salt is None:
        raise NotPossible("这份问卷现在不能作答。")
    voter = {"survey_id": survey.id, "hash": _hash(sealer, survey.sealed_salt, openid)}
    noted = insert_into(session, SurveyVoter).values(voter).on_conflict_do_nothing()
    if await session.scalar(noted.returning(SurveyVoter.hash)) is None:
        raise AnsweredBefore("每人答一次，您先前的回答已经收下。谢谢。")


def _hash(sealer: Sealer, sealed_salt: str, openid: str) -> str:
    salt = bytes.fromhex(sealer.open(sealed_salt)["salt"])
    return hmac.new(salt, openid.encode(), "sha256").hexdigest()


async def _end(session: AsyncSession, by: Actor, survey: Survey, **values: Any) -> Survey:
    after = next_state(survey.state, SurveyAction.END)
    await _update(session, survey, state=after, sealed_salt=None, ended_at=clock.now(), **values)
    await session.execute(delete(SurveyVoter).where(SurveyVoter.survey_id == survey.id))
    await audit.record(session, by, "survey.end", "survey", survey.id)
    return survey


async def _update(session: AsyncSession, survey: Survey, **values: Any) -> None:
    """Guarded by the state that was read. Raises StaleState."""
    changed = update(Survey).where(Survey.id == survey.id, Survey.state == survey.state).values(values)
    moved = changed.returning(Survey.id).execution_options(synchronize_session=False)
    if await session.scalar(moved) is None:
        raise StaleState("这份问卷刚刚被他人更改，请刷新页面后再操作。")
    await session.refresh(survey)


async def _account_of(session: AsyncSession, plan: Plan) -> str | None:
    if not plan.account_id:
        return None
    try:
        account = await get_account(session, plan.account_id)
    except NotFound:
        account = None
    if account is None or not can_log_in(account):
        raise invalid("account_id", "请选择列出的公众号。")
    return account.id


def _days(plan: Plan) -> tuple[date, date]:
    """Raises InvalidContent."""
    read: dict[str, date] = {}
    errors = []
    for field, typed in (("opens_on", plan.opens_on), ("closes_on", plan.closes_on)):
        try:
            read[field] = date.fromisoformat(typed)
            if read[field].year not in clock.YEARS:
                raise ValueError(typed)
        except ValueError:
            errors.append(FieldError(field, "请填写日期，例如 2026-12-01。"))
    if not errors and read["closes_on"] < read["opens_on"]:
        errors.append(FieldError("closes_on", "截止日期不能早于开放日期。"))
    if errors:
        raise InvalidContent("日期需要修改，请看各栏下的说明。", errors=errors)
    return read["opens_on"], read["closes_on"]
