"""Decisions: one a stage on a revision, each by somebody else than who wrote it, each leaving a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import Forbidden, NotPossible, StaleState
from outreach.items import service as items
from outreach.items.model import Item, ItemState, Revision, Stage
from outreach.items.queries import authors_of
from outreach.items.rules import ItemAction, place_label
from outreach.people.model import Person
from outreach.people.rules import Act, may, require
from outreach.review.form import EMPTY, ReviewForm
from outreach.review.model import Decision, DecisionKind, Outcome
from outreach.review.queries import decisions_of, open_referral_of
from outreach.review.rules import (
    ACT_OF_STAGE,
    ACTION_OF_DECISION,
    number_label,
    outcome_of,
    require_consistent,
    require_reasons,
    require_separate_duties,
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
        DutiesNotSeparate: `by` wrote the revision or decided at another stage of it.
        StaleState: the item was edited after `revision`, or somebody else decided; nothing is recorded.
        NotPossible: not in review, or a finding or an unanswered referral holds the confidentiality stage.
        InvalidContent: the opinion or the basis is missing, the outcome or the form contradicts the decision, or a
            text bears a classification mark.
    """
    stage = await require_may_decide(session, item, by)
    require_revision(item, revision)
    if verdict.kind is DecisionKind.APPROVE and stage is Stage.CONFIDENTIALITY:
        _require_findings_decided(await findings_of(session, item))
        await _require_answered(session, item)
    outcome = outcome_of(verdict.kind, verdict.outcome)
    require_reasons(verdict.kind, outcome, verdict.opinion, verdict.basis)
    require_consistent(verdict.kind, verdict.form)
    door = await doorkeeper(session)
    door.refuse_text("opinion", verdict.opinion)
    door.refuse_text("basis", verdict.basis or "")
    for name, value in verdict.form.filled_in().items():
        door.refuse_text(name, str(value))

    snapshot = await session.get_one(Revision, (item.id, item.revision))
    action = ACTION_OF_DECISION[verdict.kind]
    goes_on = action is ItemAction.APPROVE
    await items.move(session, item, action, waiting_since=clock.now() if goes_on else None)
    decision = _row(item, snapshot, stage, by, verdict, outcome)
    session.add(decision)
    await session.flush()
    standing = standing_after(verdict.kind, outcome, is_last_stage=item.state is ItemState.APPROVED)
    record = await settle_record(session, item, snapshot, standing, decision)
    await audit.record(
        session,
        by,
        f"review.{stage}.{verdict.kind}",
        "item",
        item.id,
        revision=item.revision,
        content_hash=snapshot.content_hash,
        opinion_mac=audit.text_mac(session, verdict.opinion),
        basis_mac=audit.text_mac(session, verdict.basis),
        outcome=outcome,
        record=number_label(record.year, record.number),
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
    """属实 or 误报: the confidentiality reviewer's, at that stage, under the same separation of duties."""
    await require_may_judge(session, item, by)
    require_revision(item, revision)
    finding = await screening.judge_finding(
        session, item, finding_id, by, judgement, reason, remembers=remembers
    )
    await items.touch(session, item)
    return finding


async def require_may_decide(session: AsyncSession, item: Item, by: Person) -> Stage:
    """The stage at which `by` may decide now. The stage's role comes first (outside of review any
    reviewer's, so that the state is told to who may know), then the separation of duties, then the state.

    Raises Forbidden, DutiesNotSeparate, NotPossible.
    """
    if item.stage is not None:
        require(by, ACT_OF_STAGE[item.stage])
    elif not any(may(by, act) for act in ACT_OF_STAGE.values()):
        raise Forbidden("此操作需要审核角色。如有需要，请联系系统管理员。")
    await require_separate(session, item, by)
    if item.stage is None:
        raise NotPossible(f"信息当前为“{place_label((item.state, None))}”，不在审核中。")
    return item.stage


async def require_may_judge(session: AsyncSession, item: Item, by: Person) -> None:
    """Findings are the confidentiality reviewer's, who must not have written the text or decided elsewhere,
    at that stage. Raises Forbidden, DutiesNotSeparate, NotPossible."""
    require(by, Act.JUDGE_FINDINGS)
    await require_separate(session, item, by)
    if item.stage is not Stage.CONFIDENTIALITY:
        raise NotPossible(
            f"疑点在保密审查环节判定；这条信息当前为“{place_label((item.state, item.stage))}”。"
        )


def require_revision(item: Item, revision: int) -> None:
    """Raises StaleState where the item was edited after `revision`."""
    if item.revision != revision:
        raise StaleState(
            f"这条信息已修改为第 {item.revision} 版，您看到的是第 {revision} 版。请重新阅读后再作决定。"
        )


async def require_separate(session: AsyncSession, item: Item, by: Person) -> None:
    """Raises DutiesNotSeparate where `by` wrote the present revision or decided at another stage of it."""
    require_separate_duties(
        by.id,
        authors=await authors_of(session, item),
        decisions=await decisions_of(session, item.id) if item.state is ItemState.IN_REVIEW else (),
        revision=item.revision,
    )


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
    item: Item, snapshot: Revision, stage: Stage, by: Person, verdict: Verdict, outcome: Outcome | None
) -> Decision:
    return Decision(
        item_id=item.id,
        revision=snapshot.number,
        content_hash=snapshot.content_hash,
        stage=stage,
        kind=verdict.kind,
        outcome=outcome,
        opinion=verdict.opinion.strip(),
        basis=(verdict.basis or "").strip() or None,
        form=verdict.form.filled_in(),
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
