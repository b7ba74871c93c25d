"""The statutory form (信息公开保密审查表) of a reviewed revision: everything that it says, gathered from the
capabilities that hold it. Page and Word file show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock, office_settings
from outreach.foundation.dates import moment
from outreach.items.labels import KIND_LABELS, field_label
from outreach.items.model import Author, Kind, Revision, Stage
from outreach.items.rules import STAGE_LABELS
from outreach.office.rendition_sources import PICTURE_TYPES
from outreach.people.model import Person
from outreach.publishing.model import Post
from outreach.review.emergency_rules import AFTERWARDS, SECTION_LABELS
from outreach.review.form import DISCLOSURE_LABELS, LABELS, QUESTIONS, Disclosure
from outreach.review.model import Decision, DecisionKind, Emergency, Referral, ReviewRecord, Standing
from outreach.review.queries import RecordRow, emergencies_by_revision
from outreach.review.rules import DECISION_LABELS, STANDING_LABELS, number_label
from outreach.screening.model import Finding, Judgement
from outreach.screening.rules import LABELS as FINDING_LABELS

Key = tuple[str, int]
"""An item's id and the number of its revision."""

_OUTCOMES: Final = (Standing.DISCLOSE, Standing.AFTER_REMOVAL, Standing.WITHHOLD, Standing.REFER)
_JUDGEMENTS: Final = {Judgement.REAL: "属实", Judgement.FALSE_ALARM: "误报"}
_SCOPE: Final = "面向社会公开"


@dataclass(frozen=True, slots=True)
class File:
    """An attachment or picture by its name and the hash of its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the screening found, and what the reviewer said of it. The text that was found is not repeated: the form
    goes from hand to hand, and what must not be disclosed does not belong there."""

    place: str
    label: str
    judgement: str
    reason: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """What a stage decided, as its `opinion` in words; `by` and `at` are None where it has not yet."""

    label: str
    opinion: str
    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Publication:
    """Where the revision went out: `by` planned it."""

    account: str
    at: datetime
    by: str
    url: str | None


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """The filled-in form. Choices come as they stand on paper, `☑` before what was chosen. `snapshot` is the content
    that was reviewed, whose hash is `content_hash`."""

    number: str
    bureau: str
    revision: int
    content_hash: str
    title: str
    kind: str
    section: str
    drafters: str
    formed_on: date
    carrier: str
    channels: str
    disclosure: str
    questions: list[tuple[str, str]]
    files: list[File]
    other_bodies: str
    consent: str
    doubts: list[Doubt]
    stages: list[StageRow]
    referrals: list[Referral]
    outcome: str
    standing: str
    bases: list[str]
    publications: list[Publication]
    remarks: str
    snapshot: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read for many forms at once, by revision."""

    revisions: Mapping[Key, Revision]
    decisions: Mapping[Key, list[Decision]]
    referrals: Mapping[Key, list[Referral]]
    findings: Mapping[Key, list[Finding]]
    posts: Mapping[Key, list[Post]]
    drafters: Mapping[Key, list[str]]
    emergencies: Mapping[Key, Emergency]
    names: Mapping[str, str]
    channels: str
    bureau: str


async def sheets_of(session: AsyncSession, records: Sequence[ReviewRecord | RecordRow]) -> list[ReviewSheet]:
    """The forms of these records, in their order; each kind of what they show is read in one statement."""
    found = await _find(session, [(record.item_id, record.revision) for record in records])
    return [_sheet(record, found) for record in records]


async def _find(session: AsyncSession, keys: Sequence[Key]) -> _Found:
    revisions = select(Revision).where(Revision.item_id.in_({item_id for item_id, _ in keys}))
    posts = await _by_revision(session, Post, keys, Post.id)
    names = {post.planned_by for group in posts.values() for post in group}
    accounts = await list_accounts(session, active_only=True)
    return _Found(
        revisions={(one.item_id, one.number): one for one in await session.scalars(revisions)},
        decisions=await _by_revision(session, Decision, keys, Decision.at, Decision.id),
        referrals=await _by_revision(session, Referral, keys, Referral.at, Referral.id),
        findings=await _by_revision(session, Finding, keys, Finding.field, Finding.start),
        posts=posts,
        drafters=await _drafters(session, keys),
        emergencies=await emergencies_by_revision(session, list({item_id for item_id, _ in keys})),
        names=await _names(session, names),
        channels="、".join(dict.fromkeys(CHANNEL_LABELS[one.channel] for one in accounts)),
        bureau=(await office_settings.load(session)).bureau,
    )


async def _by_revision(
    session: AsyncSession, model: Any, keys: Sequence[Key], *order: Any
) -> dict[Key, list[Any]]:
    """What hangs on these revisions, or on others of their items: an index of item and revision together, which only
    some of the tables have, would be what a pair needs."""
    query = select(model).where(model.item_id.in_({item_id for item_id, _ in keys})).order_by(*order)
    grouped: dict[Key, list[Any]] = {}
    for one in (await session.scalars(query)).unique():
        grouped.setdefault((one.item_id, one.revision), []).append(one)
    return grouped


async def _drafters(session: AsyncSession, keys: Sequence[Key]) -> dict[Key, list[str]]:
    """Who wrote or submitted the revision, or one that it goes on from."""
    query = (
        select(Author.item_id, Author.revision, Person.name)
        .join(Person, Person.id == Author.person_id)
        .where(Author.item_id.in_({item_id for item_id, _ in keys}))
        .order_by(Author.revision, Person.name)
    )
    rows = (await session.execute(query)).all()
    return {
        (item_id, number): list(
            dict.fromkeys(name for other, wrote, name in rows if other == item_id and wrote <= number)
        )
        for item_id, number in keys
    }


async def _names(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    query = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {row.id: row.name for row in await session.execute(query)}


def _sheet(record: ReviewRecord | RecordRow, found: _Found) -> ReviewSheet:
    key = record.item_id, record.revision
    snapshot = found.revisions[key].snapshot
    decisions = found.decisions.get(key, [])
    form = _filled_in(decisions)
    posts = found.posts.get(key, [])
    return ReviewSheet(
        number=number_label(record.year, record.number),
        bureau=found.bureau,
        revision=record.revision,
        content_hash=found.revisions[key].content_hash,
        title=snapshot["title"],
        kind=KIND_LABELS[record.kind],
        section=snapshot["section"],
        drafters="、".join(found.drafters.get(key, [])),
        formed_on=date.fromisoformat(snapshot["formed_on"]),
        carrier=_carrier(snapshot["attachments"]),
        channels=_channels(posts, found.channels),
        disclosure=_boxes(list(DISCLOSURE_LABELS.items()), _disclosure(record.standing, form)),
        questions=[(LABELS[name], _boxes(_YES_NO, form.get(name))) for name in QUESTIONS],
        files=[File(one["name"], one["sha256"]) for one in snapshot["attachments"]],
        other_bodies=form.get("other_bodies", ""),
        consent=_consent(form),
        doubts=[_doubt(record.kind, one) for one in found.findings.get(key, [])],
        stages=[_stage(stage, decisions, found.emergencies.get(key)) for stage in Stage],
        referrals=found.referrals.get(key, []),
        outcome=_boxes([(one, STANDING_LABELS[one]) for one in _OUTCOMES], record.standing),
        standing=STANDING_LABELS[record.standing],
        bases=_bases(decisions),
        publications=[
            Publication(_account(one), one.published_at, found.names[one.planned_by], one.url)
            for one in posts
            if one.published_at
        ],
        remarks=_remarks(form, found.emergencies.get(key)),
        snapshot=snapshot,
    )


def _filled_in(decisions: Sequence[Decision]) -> dict[str, Any]:
    """What the stages filled in; where two answered the same, the later one stands."""
    form: dict[str, Any] = {}
    for decision in decisions:
        form |= decision.form
    return form


def _carrier(files: Sequence[Mapping[str, Any]]) -> str:
    pictures = sum(1 for one in files if one["media_type"] in PICTURE_TYPES)
    others = len(files) - pictures
    told = ["电子文本"]
    if pictures:
        told.append(f"图片 {pictures} 幅")
    if others:
        told.append(f"附件 {others} 个")
    return "，".join(told)


def _channels(posts: Sequence[Post], otherwise: str) -> str:
    """The accounts for which it was planned; before that, the channels that the office has."""
    told = "、".join(dict.fromkeys(_account(one) for one in posts)) or otherwise
    return f"{told}；{_SCOPE}" if told else _SCOPE


def _account(post: Post) -> str:
    return f"{CHANNEL_LABELS[post.account.channel]}“{post.account.name}”"


def _disclosure(standing: Standing, form: Mapping[str, Any]) -> str | None:
    """What was filled in; else what the decision means: the office publishes on its own initiative."""
    meant = {Standing.DISCLOSE: Disclosure.OWN_INITIATIVE, Standing.WITHHOLD: Disclosure.WITHHELD}
    return form.get("disclosure") or meant.get(standing)


def _consent(form: Mapping[str, Any]) -> str:
    given = {True: "已征得同意", False: "未征得同意"}.get(form.get("consent_given", ""), "")
    return "：".join(part for part in (given, form.get("consent", "")) if part)


def _doubt(kind: Kind, finding: Finding) -> Doubt:
    return Doubt(
        place=_place(kind, finding),
        label=FINDING_LABELS[finding.label],
        judgement=_JUDGEMENTS[finding.judgement] if finding.judgement else "未判定",
        reason=finding.reason or "",
    )


def _place(kind: Kind, finding: Finding) -> str:
    if finding.attachment is None:
        return field_label(kind, finding.field)
    return f"附件“{finding.attachment}”{finding.place or ''}"


def _stage(stage: Stage, decisions: Sequence[Decision], emergency: Emergency | None) -> StageRow:
    label = STAGE_LABELS[stage]
    if emergency is not None and stage is Stage.SECTION:
        label = f"{label}（{AFTERWARDS}）"
    decision = next((one for one in decisions if one.stage is stage), None)
    if decision is None:
        return StageRow(label, "", None, None)
    return StageRow(label, _opinion(decision), decision.signed_by, decision.at)


def _remarks(form: Mapping[str, Any], emergency: Emergency | None) -> str:
    """What the reviewers remarked; of an emergency also why it was one, and what the signatory answered the section."""
    told = [form.get("remarks", "")]
    if emergency is not None:
        told.append(f"应急发布。事由：{emergency.reason}　依据文件：{emergency.authority_document}")
        due = moment(emergency.section_due_at, clock.SHANGHAI)
        told.append(f"科室{SECTION_LABELS[emergency.section_review]}，期限为 {due}。")
    if emergency is not None and emergency.kept_reason:
        told.append(f"{emergency.kept_by_name}：{emergency.kept_reason}")
    return "\n".join(part for part in told if part)


def _opinion(decision: Decision) -> str:
    """`同意公开。` says that it agrees; before other words stands what was decided."""
    decided = DECISION_LABELS[decision.kind]
    if decision.opinion.startswith(decided):
        return decision.opinion
    return f"{decided}：{decision.opinion}" if decision.opinion else decided


def _bases(decisions: Sequence[Decision]) -> list[str]:
    """The law, and the reason of whoever did not simply agree."""
    told: list[str] = []
    for decision in decisions:
        if decision.basis:
            told.append(decision.basis)
        if decision.kind is not DecisionKind.APPROVE:
            told.append(decision.opinion)
    return told


_YES_NO: Final[list[tuple[Any, str]]] = [(True, "是"), (False, "否")]


def _boxes(options: Sequence[tuple[Any, str]], chosen: Any) -> str:
    return "　".join(f"{'☑' if value == chosen else '□'}{label}" for value, label in options)
