"""Posts go out: each is claimed, sent outside of any transaction, and its outcome stored."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import budgets
from outreach.channels import service as accounts
from outreach.channels.breaker import Answers
from outreach.channels.protocol import (
    Accepted,
    Channel,
    ChannelError,
    DraftSaved,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    Published,
    QuotaSpent,
    Receipt,
    Refused,
)
from outreach.foundation import clock
from outreach.foundation.database import Database
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.context import Office
from outreach.office.leases import hold_of, lease_kept, of_posts
from outreach.office.platform_answers import store_answers
from outreach.office.settle_posts import store_lost_answer
from outreach.office.store_published import Out, store_published
from outreach.office.store_steps import Releasing, Step, store_step
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import PostAction, wait_before_try
from outreach.publishing.service import Halted, Hold, LeaseLost

log = structlog.get_logger(__name__)

_PRESS_THE_BUTTON = (
    "文章已存入公众号的草稿箱。这个账号不能通过接口发布：请登录微信公众平台（mp.weixin.qq.com），"
    "在“草稿箱”里找到这篇文章并点“发表”，然后回到这里填写文章链接，点“确认已发布”。"
)


async def claim(office: Office, *, worker: str, limit: int) -> list[Post]:
    """Takes posts that are due, about `limit` of them. Safe to run twice and at the same time."""
    async with office.db.begin() as session:
        return await publishing.claim_due(session, worker=worker, limit=limit)


async def deliver(office: Office, posts: Sequence[Post], ended: Callable[[], None]) -> None:
    """Delivers posts that were claimed. `ended` is called for each: its outcome is stored, or can't be."""
    async with lease_kept(office, of_posts([hold_of(post) for post in posts])):
        await run_all(_deliver_on(office, one_account, ended) for one_account in _by_account(posts))


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a delivery has come."""

    db: Database
    hold: Hold
    media_id: str | None
    release_began: bool

    async def remember_release(self, media_id: str | None = None) -> None:
        await store_step(self.db, Step(self.hold, Releasing(media_id)))


async def _deliver_on(office: Office, posts: Sequence[Post], ended: Callable[[], None]) -> None:
    """Delivers posts of one account: what all of them need of it is read once, and whether its platform answered is
    stored once."""
    try:
        channel = await office.channels.of(posts[0].account)
    except (NeedsOperator, WrongKey) as error:
        told = _told(error)
        await run_all(_to_its_end(_store_error(office, hold_of(post), told), ended) for post in posts)
        return
    answers = Answers()
    await run_all(_to_its_end(_deliver(office, channel, post, answers), ended) for post in posts)
    await store_answers(office, posts[0].account_id, answers)


async def _to_its_end(deed: Awaitable[None], ended: Callable[[], None]) -> None:
    try:
        await deed
    finally:
        ended()


async def _deliver(office: Office, channel: Channel, post: Post, answers: Answers) -> None:
    structlog.contextvars.bind_contextvars(post=post.id, item=post.item_id)
    hold = hold_of(post)
    try:
        outcome = await _publish(office, channel, post, hold)
        answers.note(outcome)
        match outcome:
            case Accepted():
                await store_step(office.db, Step(hold, outcome))
            case Published():
                await store_published(office.db, Out(hold, outcome, office.settings.zone))
            case DraftSaved():
                await _store_draft(office, hold, outcome)
            case _:
                await _store_error(office, hold, outcome)
    except Halted:
        log.info("publishing_stopped", post=post.id)
    except LeaseLost:
        log.warning("lease_lost", post=post.id)


async def _publish(office: Office, channel: Channel, post: Post, hold: Hold) -> Receipt | ChannelError:
    progress = _Progress(office.db, hold, post.media_id, post.release_began_at is not None)
    try:
        return await channel.publish(from_json(post.rendition), progress)
    except (ChannelError, WrongKey) as error:
        return _told(error)
    except FileNotFoundError:
        told = "要发送的图片文件在本系统中找不到了。请检查数据目录的 media 文件夹，恢复后点“重试”。"
        return Refused(told, code="media-missing")


async def _store_draft(office: Office, hold: Hold, draft: DraftSaved) -> None:
    async with office.db.begin() as session:
        post = await _held(session, hold)
        await publishing.move(
            session,
            post,
            PostAction.SAVE_DRAFT_ONLY,
            media_id=draft.media_id,
            release_began_at=None,
            problem_code="draft-only",
            problem_message=_PRESS_THE_BUTTON,
        )
        await publishing.note_attempt(session, post, hold.worker, "needs_person", _PRESS_THE_BUTTON)


async def _store_error(office: Office, hold: Hold, error: ChannelError) -> None:
    async with office.db.begin() as session:
        post = await _held(session, hold)
        match error:
            case OutcomeUnknown():
                await store_lost_answer(office, session, post, hold.worker, error)
                return
            case Refused():
                await publishing.move(session, post, PostAction.FAIL, **publishing.problem_of(error))
                outcome = "failed"
            case NeedsOperator():
                await _postpone(session, post, error, timedelta(0))
                await accounts.pause_account(session, post.account_id, error.message)
                outcome = "paused"
            case QuotaSpent():
                wait = _wait(post, error)
                until = clock.now() + wait
                await _postpone(session, post, error, wait)
                await budgets.shut(session, post.account_id, post.account.channel, until, error.message)
                outcome = "postponed"
            case _:
                await _postpone(session, post, error, _wait(post, error))
                outcome = "postponed"
        await publishing.note_attempt(session, post, hold.worker, outcome, error.message, error.code)


async def _held(session: AsyncSession, hold: Hold) -> Post:
    """The post as it stands, locked. Raises LeaseLost."""
    if not await publishing.still_held(session, [hold]):
        raise LeaseLost(hold.post_id)
    return await session.get_one(Post, hold.post_id)


async def _postpone(session: AsyncSession, post: Post, error: ChannelError, wait: timedelta) -> None:
    """Nothing was published: what was begun is forgotten, the draft is kept."""
    await publishing.move(
        session,
        post,
        PostAction.TRY_LATER,
        due_at=clock.now() + wait,
        release_began_at=None,
        **publishing.problem_of(error),
    )


def _by_account(posts: Sequence[Post]) -> list[list[Post]]:
    grouped: dict[str, list[Post]] = {}
    for post in posts:
        grouped.setdefault(post.account_id, []).append(post)
    return list(grouped.values())


def _told(error: ChannelError | WrongKey) -> ChannelError:
    return NeedsOperator(error.detail, code=error.code) if isinstance(error, WrongKey) else error


def _wait(post: Post, error: ChannelError) -> timedelta:
    if isinstance(error, NotSent | QuotaSpent) and error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_try(post.tries, random.random())  # noqa: S311 - spread, not secrecy
