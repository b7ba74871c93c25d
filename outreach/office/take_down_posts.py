"""Withdrawals are carried out: each post is claimed, taken down outside of any transaction, and its outcome stored.

Taking down is the same done once or twice, so that a lost answer leaves the post where it is: the next try looks first
whether it is gone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import service as accounts
from outreach.channels.protocol import (
    ByHand,
    ChannelError,
    Gone,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
    Removed,
)
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.confirm_post import remove_post
from outreach.office.context import Office
from outreach.office.leases import hold_of, lease_kept, of_posts
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction, wait_before_try
from outreach.publishing.service import Hold, LeaseLost

log = structlog.get_logger(__name__)

_PUSH_UNKNOWN = (
    "系统没有这次群发的编号，不能通过接口删除，请人工撤回：登录微信公众平台（mp.weixin.qq.com），"
    "在“发表记录”里找到这篇文章并删除，然后回到这里点“确认已撤回”。"
)
_REFUSED = "平台拒绝了撤回：{message}请到平台上人工删除，然后回到这里点“确认已撤回”。"


async def take_down_due(office: Office, *, worker: str, limit: int) -> int:
    """Takes down posts that are to be withdrawn, up to `limit` of them; how many it took. Safe to run twice and at the
    same time."""
    async with office.db.begin() as session:
        posts = await publishing.claim_withdrawals(session, worker=worker, limit=limit)
    async with lease_kept(office, of_posts([hold_of(post) for post in posts])):
        await run_all(_take_down(office, post) for post in posts)
    return len(posts)


@dataclass(frozen=True, slots=True)
class _Takedown:
    """How far a withdrawal has come."""

    office: Office
    hold: Hold
    platform_id: str | None
    publish_id: str | None
    call_began: bool

    async def remember_call(self) -> None:
        async with self.office.db.begin() as session:
            if not await publishing.remember_takedown(session, self.hold):
                raise LeaseLost(self.hold.post_id)


async def _take_down(office: Office, post: Post) -> None:
    structlog.contextvars.bind_contextvars(post=post.id, item=post.item_id)
    hold = hold_of(post)
    try:
        outcome = await _ask(office, post, hold)
        async with office.db.begin() as session:
            await _store(office, session, hold, outcome)
    except LeaseLost:
        log.warning("lease_lost", post=post.id)


async def _ask(office: Office, post: Post, hold: Hold) -> Gone | ByHand | ChannelError:
    began = post.takedown_began_at is not None
    takedown = _Takedown(office, hold, post.platform_id or None, post.publish_id, began)
    try:
        if post.edition_id is not None:
            return await _delete_pushed(office, post, takedown)
        channel = await office.channels.of(post.account)
        return await channel.withdraw(takedown)
    except ChannelError as error:
        return error
    except WrongKey as problem:
        return NeedsOperator(problem.detail, code=problem.code)


async def _delete_pushed(office: Office, post: Post, takedown: _Takedown) -> Gone | ByHand:
    """An article that went out with a push. Deleting it a second time, after a lost answer, changes nothing."""
    async with office.db.read() as session:
        edition = await session.get_one(Edition, post.edition_id)
    if edition.msg_id is None or post.article_idx is None:
        return ByHand(_PUSH_UNKNOWN)
    pusher = await office.channels.pusher_of(post.account)
    if isinstance(await pusher.push_result(edition.msg_id), Removed):
        return Gone()
    await takedown.remember_call()
    await pusher.delete_pushed(edition.msg_id, post.article_idx)
    return Gone()


async def _store(
    office: Office, session: AsyncSession, hold: Hold, outcome: Gone | ByHand | ChannelError
) -> None:
    """Raises LeaseLost where somebody else has taken the post over."""
    if not await publishing.still_held(session, [hold]):
        raise LeaseLost(hold.post_id)
    post = await session.get_one(Post, hold.post_id)
    match outcome:
        case Gone():
            await remove_post(
                session, post, post.withdraw_reason, office.settings.zone, action=PostAction.GONE
            )
            await publishing.note_attempt(session, post, hold.worker, "withdrawn", "已从平台上撤回。")
        case ByHand(reason):
            await publishing.leave_takedown_to_person(session, post, hold.worker, reason)
        case Refused():
            told = _REFUSED.format(message=outcome.message)
            await publishing.leave_takedown_to_person(session, post, hold.worker, told)
        case NeedsOperator():
            await accounts.pause_account(session, post.account_id, outcome.message)
            await _put_off(session, post, hold, outcome, "withdraw_paused", timedelta(0))
        case OutcomeUnknown():
            await _put_off(session, post, hold, outcome, "withdraw_uncertain", _wait(post, outcome))
        case _:
            await _put_off(session, post, hold, outcome, "withdraw_postponed", _wait(post, outcome))


async def _put_off(
    session: AsyncSession, post: Post, hold: Hold, error: ChannelError, outcome: str, wait: timedelta
) -> None:
    await publishing.put_off_takedown(session, hold, error, wait)
    await publishing.note_attempt(session, post, hold.worker, outcome, error.message, error.code)


def _wait(post: Post, error: ChannelError) -> timedelta:
    if isinstance(error, NotSent | QuotaSpent) and error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return wait_before_try(post.tries, random.random())  # noqa: S311 - spread, not secrecy
