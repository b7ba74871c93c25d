"""Posts go out: each is claimed, sent outside of any transaction, and its outcome stored.

What a worker that dies leaves behind is told apart by what was stored: no release was begun, and it is safe
to go on from the draft; a release was begun, and whether it is out can't be known from here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import service as accounts
from outreach.channels.protocol import (
    Accepted,
    AcceptingChannel,
    ChannelError,
    DraftSaved,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    Published,
    QuotaSpent,
    Receipt,
    Refused,
    Removed,
    StillUnderWay,
)
from outreach.foundation import clock
from outreach.foundation.problems import StaleState
from outreach.foundation.seal import WrongKey
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.office.context import Office
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.renditions.stored import from_json
from outreach.publishing.rules import SILENT_TOO_LONG, PostAction, wait_before_look, wait_before_try
from outreach.publishing.service import LeaseLost

log = structlog.get_logger(__name__)

MOST_TAKE_OVERS: Final = 5
_PRESS_THE_BUTTON = (
    "文章已存入公众号的草稿箱。这个账号不能通过接口发布：请登录微信公众平台(mp.weixin.qq.com),"
    "在“草稿箱”里找到这篇文章并点“发表”，然后回到这里填写文章链接，点“确认已发布”。"
)
_ANSWER_LOST = "平台没有回答，不知道是否已经发出。系统不会重发，以免重复。"
_LOOK_YOURSELF = "请到平台上查看这条内容是否已经发出：已发出的，点“确认已发布”；确实没有的，点“确认未发布”，系统会重新发送。"


async def deliver_due(office: Office, *, worker: str, limit: int) -> int:
    """Delivers up to `limit` posts that are due; how many it took. Safe to run twice and at the same time."""
    async with office.db.begin() as session:
        posts = await publishing.claim_due(session, worker=worker, limit=limit)
    await _all(_deliver(office, post, worker) for post in posts)
    return len(posts)


async def look_after_silent(office: Office, *, worker: str, limit: int) -> int:
    """Asks for the result of accepted posts whose event has not come; how many it asked for."""
    async with office.db.begin() as session:
        posts = await publishing.claim_silent(session, limit=limit)
    await _all(_ask_result(office, post, worker) for post in posts)
    return len(posts)


async def take_over_expired(office: Office, *, worker: str) -> int:
    """Settles what a worker that died was sending; how many it took over."""
    async with office.db.begin() as session:
        query = select(Post).where(Post.state == PostState.SENDING, Post.lease_until < clock.now())
        posts = list((await session.scalars(query.with_for_update(of=Post, skip_locked=True))).unique())
        for post in posts:
            if post.release_began_at is None and post.tries >= MOST_TAKE_OVERS:
                message = (
                    "发送它的进程多次中断，都没有走到提交发布这一步。请联系维护人员查看日志，之后点“重试”。"
                )
                await publishing.move(
                    session, post, PostAction.FAIL, problem_code="interrupted", problem_message=message
                )
                await publishing.note_attempt(session, post, worker, "failed", message, "interrupted")
            elif post.release_began_at is None:
                message = "发送它的进程中断了，还没有提交发布，将接着发送。"
                await publishing.move(session, post, PostAction.TRY_LATER, due_at=clock.now())
                await publishing.note_attempt(session, post, worker, "taken_over", message)
            else:
                lost = OutcomeUnknown("发送它的进程在提交发布时中断了。" + _ANSWER_LOST, code="interrupted")
                await _store_lost_answer(office, session, post, worker, lost)
    return len(posts)


async def give_up_unclear(office: Office, *, worker: str) -> int:
    """Posts whose answer was lost are given to a person after OUTREACH_LOOKUP_AFTER_S; nothing is re-sent."""
    async with office.db.begin() as session:
        query = select(Post).where(Post.state == PostState.UNCERTAIN, Post.due_at <= clock.now())
        posts = list((await session.scalars(query.with_for_update(of=Post, skip_locked=True))).unique())
        for post in posts:
            message = f"{post.problem_message or _ANSWER_LOST}{_LOOK_YOURSELF}"
            await publishing.move(session, post, PostAction.GIVE_UP_LOOKING, problem_message=message)
            await publishing.note_attempt(session, post, worker, "needs_person", message, post.problem_code)
    return len(posts)


async def _all(deliveries: Iterable[Awaitable[None]]) -> None:
    """Runs them side by side to their ends; one that fails takes no other with it, and is then told."""
    outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("some deliveries ended in an error of the program", failures)


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
            await publishing.remember_step(session, self.post_id, self.worker, release_began_at=clock.now())
        self.release_began = True


async def _deliver(office: Office, post: Post, worker: str) -> None:
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
                    due_at=clock.now() + wait_before_look(0),
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
                await _store_lost_answer(office, session, present, worker, error)
                return
            case Refused():
                await publishing.move(session, present, PostAction.FAIL, **_problem(error))
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
        **_problem(error),
    )


def _wait(post: Post, error: ChannelError) -> timedelta:
    if isinstance(error, NotSent | QuotaSpent) and error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_try(post.tries, random.random())  # noqa: S311 - spread, not secrecy


async def _store_lost_answer(
    office: Office, session: AsyncSession, post: Post, worker: str, error: ChannelError
) -> None:
    look_at = clock.now() + timedelta(seconds=office.settings.lookup_after_s)
    await publishing.move(session, post, PostAction.LOSE_ANSWER, due_at=look_at, **_problem(error))
    await publishing.note_attempt(session, post, worker, "uncertain", error.message, error.code)


def _problem(error: ChannelError) -> dict[str, str | None]:
    return {"problem_code": error.code or type(error).__name__, "problem_message": error.message}


async def _ask_result(office: Office, post: Post, worker: str) -> None:
    try:
        channel = await office.channels.of(post.account)
        if not isinstance(channel, AcceptingChannel) or post.publish_id is None:
            raise TypeError("only a channel that accepts first leaves a post accepted, with its publish_id")
        result: Published | StillUnderWay | Removed | ChannelError = await channel.result(post.publish_id)
    except ChannelError as error:
        result = error
    try:
        await _store_result(office, post, worker, result)
    except StaleState:
        log.info("event_was_faster", post=post.id)


async def _store_result(
    office: Office, post: Post, worker: str, result: Published | StillUnderWay | Removed | ChannelError
) -> None:
    zone = office.settings.zone
    async with office.db.begin() as session:
        present = await session.get_one(Post, post.id)
        if present.state is not PostState.ACCEPTED:
            return
        match result:
            case Published():
                await confirm_post(session, present, PostAction.PUBLISH, result, zone)
                await publishing.note_attempt(session, present, worker, "published", "平台已发布。")
            case Removed(message):
                out = Published(platform_id="", url="", at=None)
                await confirm_post(session, present, PostAction.PUBLISH, out, zone)
                await remove_post(session, present, message, zone)
                await publishing.note_attempt(session, present, worker, "withdrawn", message)
            case Refused():
                await publishing.move(session, present, PostAction.FAIL, **_problem(result))
                await publishing.note_attempt(session, present, worker, "failed", result.message, result.code)
            case _:
                await _look_again_later(office, session, present, worker)


async def _look_again_later(office: Office, session: AsyncSession, post: Post, worker: str) -> None:
    silent_for = clock.now() - (post.accepted_at or post.updated_at)
    if silent_for > SILENT_TOO_LONG:
        lost = OutcomeUnknown("平台受理后一直没有给出结果。", code="silent")
        await publishing.move(session, post, PostAction.STAY_SILENT, due_at=clock.now(), **_problem(lost))
        await publishing.note_attempt(session, post, worker, "uncertain", lost.message, lost.code)
        return
    looks = int(silent_for.total_seconds() // 3)
    post.due_at = clock.now() + wait_before_look(min(looks, 10).bit_length())
    await session.flush()
