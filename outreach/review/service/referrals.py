"""报请确定: what the office can't decide itself is put to the competent department (条例 art. 17). The item stays at the
confidentiality stage and its clock runs on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, NotPossible, invalid
from outreach.items import service as items
from outreach.items.model import Item
from outreach.people.model import Person
from outreach.review.acting import Acting
from outreach.review.model import Referral, ReviewRecord, Standing
from outreach.review.queries import open_referral_of
from outreach.review.rules import REFERRAL_BASIS, article_of
from outreach.review.service.decisions import require_at_confidentiality, require_revision
from outreach.screening.marks import doorkeeper

_LONGEST = {"referred_to": 128, "answered_by": 128, "answer_number": 64}


@dataclass(frozen=True, slots=True)
class Question:
    """What is put to which department, and by which law (without one by art. 17)."""

    referred_to: str
    reason: str
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answered what on which day; `answer_number` is that of the document, where it has one."""

    answered_by: str
    answered_on: date
    answer: str
    answer_number: str | None = None


async def require_may_refer(session: AsyncSession, item: Item, by: Person) -> Acting:
    """Only who may decide there refers, and only at the confidentiality stage. Raises Forbidden, DutiesNotSeparate,
    NotPossible."""
    return await require_at_confidentiality(session, item, by, "报请确定在保密审查环节办理")


async def refer(
    session: AsyncSession, item: Item, by: Person, question: Question, *, revision: int
) -> Referral:
    """Marks the item as referred.

    Raises:
        Forbidden, DutiesNotSeparate: not for `by` to decide here.
        NotPossible: at another stage, or referred already and not answered.
        StaleState: edited after `revision`.
        InvalidContent: the department or the reason is missing, or a text bears a classification mark.
    """
    acting = await require_may_refer(session, item, by)
    require_revision(item, revision)
    if await open_referral_of(session, item):
        raise NotPossible("已经报请确定，还没有记录答复。")
    basis = (question.basis or "").strip() or REFERRAL_BASIS
    door = await doorkeeper(session)
    door.refuse_texts(referred_to=question.referred_to, reason=question.reason, basis=basis)
    _require_texts(
        referred_to=(question.referred_to, "请填写报请哪个部门。"),
        reason=(question.reason, "请说明需要确定什么、为什么不能自行确定。"),
    )

    await items.touch(session, item)
    referral = Referral(
        item_id=item.id,
        revision=item.revision,
        referred_to=question.referred_to.strip(),
        reason=question.reason.strip(),
        basis=basis,
        article=article_of(basis),
        by_id=by.id,
        by_name=by.name,
        absent_name=acting.absent_name,
        at=clock.now(),
    )
    session.add(referral)
    await _stand(session, item, Standing.REFER)
    await audit.record(
        session, by, "review.refer", "item", item.id,
        revision=item.revision, referred_to=referral.referred_to, basis_mac=audit.text_mac(session, basis),
        **acting.told,
    )  # fmt: skip
    return referral


async def note_answer(
    session: AsyncSession, item: Item, referral_id: str, by: Person, answer: Answer, *, revision: int
) -> Referral:
    """Notes what the department answered; from then on the stage may be approved.

    Raises Forbidden, DutiesNotSeparate, NotPossible, StaleState, NotFound, InvalidContent.
    """
    acting = await require_may_refer(session, item, by)
    require_revision(item, revision)
    referral = await session.get(Referral, referral_id, populate_existing=True)
    if referral is None or referral.item_id != item.id or referral.revision != item.revision:
        raise NotFound("没有这次报请，或者它属于以前的版本。")
    if referral.noted_at is not None:
        raise NotPossible("这次报请的答复已经记录。")
    number = (answer.answer_number or "").strip()
    door = await doorkeeper(session)
    door.refuse_texts(answered_by=answer.answered_by, answer=answer.answer, answer_number=number)
    _require_texts(
        answered_by=(answer.answered_by, "请填写由谁答复。"),
        answer=(answer.answer, "请填写答复内容。"),
    )
    _require_fitting("answer_number", number)
    _require_day(referral, answer.answered_on)

    await items.touch(session, item)
    referral.answered_by, referral.answered_on = answer.answered_by.strip(), answer.answered_on
    referral.answer, referral.answer_number = answer.answer.strip(), number or None
    referral.noted_by_id, referral.noted_by_name, referral.noted_at = by.id, by.name, clock.now()
    referral.noted_absent_name = acting.absent_name
    await _stand(session, item, Standing.OPEN)
    await audit.record(
        session, by, "review.answer", "item", item.id,
        revision=item.revision, answered_by=referral.answered_by, answered_on=answer.answered_on.isoformat(),
        answer_number=referral.answer_number, **acting.told,
    )  # fmt: skip
    return referral


async def _stand(session: AsyncSession, item: Item, standing: Standing) -> None:
    """The revision's record, which the stage before has opened."""
    await session.flush()
    await session.execute(
        update(ReviewRecord)
        .where(ReviewRecord.item_id == item.id, ReviewRecord.revision == item.revision)
        .values(standing=standing)
    )


def _require_texts(**given: tuple[str, str]) -> None:
    """Each text with what to say where it is missing."""
    missing = [FieldError(name, told) for name, (text, told) in given.items() if not text.strip()]
    if missing:
        raise InvalidContent(missing[0].message, errors=missing)
    for name, (text, _) in given.items():
        _require_fitting(name, text.strip())


def _require_fitting(name: str, text: str) -> None:
    longest = _LONGEST.get(name)
    if longest and len(text) > longest:
        raise invalid(name, f"最多 {longest} 个字，请缩短。")


def _require_day(referral: Referral, day: date) -> None:
    if not referral.at.astimezone(clock.SHANGHAI).date() <= day <= clock.today(clock.SHANGHAI):
        raise invalid("answered_on", "答复日期应在报请之日至今天之间，请核对。")
