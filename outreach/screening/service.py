"""What is found in a revision is stored with it, and judged; and what the office tells the screening is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.problems import NotFound, NotPossible, StaleState, invalid
from outreach.items.model import Item, Revision
from outreach.items.rules import texts_of
from outreach.people.model import Person
from outreach.screening.detectors import classification_mark
from outreach.screening.detectors.persons import minor, reporter
from outreach.screening.in_files import InFile, mark_line, masked
from outreach.screening.marks import Refusal, doorkeeper, line_mac, released_lines
from outreach.screening.masks import is_maskable
from outreach.screening.model import (
    AcceptedWording,
    Finding,
    Judgement,
    MarkIncident,
    ReleasedLine,
    ScreeningReport,
)
from outreach.screening.normalise import read
from outreach.screening.office_engine import Versions, office_engine
from outreach.screening.rules import Match, Severity
from outreach.screening.stated_index import stated_index_matches

MAX_REASON: Final = 500

MAX_SHOWN: Final = 200

FindingsByFile = Mapping[str, Sequence[InFile]]
"""What was found in files, by their hashes."""

# Whatever anybody accepts: 未成年人保护法 art. 103, 生态环境法典 art. 146, 保守国家秘密法.
_NEVER_ACCEPTED: Final = frozenset(
    one.name for one in (*minor.DETECTORS, *reporter.DETECTORS, *classification_mark.DETECTORS)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a text of an item, or in a file of it.

    Attributes:
        field: the dotted name of the text, or of the attachment.
        attachment: the name of the file, None where it is in a text.
        place: where in the file, for people.
        line: that of a classification mark.
    """

    field: str
    match: Match
    attachment: str | None = None
    place: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found in an item, and by what it was screened."""

    found: Sequence[Found]
    versions: Versions


async def screen_snapshot(
    session: AsyncSession, snapshot: Mapping[str, Any], files: FindingsByFile
) -> Screened:
    """Everything that the rules, the office's words and its choices find in an item. `files` is what they found in
    its files.

    Raises StaleState where a file is not among them: it came after they had been looked through.
    """
    office = await office_engine(session)
    in_texts = [
        Found(name, match, line=mark_line(text, match))
        for name, text in texts_of(snapshot).items()
        for match in office.engine.screen(text)
    ]
    in_fields = [Found(name, match) for name, match in stated_index_matches(snapshot)]
    in_files = _in_attachments(snapshot["attachments"], files)
    return Screened([*in_texts, *in_fields, *in_files], office.versions)


def _in_attachments(attachments: Sequence[Mapping[str, Any]], files: FindingsByFile) -> Iterator[Found]:
    for number, attachment in enumerate(attachments):
        if attachment["sha256"] not in files:
            raise StaleState("附件刚被更换，没有提交。请刷新页面后再提交。")
        for one in files[attachment["sha256"]]:
            yield Found(f"attachments.{number}", one.match, attachment["name"], one.place, one.line)


async def keep_findings(session: AsyncSession, item: Item, screened: Screened) -> list[Finding]:
    """Stores what was found in the item's present revision; an earlier run of the same revision is replaced.
    A wording that a reviewer has accepted for this matter comes judged, and so does a line that was released."""
    present = (Finding.item_id == item.id, Finding.revision == item.revision)
    await session.execute(delete(Finding).where(*present))
    accepted = await _accepted(session, item)
    released = await released_lines(session) if any(one.line for one in screened.found) else {}
    findings = [_finding(session, item, one, accepted, released) for one in screened.found]
    session.add_all(findings)
    await session.merge(
        ScreeningReport(
            item_id=item.id,
            revision=item.revision,
            rules=screened.versions.rules,
            word_lists=screened.versions.word_lists,
            party_names=screened.versions.party_names,
            screened_at=clock.now(),
        )
    )
    await session.flush()
    return findings


def _shown(found: Found) -> str:
    """What a page shows of a finding in a file: enough to find it there, and no second copy of what must not be
    disclosed. Of a hint nothing needs to be hidden."""
    text = found.match.text[:MAX_SHOWN]
    return text if found.match.severity is Severity.HINT else masked(text)


async def judge_finding(
    session: AsyncSession,
    item: Item,
    finding_id: str,
    by: Person,
    judgement: Judgement,
    reason: str,
    *,
    remembers: bool = False,
    told: Mapping[str, str] = MappingProxyType({}),
) -> Finding:
    """属实 or 误报, with a reason. `remembers`: the wording is accepted for this kind and section from now on.
    Whether `by` may say so at this stage is `review`'s to know, and what is `told` of it in the audit log besides."""
    finding = await session.get(Finding, finding_id)
    if finding is None or finding.item_id != item.id or finding.revision != item.revision:
        raise NotFound("没有这个疑点，或者它属于以前的版本。")
    (await doorkeeper(session)).refuse_texts(reason=reason)
    if judgement is Judgement.FALSE_ALARM and not reason.strip():
        raise invalid("reason", "判定为误报时请写明理由。")
    if len(reason.strip()) > MAX_REASON:
        raise invalid("reason", f"理由最多 {MAX_REASON} 个字，请缩短。")
    finding.judgement, finding.reason = judgement, reason.strip() or None
    finding.judged_by, finding.judged_at = by.id, clock.now()
    if remembers:
        await _accept_wording(session, item, finding, by)
    await session.flush()
    await audit.record(
        session, by, "finding.judge", "item", item.id, finding=finding.id, label=finding.label,
        judgement=judgement.value, revision=item.revision, remembered=remembers, **told,
    )  # fmt: skip
    return finding


async def revoke_wording(session: AsyncSession, by: Actor, wording_id: str) -> None:
    """What was accepted once is looked at again. Raises NotFound, NotPossible."""
    await _revoke(session, AcceptedWording, by, wording_id, "wording.revoke")


async def release_line(session: AsyncSession, by: Person, line: str, reason: str) -> ReleasedLine:
    """Lets a line pass that looks like a classification mark and is none. Raises InvalidContent."""
    if not line.strip() or "\n" in line.strip():
        raise invalid("line", "请输入被拒绝的那一行文字，一次一行。")
    if not reason.strip():
        raise invalid("reason", "请写明为什么确认不涉密。")
    if len(reason.strip()) > MAX_REASON:
        raise invalid("reason", f"理由最多 {MAX_REASON} 个字，请缩短。")
    mac = line_mac(session.info["audit_key"], line)
    await audit.hold(session)  # of two who release the same at once, the second finds it here
    standing = (ReleasedLine.mac == mac, ReleasedLine.revoked_at.is_(None))
    if known := await session.scalar(select(ReleasedLine).where(*standing)):
        return known
    released = ReleasedLine(mac=mac, reason=reason.strip(), released_by=by.id, released_at=clock.now())
    session.add(released)
    await session.flush()
    await audit.record(session, by, "line.release", "released_line", released.id, mac=mac)
    return released


async def revoke_line(session: AsyncSession, by: Actor, line_id: str) -> None:
    """The line is a mark again. Raises NotFound, NotPossible."""
    await _revoke(session, ReleasedLine, by, line_id, "line.revoke")


async def record_refusals(session: AsyncSession, by: Actor, refusals: Sequence[Refusal]) -> None:
    """Remembers what a door refused: who, when, the kind of mark, and an HMAC of the text. The same text that
    the same person brings again (a form that saves itself) is the same incident."""
    await audit.hold(session)  # a form that is sent twice is one incident
    for one in {refusal.text_hash: refusal for refusal in refusals}.values():
        known = (MarkIncident.text_hash == one.text_hash, MarkIncident.person_id == by.id)
        if await session.scalar(select(MarkIncident.id).where(*known)):
            continue
        incident = MarkIncident(
            person_id=by.id,
            field=one.field,
            rules=" ".join(one.rules),
            text_hash=one.text_hash,
            happened_at=clock.now(),
        )
        session.add(incident)
        await session.flush()
        await audit.record(session, by, "mark.refused", "mark_incident", incident.id, rules=list(one.rules))


async def close_incident(session: AsyncSession, by: Actor, incident_id: str, outcome: str) -> None:
    """What became of it: reported, or a mark by mistake. Raises NotFound, NotPossible, InvalidContent."""
    if not outcome.strip():
        raise invalid("outcome", "请写明处置情况：何时向谁报告、如何处理。")
    if len(outcome.strip()) > MAX_REASON:
        raise invalid("outcome", f"处置情况最多 {MAX_REASON} 个字，请缩短。")
    if await session.get(MarkIncident, incident_id) is None:
        raise NotFound("没有这条记录。")
    closed = await session.execute(
        update(MarkIncident)
        .where(MarkIncident.id == incident_id, MarkIncident.closed_at.is_(None))
        .values(closed_by=by.id, closed_at=clock.now(), outcome=outcome.strip())
        .returning(MarkIncident.id)
    )
    if closed.scalar_one_or_none() is None:
        raise NotPossible("这条记录已经办结。")
    await audit.record(session, by, "mark.closed", "mark_incident", incident_id)


def holds(finding: Finding) -> bool:
    """Whether the finding keeps the confidentiality stage from approving: undecided, or real and still in
    the text (an edit makes a new revision, which is screened anew)."""
    return finding.severity is not Severity.HINT and finding.judgement is not Judgement.FALSE_ALARM


def may_be_accepted(finding: Finding) -> bool:
    """Whether what was found can be accepted for good: a wording in a text, and of no rule that is never waived."""
    return finding.attachment is None and finding.rule not in _NEVER_ACCEPTED


def may_be_masked(finding: Finding) -> bool:
    """Whether a mask can stand in its place: it is in a text of the item, which is no name of a file."""
    return (
        finding.attachment is None
        and not finding.field.startswith("attachments.")
        and is_maskable(finding.label)
    )


def bears_mark(finding: Finding) -> bool:
    """Whether it is a classification mark whose line was not released."""
    return finding.label == classification_mark.LABEL and finding.judgement is not Judgement.FALSE_ALARM


def _finding(
    session: AsyncSession,
    item: Item,
    one: Found,
    accepted: Mapping[str, AcceptedWording],
    released: Mapping[str, ReleasedLine],
) -> Finding:
    match = one.match
    finding = Finding(
        item_id=item.id,
        revision=item.revision,
        field=one.field,
        start=match.start,
        end=match.end,
        label=match.label,
        severity=match.severity,
        rule=match.rule,
        advice=match.advice,
        basis=match.basis,
        attachment=one.attachment,
        place=one.place,
        shown=_shown(one) if one.attachment else None,
    )
    known = accepted.get(_wording_mac(session, match.label, match.text)) if accepted else None
    if known is not None and may_be_accepted(finding):
        finding.judgement, finding.judged_by = Judgement.FALSE_ALARM, known.accepted_by
        finding.judged_at, finding.reason = clock.now(), f"沿用以前的判定：{known.reason}"[:MAX_REASON]
    passes = released.get(line_mac(session.info["audit_key"], one.line)) if one.line else None
    if passes is not None:
        finding.judgement, finding.judged_by = Judgement.FALSE_ALARM, passes.released_by
        finding.judged_at, finding.reason = clock.now(), f"沿用误报放行：{passes.reason}"[:MAX_REASON]
    return finding


async def _accepted(session: AsyncSession, item: Item) -> dict[str, AcceptedWording]:
    query = select(AcceptedWording).where(
        AcceptedWording.kind == item.kind.value,
        AcceptedWording.section_id == item.section_id,
        AcceptedWording.revoked_at.is_(None),
    )
    return {wording.mac: wording for wording in await session.scalars(query)}


async def _accept_wording(session: AsyncSession, item: Item, finding: Finding, by: Person) -> None:
    if finding.judgement is not Judgement.FALSE_ALARM:
        raise invalid("remembers", "只有判定为误报的写法才能记住。")
    if not may_be_accepted(finding):
        raise invalid("remembers", "密级标志、未成年人、举报人和附件中的疑点每次都要判定，不能记住。")
    mac = _wording_mac(session, finding.label, await _text_of(session, item, finding))
    await audit.hold(session)
    if mac in await _accepted(session, item):
        return  # a second row would outlive the revocation of the first
    session.add(
        AcceptedWording(
            kind=item.kind.value,
            section_id=item.section_id,
            label=finding.label,
            mac=mac,
            reason=finding.reason or "",
            accepted_by=by.id,
            accepted_at=clock.now(),
        )
    )


async def _text_of(session: AsyncSession, item: Item, finding: Finding) -> str:
    snapshot = await session.get_one(Revision, (item.id, finding.revision))
    return texts_of(snapshot.snapshot).get(finding.field, "")[finding.start : finding.end]


def _wording_mac(session: AsyncSession, label: str, text: str) -> str:
    content = f"wording\0{label}\0{read(text).text}".encode("utf-8", "surrogatepass")
    key: bytes = session.info["audit_key"]
    return hmac.new(key, content, hashlib.sha256).hexdigest()


async def _revoke(
    session: AsyncSession, model: type[AcceptedWording] | type[ReleasedLine], by: Actor, id_: str, act: str
) -> None:
    if await session.get(model, id_) is None:
        raise NotFound("没有这条记录。")
    revoked = await session.execute(
        update(model)
        .where(model.id == id_, model.revoked_at.is_(None))
        .values(revoked_by=by.id, revoked_at=clock.now())
        .returning(model.id)
    )
    if revoked.scalar_one_or_none() is None:
        raise NotPossible("这条记录已经撤销。")
    await audit.record(session, by, act, model.__tablename__, id_)
