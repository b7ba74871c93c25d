"""Emergencies: declared with reason and document when they are submitted; the section decides afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import FieldError, InvalidContent, NotPossible, StaleState, invalid
from outreach.items import service as items
from outreach.items.model import Item, Revision, Stage
from outreach.items.queries import authors_of
from outreach.items.rules import ItemAction, can
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review.acting import Acting, require_separate_duties
from outreach.review.emergency_rules import (
    MAX_DOCUMENT,
    SECTION_TERM,
    STILL_OWES,
    SectionAction,
    next_section_review,
)
from outreach.review.model import Decision, DecisionKind, Emergency, SectionReview
from outreach.review.queries.decisions import decisions_of
from outreach.review.queries.emergencies import emergency_of
from outreach.review.rules import (
    number_label,
    outcome_of,
    require_reasons,
    standing_after,
)
from outreach.review.service.decisions import Verdict, require_revision
from outreach.review.service.records import open_record, settle_record
from outreach.screening.marks import doorkeeper

REASON, DOCUMENT = "emergency.reason", "emergency.authority_document"


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why something is an emergency, and by which document (name and number) the authority asked for it."""

    reason: str
    authority_document: str


async def require_grounds(session: AsyncSession, grounds: Grounds) -> None:
    """Raises InvalidContent naming each field that is missing, ClassificationMarkFound."""
    document = grounds.authority_document.strip()
    errors = []
    if not grounds.reason.strip():
        errors.append(FieldError(REASON, "请写明应急发布的事由。"))
    if not document:
        errors.append(FieldError(DOCUMENT, "请填写上级或政府的依据文件，例如启动预警的通知及文号。"))
    elif len(document) > MAX_DOCUMENT:
        errors.append(FieldError(DOCUMENT, f"最多 {MAX_DOCUMENT} 个字，请缩短。"))
    if errors:
        raise InvalidContent("应急发布须写明事由和依据文件。", errors=errors)
    (await doorkeeper(session)).refuse_texts(**{REASON: grounds.reason, DOCUMENT: document})


async def declare(session: AsyncSession, item: Item, by: Person, grounds: Grounds | None) -> None:
    """Remembers that the revision which is being submitted is an emergency; without `grounds`, that it is none (it may
    have been one when it was submitted before and taken back)."""
    earlier = delete(Emergency).where(Emergency.item_id == item.id, Emergency.revision == item.revision)
    await session.execute(earlier)
    if grounds is None:
        return
    now = clock.now()
    emergency = Emergency(
        item_id=item.id,
        revision=item.revision,
        reason=grounds.reason.strip(),
        authority_document=grounds.authority_document.strip(),
        by_id=by.id,
        by_name=by.name,
        at=now,
        section_due_at=now + SECTION_TERM,
        section_review=SectionReview.OWED,
    )
    session.add(emergency)
    await session.flush()
    await audit.record(
        session,
        by,
        "emergency.declare",
        "item",
        item.id,
        revision=item.revision,
        reason=emergency.reason,
        document=emergency.authority_document,
    )


async def require_may_decide_afterwards(session: AsyncSession, item: Item, by: Person) -> Emergency:
    """The emergency on whose present revision `by` may now record the section's decision.

    Raises Forbidden, DutiesNotSeparate, NotPossible.
    """
    require(by, Act.DECIDE_SECTION)
    require_separate_duties(
        Acting(by, Stage.SECTION),
        authors=await authors_of(session, item),
        decisions=await decisions_of(session, item.id),
        revision=item.revision,
    )
    emergency = await emergency_of(session, item)
    if emergency is None or item.state not in STILL_OWES:
        raise NotPossible("这条信息没有等待科室补审。")
    next_section_review(emergency.section_review, SectionAction.AGREE)
    return emergency


async def decide_afterwards(
    session: AsyncSession, item: Item, by: Person, verdict: Verdict, *, revision: int, is_out: bool
) -> Emergency:
    """Records the section's own decision on an emergency (事后补审). `is_out`: something of it was sent or is being sent.

    An objection stops what is not out yet, and sends it back to its writer; of what is out it proposes the withdrawal.
    Raises Forbidden, DutiesNotSeparate, NotPossible, StaleState, InvalidContent, ClassificationMarkFound.
    """
    emergency = await require_may_decide_afterwards(session, item, by)
    require_revision(item, revision)
    if verdict.kind is DecisionKind.REFUSE:
        raise invalid("decision", "补审只能同意或退回。")
    outcome = outcome_of(verdict.kind, verdict.outcome)
    require_reasons(verdict.kind, outcome, verdict.opinion, verdict.basis)
    (await doorkeeper(session)).refuse_texts(opinion=verdict.opinion)

    action = _action(verdict.kind, is_out=is_out)
    await _move(session, emergency, action)
    stops = action is SectionAction.OBJECT_IN_TIME and can((item.state, item.stage), ItemAction.OBJECT)
    if stops:
        await items.move(session, item, ItemAction.OBJECT, waiting_since=None)
    else:
        await items.touch(session, item)
    snapshot = await session.get_one(Revision, (item.id, revision))
    decision = Decision(
        item_id=item.id,
        revision=revision,
        content_hash=snapshot.content_hash,
        stage=Stage.SECTION,
        kind=verdict.kind,
        outcome=outcome,
        opinion=verdict.opinion.strip(),
        basis=None,
        form={},
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
        afterwards=True,
    )
    session.add(decision)
    await session.flush()
    if stops:
        standing = standing_after(verdict.kind, outcome, is_last_stage=False)
        record = await settle_record(session, item, snapshot, standing, decision)
    else:
        record = await open_record(session, item, snapshot)
        await session.flush()
    await audit.record(
        session,
        by,
        f"review.section.{verdict.kind}",
        "item",
        item.id,
        revision=revision,
        content_hash=snapshot.content_hash,
        opinion_mac=audit.text_mac(session, verdict.opinion),
        outcome=outcome,
        record=number_label(record.year, record.number),
        afterwards=True,
    )
    return emergency


async def require_may_keep(session: AsyncSession, item: Item, by: Person) -> Emergency:
    """The emergency whose proposed withdrawal `by` may turn down. Raises Forbidden, DutiesNotSeparate (who wrote it or
    objected can't), NotPossible."""
    require(by, Act.DECIDE_SIGN_OFF)
    require_separate_duties(
        Acting(by, Stage.SIGN_OFF),
        authors=await authors_of(session, item),
        decisions=[one for one in await decisions_of(session, item.id) if one.stage is Stage.SECTION],
        revision=item.revision,
    )
    emergency = await emergency_of(session, item)
    if emergency is None:
        raise NotPossible("这条信息不是应急发布，没有撤回建议。")
    next_section_review(emergency.section_review, SectionAction.KEEP)
    return emergency


async def keep_public(
    session: AsyncSession, item: Item, by: Person, reason: str, *, revision: int
) -> Emergency:
    """The signatory has heard the section and leaves it public: nothing is asked for any more.

    Raises Forbidden, DutiesNotSeparate (who objected can't), NotPossible, StaleState, InvalidContent.
    """
    emergency = await require_may_keep(session, item, by)
    require_revision(item, revision)
    if not reason.strip():
        raise invalid("kept_reason", "请写明维持公开的理由。")
    (await doorkeeper(session)).refuse_texts(kept_reason=reason)
    kept = {"kept_reason": reason.strip(), "kept_by_id": by.id, "kept_by_name": by.name}
    await _move(session, emergency, SectionAction.KEEP, **kept, kept_at=clock.now())
    await items.touch(session, item)
    await audit.record(
        session, by, "emergency.keep", "item", item.id, revision=item.revision, reason=reason.strip()
    )
    return emergency


def _action(kind: DecisionKind, *, is_out: bool) -> SectionAction:
    if kind is DecisionKind.APPROVE:
        return SectionAction.AGREE
    return SectionAction.OBJECT if is_out else SectionAction.OBJECT_IN_TIME


async def _move(session: AsyncSession, emergency: Emergency, action: SectionAction, **changes: Any) -> None:
    """Guarded by the state that was read. Raises NotPossible, StaleState."""
    query = (
        update(Emergency)
        .where(
            Emergency.item_id == emergency.item_id,
            Emergency.revision == emergency.revision,
            Emergency.section_review == emergency.section_review,
        )
        .values(section_review=next_section_review(emergency.section_review, action), **changes)
        .returning(Emergency.item_id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise StaleState("科室补审刚被他人处理过，您的操作没有生效。请刷新页面后再看。")
    await session.refresh(emergency)
