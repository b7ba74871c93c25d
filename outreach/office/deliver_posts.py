"""Posts go out: each is claimed, sent outside of any transaction, and its outcome stored."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import service as accounts
from outreach.channels.protocol import (
    Accepted,
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
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.confirm_post import confirm_post
from outreach.office.context import Office
from outreach.office.settle_posts import store_lost_answer
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import LEASE, PostAction, wait_before_look, wait_before_try
from outreach.publishing.service import LeaseLost

log = structlog.get_logger(__name__)

_RENEW_AFTER_S: Final = LEASE.total_seconds() / 3
_PRESS_THE_BUTTON = (
    "文章已存入公众号的草稿箱。这个账号不能通过接口发布：请登录微信公众平台（mp.weixin.qq.com），"
    "在“草稿箱”里找到这篇文章并点“发表”，然后回到这里填写文章链接，点“确认已发布”。"
)


async def deliver_due(office: Office, *, worker: str, limit: int) -> int:
    """Delivers posts that are due, about `limit` of them; how many it took. Safe to run twice and at the same
    time."""
    async with office.db.begin() as session:
        posts = await publishing.claim_due(session, worker=worker, limit=limit)
    async with _leases_kept(office, worker, [post.id for post in posts]):
        await run_all(_deliver(office, post, worker) for post in posts)
    return len(posts)


@asynccontextmanager
async def _leases_kept(office: Office, worker: str, post_ids: Sequence[str]) -> AsyncIterator[None]:
    """While the block runs nobody takes these posts over, however slow the platform is."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(_RENEW_AFTER_S)
            async with office.db.begin() as session:
                await publishing.renew_leases(session, worker, post_ids)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


@dataclass(slots=True)
class _Progress:
    """Stores each step of one delivery as the platform takes it."""

    office: Office
    post_id: str
    worker: str
    media_id: str | None
    release_began: bool

    async def remember_draft(self, media_id: str) -> None:
        async with self.office.db.begin() as session:
            await publishing.remember_step(session, self.post_id, self.worker, media_id=media_id)
        self.media_id = media_id

    async def remember_release(self) -> None:
        async with self.office.db.begin() as session:
            await publishing.remember_release(session, self.post_id, self.worker)
        self.release_began = True


async def _deliver(office: Office, post: Post, worker: str) -> None:
    structlog.contextvars.bind_contextvars(post=post.id, item=post.item_id)
    progress = _Progress(office, post.id, worker, post.media_id, post.release_began_at is not None)
    try:
        channel = await office.channels.of(post.account)
        receipt = await channel.publish(from_json(post.rendition), progress)
    except LeaseLost:
        log.warning("lease_lost", post=post.id)
        return
    except ChannelError as error:
        await _store_error(office, post, worker, error)
        return
    except WrongKey as problem:
        await _store_error(office, post, worker, NeedsOperator(problem.detail, code=problem.code))
        return
    except FileNotFoundError:
        told = "要发送的图片文件在本系统中找不到了。请检查数据目录的 media 文件夹，恢复后点“重试”。"
        await _store_error(office, post, worker, Refused(told, code="media-missing"))
        return
    await _store_receipt(office, post, worker, receipt)


async def _store_receipt(office: Office, post: Post, worker: str, receipt: Receipt) -> None:
    zone = office.settings.zone
    async with office.db.begin() as session:
        present = await session.get_one(Post, post.id)
        if present.state is not PostState.SENDING or present.lease_holder != worker:
            log.warning("post_moved_on", post=post.id, state=present.state)
            return
        match receipt:
            case Published():
                await confirm_post(session, present, PostAction.PUBLISH, receipt, zone)
                await publishing.note_attempt(session, present, worker, "published", "平台已发布。")
            case Accepted(publish_id):
                await publishing.move(
                    session,
                    present,
                    PostAction.ACCEPT,
                    publish_id=publish_id,
                    accepted_at=clock.now(),
                    due_at=clock.now() + wait_before_look(timedelta(0)),
                    problem_code=None,
                    problem_message=None,
                )
                await publishing.note_attempt(
                    session, present, worker, "accepted", "平台已受理，等待发布结果。"
                )
            case DraftSaved(media_id):
                await publishing.move(
                    session,
                    present,
                    PostAction.SAVE_DRAFT_ONLY,
                    media_id=media_id,
                    release_began_at=None,
                    problem_code="draft-only",
                    problem_message=_PRESS_THE_BUTTON,
                )
                await publishing.note_attempt(session, present, worker, "needs_person", _PRESS_THE_BUTTON)


async def _store_error(office: Office, post: Post, worker: str, error: ChannelError) -> None:
    async with office.db.begin() as session:
        present = await session.get_one(Post, post.id)
        if present.state is not PostState.SENDING or present.lease_holder != worker:
            log.warning("post_moved_on", post=post.id, state=present.state)
            return
        match error:
            case OutcomeUnknown():
                await store_lost_answer(office, session, present, worker, error)
                return
            case Refused():
                await publishing.move(session, present, PostAction.FAIL, **publishing.problem_of(error))
                outcome = "failed"
            case NeedsOperator():
                await accounts.pause_account(session, present.account_id, error.message)
                await _postpone(session, present, error, timedelta(0))
                outcome = "paused"
            case _:
                await _postpone(session, present, error, _wait(present, error))
                outcome = "postponed"
        await publishing.note_attempt(session, present, worker, outcome, error.message, error.code)


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


def _wait(post: Post, error: ChannelError) -> timedelta:
    if isinstance(error, NotSent | QuotaSpent) and error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_try(post.tries, random.random())  # noqa: S311 - spread, not secrecy
