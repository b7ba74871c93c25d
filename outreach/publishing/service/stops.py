"""What becomes of the posts of an item that was sealed: nothing more goes out, and what is out is taken back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.rules import can_withdraw
from outreach.foundation.audit import Actor
from outreach.publishing.model import Post
from outreach.publishing.queries import to_be_stopped
from outreach.publishing.rules import PostAction, can
from outreach.publishing.service.posts import cancel_post
from outreach.publishing.service.withdrawals import OFFICE, Order, begin_withdrawal, leave_takedown_to_person

_SEALED: Final = "信息已封存，停止公开。"
_DELETE_IT_YOURSELF: Final = (
    "这条信息发现密级标志，已经封存。这个账号上的内容不能由系统删除：请马上登录这个账号，找到它并删除，"
    "确认页面已打不开，再回到这里点“确认已撤回”。不要转发、不要截图。"
)


async def stop_posts(session: AsyncSession, item_id: str, by: Actor) -> None:
    """Cancels the item's posts that have not gone out and withdraws those that have. Posts whose outcome is open stay
    as they are until it is known, and so do those that somebody else is moving at this moment: on PostgreSQL both are
    left to the next sweep, so that two who lock posts and items in different orders never wait for each other."""
    query = (
        select(Post)
        .where(Post.item_id == item_id, to_be_stopped())
        .order_by(Post.id)
        .with_for_update(skip_locked=True, of=Post)
        .execution_options(populate_existing=True)
    )
    for post in (await session.scalars(query)).unique().all():
        await _stop(session, post, by)


async def _stop(session: AsyncSession, post: Post, by: Actor) -> None:
    if can(post.state, PostAction.CANCEL, after_withdrawing=post.after_withdrawing):
        await cancel_post(session, post, by)
        return
    await begin_withdrawal(session, post, Order(by, _SEALED))
    if not can_withdraw(post.account):
        await leave_takedown_to_person(session, post, OFFICE, _DELETE_IT_YOURSELF)
