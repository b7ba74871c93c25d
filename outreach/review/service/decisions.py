"""Decisions: one a stage on a revision, each by somebody else than who wrote it, each leaving a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import DutiesNotSeparate, Forbidden, NotPossible, StaleState
from outreach.items import service as items
from outreach.items.model import Item, ItemState, Revision, Stage
from outreach.items.queries import authors_of
from outreach.items.rules import ItemAction, place_label
from outreach.people.model import Person
from outreach.people.rules import require
from outreach.review.acting import (
    ACT_OF_STAGE,
    Acting,
    require_no_author,
    require_separate_duties,
    reviews_anywhere,
    rights_at,
)
from outreach.review.form import EMPTY, ReviewForm
from outreach.review.model import Decision, DecisionKind, Outcome
from outreach.review.queries import decisions_of, open_referral_of
from outreach.review.rules import (
    ACTION_OF_DECISION,
    number_label,
    outcome_of,
    require_consistent,
    require_reasons,
    standing_after,
)
from outreach.review.service.records import settle_record
from outreach.screening import service as screening
from outreach.screening.marks import doorkeeper
from outreach.screening.model import Finding, Judgement
from outreach.screening.queries import findings_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides: `basis` is the law where it is withheld in whole or part, `outcome` one that fits the
    decision (without it the usual one), `form` further fields of the statutory review form."""

    kind: DecisionKind
    opinion: str = ""
    basis: str | None = None
    form: ReviewForm = EMPTY
    outcome: Outcome | None = None


async def record_decision(
    session: AsyncSession, item: Item, by: Person, verdict: Verdict, *, revision: int
) -> Item:
    """Records `by`'s decision at the item's present stage and moves the item on.

    Raises:
        Forbidden: not this stage's role.
        DutiesNotSeparate: `by`, or whom they stand in for, wrote the revision or decided at another stage of it.
        StaleState: the item was edited after `revision`, or somebody else decided; nothing is recorded.
        NotPossible: not in review, or a finding or an unanswered referral holds the confidentiality stage.
        InvalidContent: the opinion or the basis is missing, the outcome or the form contradicts the decision, or a
            text bears a classification mark.
    """
    acting = await require_may_decide(session, item, by)
    require_revision(item, revision)
    if verdict.kind is DecisionKind.APPROVE and acting.stage is Stage.CONFIDENTIALITY:
        _require_findings_decided(await findings_of(session, item))
        await _require_answered(session, item)
    given = {name: str(value) for name, value in verdict.form.filled_in().items()}
    (await doorkeeper(session)).refuse_texts(opinion=verdict.opinion, basis=verdict.basis or "", **given)
    outcome = outcome_of(verdict.kind, verdict.outcome)
    require_reasons(verdict.kind, outcome, verdict.opinion, verdict.basis)
    require_consistent(verdict.kind, verdict.form)

    snapshot = await session.get_one(Revision, (item.id, item.revision))
    action = ACTION_OF_DECISION[verdict.kind]
    goes_on = action is ItemAction.APPROVE
    await items.move(session, item, action, waiting_since=clock.now() if goes_on else None)
    decision = _row(item, snapshot, acting, verdict, outcome)
    session.add(decision)
    await session.flush()
    standing = standing_after(verdict.kind, outcome, is_last_stage=item.state is ItemState.APPROVED)
    record = await settle_record(session, item, snapshot, standing, decision)
    await audit.record(
        session,
        by,
        f"review.{acting.stage}.{verdict.kind}",
        "item",
        item.id,
        revision=item.revision,
        content_hash=snapshot.content_hash,
        opinion_mac=audit.text_mac(session, verdict.opinion),
        basis_mac=audit.text_mac(session, verdict.basis),
        outcome=outcome,
        record=number_label(record.year, record.number),
        **acting.told,
    )
    return item


async def judge_finding(
    session: AsyncSession,
    item: Item,
    finding_id: str,
    by: Person,
    judgement: Judgement,
    reason: str,
    *,
    revision: int,
    remembers: bool = False,
) -> Finding:
    """属实 or 误报: the confidentiality reviewer's, at that stage, under the same separation of duties. A deputy judges
    this revision alone: nothing that they say is remembered beyond it (Forbidden)."""
    acting = await require_may_judge(session, item, by)
    require_revision(item, revision)
    if remembers and acting.absent:
        raise Forbidden("记住写法由保密审查员本人决定，代审时只判定这一处。")
    finding = await screening.judge_finding(
        session, item, finding_id, by, judgement, reason, remembers=remembers, told=acting.told
    )
    await items.touch(session, item)
    return finding


async def require_may_decide(session: AsyncSession, item: Item, by: Person) -> Acting:
    """In whose right `by` may decide at the item's stage now. The stage's role comes first (outside of review any
    reviewer's, so that the state is told to who may know), then the separation of duties, then the state.

    Raises Forbidden, DutiesNotSeparate, NotPossible.
    """
    if item.stage is not None:
        return await _acting_at(session, item, by, item.stage)
    if not reviews_anywhere(by):
        raise Forbidden("此操作需要审核角色。如有需要，请联系系统管理员。")
    require_no_author(by, await authors_of(session, item))
    raise NotPossible(f"信息当前为“{place_label((item.state, None))}”，不在审核中。")


async def require_may_judge(session: AsyncSession, item: Item, by: Person) -> Acting:
    """Findings are judged by whoever decides at the confidentiality stage, at that stage. Raises Forbidden,
    DutiesNotSeparate, NotPossible."""
    return await require_at_confidentiality(session, item, by, "疑点在保密审查环节判定")


async def require_at_confidentiality(session: AsyncSession, item: Item, by: Person, told: str) -> Acting:
    """In whose right `by` may decide at the confidentiality stage, where the item must stand; `told` says what is done
    there. Raises Forbidden, DutiesNotSeparate, NotPossible."""
    acting = await _acting_at(session, item, by, Stage.CONFIDENTIALITY)
    if item.stage is not Stage.CONFIDENTIALITY:
        raise NotPossible(f"{told}；这条信息当前为“{place_label((item.state, item.stage))}”。")
    return acting


def require_revision(item: Item, revision: int) -> None:
    """Raises StaleState where the item was edited after `revision`."""
    if item.revision != revision:
        raise StaleState(
            f"这条信息已修改为第 {item.revision} 版，您看到的是第 {revision} 版。请重新阅读后再作决定。"
        )


async def _acting_at(session: AsyncSession, item: Item, by: Person, stage: Stage) -> Acting:
    """The first of the rights of `by` at that stage that the separation of duties leaves; where it leaves none, the
    objection to the first is raised."""
    rights = rights_at(by, stage, item.section_id)
    if not rights:
        require(by, ACT_OF_STAGE[stage])
        raise Forbidden("这条信息不属于您所在的科室。")
    authors = await authors_of(session, item)
    decisions = await decisions_of(session, item.id) if item.state is ItemState.IN_REVIEW else ()
    objections: list[DutiesNotSeparate] = []
    for acting in rights:
        try:
            require_separate_duties(acting, authors=authors, decisions=decisions, revision=item.revision)
        except DutiesNotSeparate as problem:
            objections.append(problem)
        else:
            return acting
    raise objections[0]


def _require_findings_decided(findings: Sequence[Finding]) -> None:
    open_ones = [one for one in findings if screening.holds(one)]
    undecided = sum(1 for one in open_ones if one.judgement is None)
    if undecided:
        raise NotPossible(f"还有 {undecided} 处疑点没有判定（属实或误报），不能同意。")
    if open_ones:
        raise NotPossible(f"有 {len(open_ones)} 处疑点属实且仍在文中，请退回修改后再审。")


async def _require_answered(session: AsyncSession, item: Item) -> None:
    referral = await open_referral_of(session, item)
    if referral is not None:
        raise NotPossible(f"已报请{referral.referred_to}确定，记录答复后才能同意。")


def _row(
    item: Item, snapshot: Revision, acting: Acting, verdict: Verdict, outcome: Outcome | None
) -> Decision:
    return Decision(
        item_id=item.id,
        revision=snapshot.number,
        content_hash=snapshot.content_hash,
        stage=acting.stage,
        kind=verdict.kind,
        outcome=outcome,
        opinion=verdict.opinion.strip(),
        basis=(verdict.basis or "").strip() or None,
        form=verdict.form.filled_in(),
        by_id=acting.person.id,
        by_name=acting.person.name,
        absent_id=acting.absent_id,
        absent_name=acting.absent_name,
        at=clock.now(),
    )
