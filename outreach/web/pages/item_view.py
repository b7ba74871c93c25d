"""What the page of an item shows, decided before the template sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import NOTHING_ENTERED
from outreach.catalogue.queries import entered_holidays
from outreach.channels.model import ChannelName
from outreach.channels.queries import list_accounts
from outreach.foundation import office_settings
from outreach.foundation.problems import FieldError, Forbidden
from outreach.items.aqi.differences import index_texts
from outreach.items.hints import hints_of
from outreach.items.labels import display_rows, field_label
from outreach.items.model import Item, ItemState, Kind, Stage
from outreach.items.queries import corrections_of, revisions_of
from outreach.items.rules import CORRECTABLE, ItemAction, can, texts_of
from outreach.items.service import snapshot_of
from outreach.office.rendition_sources import source_of
from outreach.office.set_embargo import may_set
from outreach.people.model import Person
from outreach.people.rules import Act, may, writes_in
from outreach.publishing.model import Post
from outreach.publishing.queries import posts_by_item
from outreach.publishing.renditions import Source, check
from outreach.review.acting import Acting, acts_on
from outreach.review.model import Decision, RedactionProposal, Referral
from outreach.review.queries import decisions_of, earlier_revisions, proposals_of, referrals_of
from outreach.review.service import require_may_decide
from outreach.screening.masks import mask
from outreach.screening.model import Finding, Judgement
from outreach.screening.queries import findings_of
from outreach.screening.rules import LABELS, STATED_INDEX, Severity, rule_title
from outreach.screening.service import holds, may_be_accepted, may_be_masked
from outreach.web.pages.air_index import AirIndexView, stored_index
from outreach.web.pages.item_desk import DeskView, view_desk
from outreach.web.pages.item_destinations import Destination, destinations
from outreach.web.pages.item_emergency_view import EmergencyView, view_emergency
from outreach.web.pages.item_passages import PassagesView, view_passages
from outreach.web.pages.item_proposal import ProposalView, view_proposal
from outreach.web.pages.item_withdrawal import WithdrawalView, view_withdrawal

SEVERITY_LABELS: Final[Mapping[Severity, str]] = {
    Severity.BLOCK: "严重",
    Severity.REDACT: "须处理",
    Severity.HINT: "提示",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text; `number` is that of the finding it belongs to, None outside of findings."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A field with its findings marked."""

    label: str
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as the page lists it; `number` counts from 1 in the order of the text, `proposed` is what could stand
    in its place."""

    number: int
    finding: Finding
    label: str
    rule: str
    severity: str
    place: str
    text: str
    is_open: bool
    may_be_accepted: bool
    proposed: str | None

    @property
    def is_ticked(self) -> bool:
        """Whether it is masked unless the reviewer unticks it."""
        finding = self.finding
        return finding.severity is not Severity.HINT and finding.judgement is not Judgement.FALSE_ALARM


@dataclass(frozen=True, slots=True)
class Duties:
    """What whoever looks at the item may do with it now. `refusal` says why a reviewer may not decide, `instead_of` for
    whom a deputy would; only who decides for themselves may have a wording remembered."""

    decide: bool
    judge: bool
    remember: bool
    refusal: str | None
    instead_of: str | None
    edit: bool
    submit: bool
    recall: bool
    discard: bool
    seal: bool
    plan: bool
    correct: bool


@dataclass(frozen=True, slots=True)
class ItemView:
    """Everything on an item's page. `marked_body` is the body as it was typed, where something was found in it,
    `marked` the other texts in which something was found, `earlier` the earlier revisions that the reader may see."""

    item: Item
    source: Source
    rows: list[tuple[str, str]]
    hints: list[FieldError]
    air_index: AirIndexView | None
    findings: list[FindingView]
    marked_body: MarkedText | None
    marked: list[MarkedText]
    decisions: dict[int, list[Decision]]
    referrals: list[Referral]
    open_referral: Referral | None
    proposals: list[RedactionProposal]
    proposal: ProposalView | None
    emergency: EmergencyView | None
    may_embargo: bool
    posts: list[Post]
    duties: Duties
    desk: DeskView | None
    passages: PassagesView
    destinations: list[Destination]
    withdrawal: WithdrawalView | None
    corrections: list[Item]
    changes: list[str]
    earlier: list[int]
    refused_by_platforms: list[FieldError]
    weibo_name: str


async def view_item(session: AsyncSession, item: Item, reader: Person, public_url: str) -> ItemView:
    """Gathers what `reader` sees of the item."""
    findings = list(await findings_of(session, item))
    decisions = list(await decisions_of(session, item.id))
    referrals = list(await referrals_of(session, item.id)) if decisions else []
    proposals = list(await proposals_of(session, item.id)) if decisions else []
    posts = (await posts_by_item(session, [item.id])).get(item.id, [])
    accounts = await list_accounts(session, active_only=True)
    source = await source_of(session, item, await office_settings.load(session), public_url)
    duties = await _duties(session, item, reader, decisions)
    numbered = _numbered(findings)
    earlier = await earlier_revisions(session, item, reader, decisions) if item.revision > 1 else {}
    return ItemView(
        item=item,
        source=source,
        rows=display_rows(item.kind, item.fields),
        hints=await _hints(session, item),
        air_index=stored_index(item.fields, {one.field for one in findings}),
        findings=[_finding_view(item, number, finding) for number, finding in numbered],
        marked_body=next(iter(_marked(item, numbered, ["body"])), None),
        marked=_marked(item, numbered, [name for name in texts_of(snapshot_of(item)) if name != "body"]),
        decisions={
            revision: list(group)
            for revision, group in groupby(reversed(decisions), lambda one: one.revision)
        },
        referrals=referrals,
        open_referral=_unanswered(item, referrals),
        proposals=proposals,
        proposal=await view_proposal(session, item, proposals),
        emergency=await view_emergency(session, item, reader),
        may_embargo=may_set(item, reader),
        posts=posts,
        duties=duties,
        passages=await view_passages(session, item, reader),
        desk=await view_desk(session, item, reader, decides=duties.decide),
        destinations=destinations(accounts, posts) if duties.plan else [],
        withdrawal=view_withdrawal(item, posts, reader),
        corrections=list(await corrections_of(session, item, reader)),
        changes=await _changes(session, item),
        earlier=[number for number, is_seen in earlier.items() if is_seen],
        refused_by_platforms=check(source, {one.channel for one in accounts}) if duties.submit else [],
        weibo_name=next((one.name for one in accounts if one.channel is ChannelName.WEIBO), source.bureau),
    )


async def _hints(session: AsyncSession, item: Item) -> list[FieldError]:
    """Only a notice's period is counted in working days: for others no calendar is read."""
    counts_days = item.kind is Kind.EIA_NOTICE
    holidays = await entered_holidays(session) if counts_days else NOTHING_ENTERED
    return hints_of(item.kind, item.fields, holidays)


def _unanswered(item: Item, referrals: Sequence[Referral]) -> Referral | None:
    """The referral that the item waits for."""
    if item.stage is not Stage.CONFIDENTIALITY:
        return None
    return next((one for one in referrals if one.revision == item.revision and not one.noted_at), None)


async def _duties(session: AsyncSession, item: Item, reader: Person, decisions: Sequence[Decision]) -> Duties:
    place = (item.state, item.stage)
    writes = writes_in(reader, item.section_id)
    acting, refusal = await _acting(session, item, reader)
    judging = acting if acting and acting.stage is Stage.CONFIDENTIALITY else None
    planned = item.state in {ItemState.APPROVED, ItemState.PUBLISHED}
    return Duties(
        decide=acting is not None,
        judge=judging is not None,
        remember=judging is not None and judging.absent is None,
        refusal=refusal,
        instead_of=acting.absent_name if acting else None,
        edit=writes and can(place, ItemAction.EDIT),
        submit=writes and can(place, ItemAction.SUBMIT),
        recall=writes and can(place, ItemAction.RECALL) and item.submitted_by == reader.id,
        discard=writes and can(place, ItemAction.DISCARD) and not decisions,
        seal=may(reader, Act.KEEP_SCREENING) and can(place, ItemAction.SEAL),
        plan=planned and item.public_end_reason is None and may(reader, Act.PUBLISH),
        correct=writes and item.state in CORRECTABLE,
    )


async def _acting(session: AsyncSession, item: Item, reader: Person) -> tuple[Acting | None, str | None]:
    """In whose right the reader may decide now; for a reviewer who may not, why."""
    if not acts_on(reader, item):
        return None, None
    try:
        return await require_may_decide(session, item, reader), None
    except Forbidden as problem:
        return None, problem.detail


def _numbered(findings: Sequence[Finding]) -> list[tuple[int, Finding]]:
    return list(enumerate(findings, start=1))


def _finding_view(item: Item, number: int, finding: Finding) -> FindingView:
    text = _found_text(item, finding)
    return FindingView(
        number=number,
        finding=finding,
        label=LABELS[finding.label],
        rule=rule_title(finding.rule),
        severity=SEVERITY_LABELS[finding.severity],
        place=f"附件“{finding.attachment}”：{finding.place}"
        if finding.attachment
        else _place(item, finding.field),
        text=text,
        is_open=holds(finding) and finding.judgement is not Judgement.REAL,
        may_be_accepted=may_be_accepted(finding),
        proposed=mask(finding.label, text) if may_be_masked(finding) else None,
    )


def _found_text(item: Item, finding: Finding) -> str:
    if finding.attachment:
        return finding.shown or ""
    text = {**texts_of(snapshot_of(item)), **index_texts(item.fields)}.get(finding.field, "")
    return text[finding.start : finding.end]


def _marked(item: Item, numbered: Sequence[tuple[int, Finding]], fields: Sequence[str]) -> list[MarkedText]:
    """Those of the texts in which something was found. The list shows what was found in files, and hints on an index,
    which are about a value as a whole."""
    texts = texts_of(snapshot_of(item))
    marked = [one for one in numbered if one[1].label != STATED_INDEX and not one[1].attachment]
    found = {name: [one for one in marked if one[1].field == name] for name in fields}
    return [
        MarkedText(_place(item, name), list(_segments(texts[name], inside)))
        for name, inside in found.items()
        if inside
    ]


def _segments(text: str, numbered: Sequence[tuple[int, Finding]]) -> Iterator[Segment]:
    position = 0
    for number, finding in numbered:
        if finding.start < position:
            continue  # lies in the one before; the list names both
        yield Segment(text[position : finding.start])
        yield Segment(text[finding.start : finding.end], number)
        position = finding.end
    yield Segment(text[position:])


def _place(item: Item, name: str) -> str:
    return field_label(item.kind, name)


async def _changes(session: AsyncSession, item: Item) -> list[str]:
    """In which fields the present text differs from the last revision that was submitted."""
    revisions = [one for one in await revisions_of(session, item.id) if one.number < item.revision]
    if not revisions:
        return []
    before, now = revisions[-1].snapshot, snapshot_of(item)
    return [_place(item, name) for name in _differing(before, now)]


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in now:
        if name == "fields":
            keys = dict.fromkeys([*before["fields"], *now["fields"]])
            yield from (
                f"fields.{key}" for key in keys if before["fields"].get(key) != now["fields"].get(key)
            )
        elif before.get(name) != now[name]:
            yield name
