"""What is found in a revision is stored with it; what bears a classification mark is not stored at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import ClassificationMarkFound, FieldError, NotFound, invalid
from outreach.items.model import Item
from outreach.items.rules import texts_of
from outreach.people.model import Person
from outreach.screening.model import Finding, Judgement
from outreach.screening.rules import Match, Severity, has_classification_mark, screen
from outreach.screening.stated_index import stated_index_matches

MAX_REASON: Final = 500

_TOLD = (
    "这段文字带有密级标志，本系统不接收、也没有保存。请立即停止在非涉密系统中处理该内容，"
    "并向本单位保密工作机构报告；确认不涉密的，去掉密级标志后再提交。"
)


def refuse_classification_marks(snapshot: Mapping[str, Any]) -> None:
    """Raises ClassificationMarkFound where a text of the item bears a mark, naming each field."""
    marked = [name for name, text in texts_of(snapshot).items() if has_classification_mark(text)]
    if marked:
        raise ClassificationMarkFound(_TOLD, errors=[FieldError(name, _TOLD) for name in marked])


def refuse_marked_text(field: str, text: str) -> None:
    """The same for one text that somebody typed (an opinion, a reason)."""
    if has_classification_mark(text):
        raise ClassificationMarkFound(_TOLD, errors=[FieldError(field, _TOLD)])


def screen_snapshot(snapshot: Mapping[str, Any]) -> list[tuple[str, Match]]:
    """Everything that the rules find in an item, with the dotted name of its field."""
    in_texts = [(name, match) for name, text in texts_of(snapshot).items() for match in screen(text)]
    return [*in_texts, *stated_index_matches(snapshot)]


async def keep_findings(session: AsyncSession, item: Item, found: list[tuple[str, Match]]) -> list[Finding]:
    """Stores what was found in the item's present revision; an earlier run of the same revision is replaced."""
    present = (Finding.item_id == item.id, Finding.revision == item.revision)
    await session.execute(delete(Finding).where(*present))
    findings = [
        Finding(
            item_id=item.id,
            revision=item.revision,
            field=name,
            start=match.start,
            end=match.end,
            label=match.label,
            severity=match.severity,
            rule=match.rule,
            advice=match.advice,
            basis=match.basis,
        )
        for name, match in found
    ]
    session.add_all(findings)
    await session.flush()
    return findings


async def judge_finding(
    session: AsyncSession, item: Item, finding_id: str, by: Person, judgement: Judgement, reason: str
) -> Finding:
    """属实 or 误报, with a reason. Whether `by` may say so at this stage is `review`'s to know."""
    finding = await session.get(Finding, finding_id)
    if finding is None or finding.item_id != item.id or finding.revision != item.revision:
        raise NotFound("没有这个疑点，或者它属于以前的版本。")
    refuse_marked_text("reason", reason)
    if judgement is Judgement.FALSE_ALARM and not reason.strip():
        raise invalid("reason", "判定为误报时请写明理由。")
    if len(reason.strip()) > MAX_REASON:
        raise invalid("reason", f"理由最多 {MAX_REASON} 个字，请缩短。")
    finding.judgement, finding.reason = judgement, reason.strip() or None
    finding.judged_by, finding.judged_at = by.id, clock.now()
    await session.flush()
    await audit.record(
        session, by, "finding.judge", "item", item.id, finding=finding.id, label=finding.label,
        judgement=judgement.value, revision=item.revision,
    )  # fmt: skip
    return finding


def holds(finding: Finding) -> bool:
    """Whether the finding keeps the confidentiality stage from approving: undecided, or real and still in
    the text (an edit makes a new revision, which is screened anew)."""
    return finding.severity is not Severity.HINT and finding.judgement is not Judgement.FALSE_ALARM
