"""What calls answer: the shapes of items, posts and accounts, and how they are made from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, PlainSerializer
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.rules import can_publish
from outreach.items.kinds.messages import printable
from outreach.items.model import ItemState, Kind, Origin, Stage
from outreach.items.rows import attachments_by_item, content_row
from outreach.office.import_items import ImportReport, RowOutcome
from outreach.office.rendition_sources import public_address
from outreach.publishing.model import Attempt, Post, PostState
from outreach.publishing.queries import post_rows_by_item
from outreach.review.model import DecisionKind, Outcome
from outreach.review.queries import decision_rows_by_item
from outreach.screening.model import Judgement
from outreach.screening.queries import finding_rows_by_item
from outreach.screening.rules import Severity


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_in_utc, return_type=str)]


class AttachmentShape(BaseModel):
    """A file of an item; a missing one was named and not uploaded yet."""

    id: str
    name: str
    size: int
    sha256: str | None
    missing: bool


class FindingShape(BaseModel):
    """What the screening found: code points into `field`, the end exclusive."""

    id: str
    field: str
    start: int
    end: int
    label: str
    severity: Severity
    advice: str
    decision: Judgement | None
    reason: str | None


class ReviewShape(BaseModel):
    """A decision."""

    revision: int
    stage: Stage
    decision: DecisionKind
    outcome: Outcome | None
    opinion: str
    basis: str | None
    by: str
    at: Moment


class ProblemShape(BaseModel):
    """What keeps a post, in Chinese; `code` is the platform's."""

    code: str | None
    message: str


class ItemPostShape(BaseModel):
    """A post as its item shows it."""

    id: str
    account: str
    channel: ChannelName
    state: PostState
    at: Moment | None
    url: str | None
    problem: ProblemShape | None


class ItemShape(BaseModel):
    """An item with everything that hangs on its present revision."""

    id: str
    source_id: str | None
    kind: Kind
    title: str
    short_title: str | None
    section: str
    origin: Origin
    repost_source: str | None
    repost_url: str | None
    corrects: str | None
    formed_on: date
    body: str
    fields: dict[str, Any]
    attachments: list[AttachmentShape]
    state: ItemState
    stage: Stage | None
    revision: int
    version: int
    deadline: date
    deadline_is_estimate: bool
    public_url: str | None
    findings: list[FindingShape]
    reviews: list[ReviewShape]
    posts: list[ItemPostShape]
    created_at: Moment
    updated_at: Moment


class AttemptShape(BaseModel):
    """One step of a delivery as it went."""

    at: Moment
    outcome: str
    code: str | None
    message: str


class PostShape(ItemPostShape):
    """A post by itself."""

    item: str
    title: str
    revision: int
    planned_at: Moment
    due_at: Moment
    published_at: Moment | None
    confirmed_at: Moment | None
    tries: int


class FullPostShape(PostShape):
    """A post by itself with every step of its delivery, the first one first."""

    attempts: list[AttemptShape]


class AccountShape(BaseModel):
    """An account; its credentials are never shown."""

    id: str
    channel: ChannelName
    name: str
    type: AccountType | None
    verified: bool
    can_publish: bool
    paused: bool
    paused_reason: str | None


class SectionShape(BaseModel):
    """A department or branch."""

    id: str
    name: str


class ItemPage(BaseModel):
    """A page of items."""

    items: list[ItemShape]
    next_cursor: str | None


class PostPage(BaseModel):
    """A page of posts."""

    items: list[PostShape]
    next_cursor: str | None


class PlannedPosts(BaseModel):
    """The posts of an item on the accounts that were asked for."""

    items: list[ItemPostShape]


class AccountList(BaseModel):
    """All accounts, in the order in which they were made."""

    items: list[AccountShape]
    next_cursor: Literal[None] = None


class SectionList(BaseModel):
    """All sections."""

    items: list[SectionShape]
    next_cursor: Literal[None] = None


class CountShape(BaseModel):
    """Posts that went out, and how many of them were withdrawn since."""

    original: int
    repost: int
    withdrawn: int


class MonthRowShape(CountShape):
    """A month's posts of one kind and section on one account."""

    channel: ChannelName
    account: str
    kind: Kind
    section: str


class MonthTotalsShape(CountShape):
    """A month's posts in all, and by channel and kind."""

    by_channel: dict[ChannelName, CountShape]
    by_kind: dict[Kind, CountShape]


class ContentCountShape(BaseModel):
    """Items that went out, each counted once."""

    original: int
    repost: int


class MonthShape(BaseModel):
    """A month's figures; `corrections` is what changed after it was closed."""

    month: str
    timezone: str
    closed: bool
    rows: list[MonthRowShape]
    totals: MonthTotalsShape
    contents: ContentCountShape
    corrections: list[dict[str, Any]]


class WrongField(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class RowShape(BaseModel):
    """What became of one row of an import. `sheet` is the workbook's; other files have none."""

    sheet: str | None
    row: int
    source_id: str | None
    outcome: RowOutcome
    item_id: str | None
    errors: list[WrongField]
    notes: list[str]


class ImportShape(BaseModel):
    """The report of an import."""

    stored: bool
    counts: dict[RowOutcome, int]
    rows: list[RowShape]


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 tells it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField]


async def shape_items(session: AsyncSession, items: Sequence[Row[Any]], public_url: str) -> list[ItemShape]:
    """The items (rows of `items.queries.list_contents`) with what hangs on them, each kind of it read in one
    statement."""
    ids = [item.id for item in items]
    if not ids:
        return []
    attachments = await attachments_by_item(session, ids)
    findings = await finding_rows_by_item(session, ids)
    decisions = await decision_rows_by_item(session, ids)
    posts = await post_rows_by_item(session, ids)
    return [
        _shape_item(
            item,
            public_address(item.public_id, public_url) if item.public_since else None,
            attachments=[_shape_attachment(one) for one in attachments.get(item.id, ())],
            findings=[_shape_finding(one) for one in findings.get(item.id, ())],
            reviews=[_shape_review(one) for one in decisions.get(item.id, ())],
            posts=[ItemPostShape(**_post_fields(one, one.channel)) for one in posts.get(item.id, ())],
        )
        for item in items
    ]


async def shape_item(session: AsyncSession, item_id: str, public_url: str) -> ItemShape:
    """One item."""
    return (await shape_items(session, [await content_row(session, item_id)], public_url))[0]


def shape_item_post(post: Post) -> ItemPostShape:
    """A post as its item shows it."""
    return ItemPostShape(**_post_fields(post, post.account.channel))


def shape_post(post: Post) -> PostShape:
    """A post by itself."""
    return PostShape(
        **_post_fields(post, post.account.channel),
        item=post.item_id,
        title=post.item.title,
        revision=post.revision,
        planned_at=post.planned_at,
        due_at=post.due_at,
        published_at=post.published_at,
        confirmed_at=post.confirmed_at,
        tries=post.tries,
    )


def shape_post_in_full(post: Post, attempts: Sequence[Attempt]) -> FullPostShape:
    """A post with how each step of its delivery went."""
    steps = [
        AttemptShape(at=one.at, outcome=one.outcome, code=one.code, message=one.message) for one in attempts
    ]
    return FullPostShape(**dict(shape_post(post)), attempts=steps)


def shape_account(account: Account) -> AccountShape:
    """An account without its credentials."""
    return AccountShape(
        id=account.id,
        channel=account.channel,
        name=account.name,
        type=account.type,
        verified=account.verified,
        can_publish=can_publish(account),
        paused=account.paused_at is not None,
        paused_reason=account.paused_reason,
    )


def shape_import(report: ImportReport) -> ImportShape:
    """The report of an import."""
    return ImportShape(
        stored=report.stored,
        counts={outcome: report.count(outcome) for outcome in RowOutcome},
        rows=[
            RowShape(
                sheet=printable(row.sheet) if row.sheet else None,
                row=row.row,
                source_id=printable(row.source_id) if row.source_id else None,
                outcome=row.outcome,
                item_id=row.item_id,
                errors=[WrongField(field=one.field, message=one.message) for one in row.errors],
                notes=list(row.notes),
            )
            for row in report.rows
        ],
    )


def _shape_item(item: Row[Any], public_url: str | None, **hanging: Any) -> ItemShape:
    return ItemShape(
        id=item.id,
        source_id=item.source_id,
        kind=item.kind,
        title=item.title,
        short_title=item.short_title,
        section=item.section,
        origin=item.origin,
        repost_source=item.repost_source,
        repost_url=item.repost_url,
        corrects=item.corrects_id,
        formed_on=item.formed_on,
        body=item.body,
        fields=item.fields,
        state=item.state,
        stage=item.stage,
        revision=item.revision,
        version=item.version,
        deadline=item.deadline,
        deadline_is_estimate=item.deadline_is_estimate,
        public_url=public_url,
        created_at=item.created_at,
        updated_at=item.updated_at,
        **hanging,
    )


def _shape_attachment(row: Row[Any]) -> AttachmentShape:
    return AttachmentShape(
        id=row.id, name=row.name, size=row.size, sha256=row.sha256, missing=row.sha256 is None
    )


def _shape_finding(finding: Row[Any]) -> FindingShape:
    return FindingShape(
        id=finding.id,
        field=finding.field,
        start=finding.start,
        end=finding.end,
        label=finding.label,
        severity=finding.severity,
        advice=finding.advice,
        decision=finding.judgement,
        reason=finding.reason,
    )


def _shape_review(decision: Row[Any]) -> ReviewShape:
    return ReviewShape(
        revision=decision.revision,
        stage=decision.stage,
        decision=decision.kind,
        outcome=decision.outcome,
        opinion=decision.opinion,
        basis=decision.basis,
        by=decision.by_name,
        at=decision.at,
    )


def _post_fields(post: Post | Row[Any], channel: ChannelName) -> dict[str, Any]:
    problem = None
    if post.problem_message:
        problem = ProblemShape(code=post.problem_code, message=post.problem_message)
    return {
        "id": post.id,
        "account": post.account_id,
        "channel": channel,
        "state": post.state,
        "at": post.at,
        "url": post.url,
        "problem": problem,
    }
