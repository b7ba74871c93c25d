"""退回并附遮盖建议: the confidentiality reviewer returns an item and stores what to write instead.

The proposal makes the reviewer no author: nothing of the item changes until one of its writers takes it over, whose
revision it then is, so that whoever proposed it stays free to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import NotFound, NotPossible, invalid
from outreach.items.content import read_content
from outreach.items.model import Item
from outreach.items.rules import texts_of, with_texts
from outreach.items.service import as_typed, snapshot_of
from outreach.people.model import Person
from outreach.review.acting import Acting
from outreach.review.model import DecisionKind, Outcome, ProposalState, RedactionProposal
from outreach.review.queries import fits
from outreach.review.rules import removal_basis
from outreach.review.service.decisions import (
    Verdict,
    judge_finding,
    record_decision,
    require_may_judge,
    require_revision,
)
from outreach.screening.masks import Spot, redacted
from outreach.screening.model import Finding, Judgement
from outreach.screening.queries import findings_of
from outreach.screening.service import may_be_masked


@dataclass(frozen=True, slots=True)
class Removal:
    """Which findings are real and to be masked; without an `opinion` or a `basis` the usual ones stand."""

    finding_ids: Sequence[str]
    opinion: str = ""
    basis: str | None = None


async def return_with_masks(
    session: AsyncSession, item: Item, by: Person, removal: Removal, *, revision: int
) -> RedactionProposal:
    """Judges the chosen findings real, returns the item as 删减后公开, and stores the masked texts beside it.

    Raises:
        Forbidden, DutiesNotSeparate, NotPossible: not for `by` to judge here.
        StaleState: edited after `revision`.
        InvalidContent: nothing was chosen, or masked the item would be none that the form takes.
    """
    acting = await require_may_judge(session, item, by)
    require_revision(item, revision)
    chosen = _chosen(await findings_of(session, item), removal.finding_ids)
    changes = redacted(
        texts_of(snapshot_of(item)), [Spot(one.label, one.field, one.start, one.end) for one in chosen]
    )
    read_content(with_texts(as_typed(item), changes))
    for one in chosen:
        await judge_finding(session, item, one.id, by, Judgement.REAL, one.reason or "", revision=revision)
    verdict = Verdict(
        DecisionKind.RETURN,
        removal.opinion.strip() or f"有 {len(chosen)} 处内容不宜公开，请按遮盖建议删减后重新提交。",
        removal.basis or removal_basis(one.label for one in chosen),
        outcome=Outcome.AFTER_REMOVAL,
    )
    await record_decision(session, item, by, verdict, revision=revision)
    return await _store(session, item, acting, changes, len(chosen))


async def patch_of(session: AsyncSession, item: Item, proposal_id: str) -> dict[str, Any]:
    """What the proposal changes in the item, as a merge patch of its fields. Raises NotFound, NotPossible."""
    proposal = await require_proposal(session, item, proposal_id)
    if not await fits(session, item, proposal):
        raise NotPossible("这条信息在提出建议后改动过，遮盖建议不再适用。请点“修改”自行删减。")
    typed = as_typed(item)
    return {
        name: value for name, value in with_texts(typed, proposal.changes).items() if value != typed[name]
    }


async def close_proposal(
    session: AsyncSession, item: Item, proposal_id: str, by: Person, state: ProposalState
) -> None:
    """The proposal was taken over, or will not be. Raises NotFound, NotPossible."""
    await require_proposal(session, item, proposal_id)
    open_one = (RedactionProposal.id == proposal_id, RedactionProposal.state == ProposalState.OPEN)
    closed = await session.execute(_closing(state, by).where(*open_one).returning(RedactionProposal.id))
    if closed.scalar_one_or_none() is None:
        raise NotPossible("这份遮盖建议已经处理过。")
    act = "redaction.take" if state is ProposalState.TAKEN else "redaction.drop"
    await audit.record(session, by, act, "item", item.id, revision=item.revision)


async def require_proposal(session: AsyncSession, item: Item, proposal_id: str) -> RedactionProposal:
    """The proposal of that id, as it stands. Raises NotFound."""
    found = await session.get(RedactionProposal, proposal_id, populate_existing=True)
    if found is None or found.item_id != item.id:
        raise NotFound("没有这份遮盖建议。")
    return found


def _chosen(findings: Sequence[Finding], ids: Sequence[str]) -> list[Finding]:
    chosen = [one for one in findings if one.id in ids and may_be_masked(one)]
    if not chosen:
        raise invalid("findings", "请勾选要遮盖的疑点。")
    return chosen


async def _store(
    session: AsyncSession, item: Item, acting: Acting, changes: dict[str, str], count: int
) -> RedactionProposal:
    """An earlier proposal that nobody took over makes room."""
    by = acting.person
    earlier = (RedactionProposal.item_id == item.id, RedactionProposal.state == ProposalState.OPEN)
    await session.execute(_closing(ProposalState.DROPPED, by).where(*earlier))
    proposal = RedactionProposal(
        item_id=item.id,
        revision=item.revision,
        changes=changes,
        state=ProposalState.OPEN,
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
    session.add(proposal)
    await session.flush()
    await audit.record(
        session, by, "redaction.propose", "item", item.id,
        revision=item.revision, findings=count, **acting.told,
    )  # fmt: skip
    return proposal


def _closing(state: ProposalState, by: Person) -> Any:
    return update(RedactionProposal).values(
        state=state, closed_by_id=by.id, closed_by_name=by.name, closed_at=clock.now()
    )
