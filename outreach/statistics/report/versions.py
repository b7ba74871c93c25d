"""A report is submitted, decided on at two stages by others, and final; what changes later is a new version.

Of any type: the caller brings the content as its type writes it, and every text that is printed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import (
    DutiesNotSeparate,
    Forbidden,
    NotPossible,
    StaleState,
    invalid,
)
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review.acting import Acting, require_separate_duties
from outreach.screening.marks import doorkeeper
from outreach.screening.office_engine import office_engine
from outreach.screening.rules import LABELS, Severity
from outreach.statistics.report.model import (
    ReportDecision,
    ReportDecisionKind,
    ReportType,
    ReportVersion,
    VersionState,
)
from outreach.statistics.report.queries import decisions_of, last_final
from outreach.statistics.report.rules import (
    ACTION_OF,
    OPINION_MAX,
    STAGE_OF,
    STATE_LABELS,
    VersionAction,
    next_state,
    rights_at,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become a version. `texts` by the names of their fields; `author_ids` beside whoever submits."""

    type: ReportType
    period: str
    title: str
    content: Mapping[str, Any]
    texts: Mapping[str, str]
    author_ids: Sequence[str]


async def submit_version(session: AsyncSession, by: Person, draft: Draft) -> ReportVersion:
    """Freezes the draft as the next version, screens it and hands it to the confidentiality stage.

    Raises:
        Forbidden: not a statistician.
        ClassificationMarkFound: a text bears a mark; nothing is stored.
        NotPossible: a version is under way, or nothing has changed since the last final one.
    """
    require(by, Act.KEEP_FIGURES)
    (await doorkeeper(session)).refuse_texts(**draft.texts)
    await audit.hold(session)  # of two who submit at once, the second finds the first here
    await _require_none_open(session, draft)
    content_hash = hash_of(draft.content)
    final = await last_final(session, draft.type, draft.period)
    if final is not None and final.content_hash == content_hash:
        raise NotPossible(f"内容与已定稿的第 {final.number} 版完全相同，不用再提交。")
    last = await session.scalar(_of_report(select(func.max(ReportVersion.number)), draft))
    version = ReportVersion(
        type=draft.type,
        period=draft.period,
        number=(last or 0) + 1,
        title=draft.title,
        state=VersionState.CONFIDENTIALITY,
        content=dict(draft.content),
        content_hash=content_hash,
        findings=await _findings(session, draft.texts),
        author_ids=list(dict.fromkeys([by.id, *draft.author_ids])),
        submitted_by_id=by.id,
        submitted_by_name=by.name,
        submitted_at=clock.now(),
    )
    session.add(version)
    await session.flush()
    await _record(session, by, version, "submit", findings=len(version.findings))
    return version


async def decide_version(
    session: AsyncSession,
    by: Person,
    version: ReportVersion,
    kind: ReportDecisionKind,
    opinion: str,
    *,
    content_hash: str,
) -> None:
    """Records a decision at the version's present stage: on to the sign-off, final, or back.

    Raises:
        Forbidden: not this stage's role.
        DutiesNotSeparate: `by`, or whom they stand in for, wrote at it or decided at the other stage.
        StaleState: `content_hash` is not this version's, or somebody else has decided meanwhile.
        NotPossible: it waits for nobody.
        InvalidContent: the opinion is missing (to return it, or where the screening found something grave), too long,
            or bears a classification mark.
    """
    stage = STAGE_OF.get(version.state)
    if stage is None:
        raise NotPossible(f"这一版{STATE_LABELS[version.state]}，不在审查中。")
    acting = await _acting(session, by, version)
    if content_hash != version.content_hash:
        raise StaleState("您看到的不是这一版的内容，请刷新页面后再作决定。")
    opinion = opinion.strip()
    (await doorkeeper(session)).refuse_texts(opinion=opinion)
    _require_opinion(version, kind, opinion)
    decided_on = version.state
    await _move(session, version, ACTION_OF[kind])
    session.add(
        ReportDecision(
            version_id=version.id,
            revision=version.number,
            stage=stage,
            kind=kind,
            opinion=opinion,
            content_hash=version.content_hash,
            by_id=by.id,
            by_name=by.name,
            absent_id=acting.absent_id,
            absent_name=acting.absent_name,
            at=clock.now(),
        )
    )
    await session.flush()
    mac = audit.text_mac(session, opinion)
    await _record(session, by, version, f"{decided_on}.{kind}", opinion_mac=mac, **acting.told)


async def recall_version(session: AsyncSession, by: Person, version: ReportVersion) -> None:
    """Whoever submitted it takes it back. Raises Forbidden, NotPossible, StaleState."""
    if by.id != version.submitted_by_id:
        raise Forbidden("只有提交人可以撤回提交。")
    await _move(session, version, VersionAction.RECALL)
    await _record(session, by, version, "recall")


async def open_for(session: AsyncSession, by: Person, version: ReportVersion) -> str | None:
    """Why `by` can't decide on the version now; None where they can."""
    if version.state not in STAGE_OF:
        return STATE_LABELS[version.state]
    try:
        await _acting(session, by, version)
    except Forbidden as problem:
        return problem.detail
    return None


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content in canonical JSON."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


async def _acting(session: AsyncSession, by: Person, version: ReportVersion) -> Acting:
    """The first of the rights of `by` that the separation of duties leaves."""
    decisions = await decisions_of(session, version)
    objections: list[DutiesNotSeparate] = []
    for acting in rights_at(by, STAGE_OF[version.state]):
        try:
            require_separate_duties(
                acting,
                authors=version.author_ids,
                decisions=decisions,
                revision=version.number,
                what="这份报告（包括其中的数字和文字）",
            )
        except DutiesNotSeparate as problem:
            objections.append(problem)
        else:
            return acting
    raise objections[0]


def _require_opinion(version: ReportVersion, kind: ReportDecisionKind, opinion: str) -> None:
    if len(opinion) > OPINION_MAX:
        raise invalid("opinion", f"意见最多 {OPINION_MAX} 个字，请缩短。")
    if opinion:
        return
    if kind is ReportDecisionKind.RETURN:
        raise invalid("opinion", "退回时请填写意见，说明要修改什么。")
    grave = any(one["severity"] != Severity.HINT for one in version.findings)
    if grave and version.state is VersionState.CONFIDENTIALITY:
        raise invalid("opinion", "初筛有疑点。同意的，请在意见中逐处写明理由。")


async def _findings(session: AsyncSession, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the screening finds, by the office's rules and words."""
    engine = (await office_engine(session)).engine
    return [
        {
            "place": place,
            "label": LABELS.get(match.label, match.label),
            "severity": match.severity,
            "text": match.text,
            "advice": match.advice,
        }
        for place, text in texts.items()
        for match in engine.screen(text)
    ]


async def _move(session: AsyncSession, version: ReportVersion, action: VersionAction) -> None:
    """Guarded by the state that was read. Raises NotPossible, StaleState."""
    after = next_state(version.state, action)
    final_on = clock.today(clock.SHANGHAI) if after is VersionState.FINAL else None
    moved = await session.execute(
        update(ReportVersion)
        .where(ReportVersion.id == version.id, ReportVersion.state == version.state)
        .values(state=after, final_on=final_on)
        .returning(ReportVersion.id)
        .execution_options(synchronize_session=False)
    )
    if moved.one_or_none() is None:
        raise StaleState("这份报告刚刚被他人处理，请刷新页面。")
    await session.refresh(version)


async def _require_none_open(session: AsyncSession, draft: Draft) -> None:
    under_way = _of_report(select(ReportVersion.number), draft).where(ReportVersion.state.in_(list(STAGE_OF)))
    if (number := await session.scalar(under_way)) is not None:
        raise NotPossible(f"第 {number} 版还在审查中，审查结束或撤回提交后再提交。")


def _of_report(query: Any, draft: Draft) -> Any:
    return query.where(ReportVersion.type == draft.type, ReportVersion.period == draft.period)


async def _record(session: AsyncSession, by: Person, version: ReportVersion, act: str, **detail: Any) -> None:
    told = {"type": version.type.value, "period": version.period, "number": version.number, **detail}
    await audit.record(
        session, by, f"report.{act}", "report", version.id, content_hash=version.content_hash, **told
    )
