"""What the self-check looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload

from outreach.channels.model import Account
from outreach.channels.queries import list_accounts
from outreach.followers.conversations.model import Message, MessageState, Reply, ReplyState
from outreach.followers.questions.model import Question
from outreach.foundation import office_settings
from outreach.foundation.audit import AuditEvent
from outreach.items.model import Item, Origin
from outreach.publishing.model import Post, PostState
from outreach.review.model import ReviewRecord, Standing
from outreach.statistics.indicators.rules import (
    Freshness,
    Interaction,
    Light,
    PeriodCounts,
    Terms,
    freshness,
    interaction,
)

MESSAGES_OF: Final = timedelta(days=30)
"""How far back unanswered messages are looked for: what is older can't be answered any more."""

_TEXT: Final = "text"
_REVIEWED: Final = (Standing.DISCLOSE, Standing.AFTER_REMOVAL)


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """How an account stands by the national indicators."""

    account: Account
    last_post: Post | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What followers wrote to an account that waits longer than the office allows: text messages of the last
    `MESSAGES_OF` to which no answer went out, and questions that nobody understood and nobody settled."""

    messages: int = 0
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """The whole self-check of an account."""

    account: Account
    last_post: Post | None
    freshness: Freshness
    interaction: Interaction
    called_back_at: datetime | None
    menu_at: datetime | None
    unanswered: Unanswered
    failed: int
    counts: PeriodCounts

    @property
    def light(self) -> Light:
        """The worst of the national indicators; by the office's own measures 将超期 at most."""
        return max(
            self.freshness.light, self.interaction.light, Light.DUE if self.has_own_fault else Light.GOOD
        )

    @property
    def has_own_fault(self) -> bool:
        """Whether one of the office's own measures wants somebody to look."""
        counts, waiting = self.counts, self.unanswered
        return any(
            (waiting.messages, waiting.questions, self.failed, counts.without_source, counts.without_record)
        )


async def terms_of(session: AsyncSession) -> Terms:
    """What the office has set."""
    settings = await office_settings.load(session)
    return Terms(
        settings.update_within_days,
        settings.update_first_warning_days,
        settings.update_second_warning_days,
        settings.answer_within_hours,
    )


async def standings(session: AsyncSession, now: datetime, zone: ZoneInfo) -> list[AccountStanding]:
    """How long ago each account in use was updated, by their order. A post counts while it is public: one that was
    withdrawn, or is being withdrawn, does not."""
    accounts, terms = await list_accounts(session, active_only=True), await terms_of(session)
    last = await last_posts(session)
    today = now.astimezone(zone).date()
    return [
        AccountStanding(
            account,
            post := last.get(account.id),
            freshness(
                _day(post.published_at if post else None, zone),
                account.created_at.astimezone(zone).date(),
                today,
                terms,
            ),
        )
        for account in accounts
    ]


async def self_check(
    session: AsyncSession, now: datetime, zone: ZoneInfo, begin: datetime, end: datetime
) -> list[Check]:
    """The self-check of each account in use; posts are counted that came out from `begin` until before `end`."""
    stand = await standings(session, now, zone)
    terms = await terms_of(session)
    menus, failed = await _menus(session), await _failed(session)
    waiting = await _unanswered(session, now, now - timedelta(hours=terms.answer_hours))
    counts = await _counts(session, begin, end)
    return [
        Check(
            account=one.account,
            last_post=one.last_post,
            freshness=one.freshness,
            interaction=interaction(
                one.account.channel, one.account.called_back_at, menus.get(one.account.id), now
            ),
            called_back_at=one.account.called_back_at,
            menu_at=menus.get(one.account.id),
            unanswered=waiting.get(one.account.id, Unanswered()),
            failed=failed.get(one.account.id, 0),
            counts=counts.get(one.account.id, PeriodCounts()),
        )
        for one in stand
    ]


async def last_posts(session: AsyncSession) -> dict[str, Post]:
    """The last post that is public on each account that has one, by the account's id."""
    newest = (
        select(Post.id)
        .where(
            Post.account_id == Account.id,
            Post.published_at.is_not(None),
            Post.state == PostState.PUBLISHED,
        )
        .order_by(Post.published_at.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    query = select(Post).join(Account, Post.id == newest).where(Account.active)
    return {post.account_id: post for post in await session.scalars(query)}


async def _menus(session: AsyncSession) -> Mapping[str, datetime]:
    query = select(AuditEvent.subject_id, func.max(AuditEvent.at)).where(AuditEvent.act == "menu.publish")
    return dict((await session.execute(query.group_by(AuditEvent.subject_id))).all())


async def _failed(session: AsyncSession) -> Mapping[str, int]:
    query = select(Post.account_id, func.count()).where(Post.state == PostState.FAILED)
    return dict((await session.execute(query.group_by(Post.account_id))).all())


async def _unanswered(session: AsyncSession, now: datetime, before: datetime) -> Mapping[str, Unanswered]:
    answered = exists().where(Reply.message_id == Message.id, Reply.state == ReplyState.SENT)
    messages = (
        select(Message.account_id, func.count())
        .where(
            Message.received_at >= now - MESSAGES_OF,
            Message.received_at < before,
            Message.kind == _TEXT,
            or_(Message.state == MessageState.FAILED, ~answered),
        )
        .group_by(Message.account_id)
    )
    questions = (
        select(Question.account_id, func.count())
        .where(Question.closed_at.is_(None), Question.last_at < before)
        .group_by(Question.account_id)
    )
    of_messages = dict((await session.execute(messages)).all())
    of_questions = dict((await session.execute(questions)).all())
    return {
        account_id: Unanswered(of_messages.get(account_id, 0), of_questions.get(account_id, 0))
        for account_id in {*of_messages, *of_questions}
    }


async def _counts(session: AsyncSession, begin: datetime, end: datetime) -> Mapping[str, PeriodCounts]:
    is_withdrawn = Post.state == PostState.WITHDRAWN
    recorded = exists().where(
        ReviewRecord.item_id == Post.item_id,
        ReviewRecord.revision == Post.revision,
        ReviewRecord.standing.in_(_REVIEWED),
    )
    query = (
        select(
            Post.account_id,
            func.count(),
            _number(Post.origin == Origin.ORIGINAL),
            _number(is_withdrawn),
            _number(is_withdrawn & Post.withdraw_by.is_(None)),
            _number((Post.origin == Origin.REPOST) & (func.coalesce(Item.repost_source, "") == "")),
            _number(~recorded),
        )
        .join(Item, Item.id == Post.item_id)
        .where(Post.published_at >= begin, Post.published_at < end)
        .group_by(Post.account_id)
        .options(lazyload("*"))
    )
    return {account_id: PeriodCounts(*numbers) for account_id, *numbers in await session.execute(query)}


def _number(where: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((where, 1), else_=0))


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None


def to_warn_of(stand: Sequence[AccountStanding]) -> list[AccountStanding]:
    """Those that fail or soon will, the worst first."""
    warned = [one for one in stand if one.freshness.level is not None]
    return sorted(warned, key=lambda one: -one.freshness.days)
