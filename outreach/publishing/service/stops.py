"""What becomes of the posts of an item that was sealed: nothing more goes out, and what is out is taken back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.publishing.model import Post
from outreach.publishing.queries import to_be_stopped
from outreach.publishing.rules import WITHDRAWN_BY_HAND, PostAction, can
from outreach.publishing.service.posts import cancel_post, move

_BY_HAND: Final = "withdraw-by-hand"
_DELETE_IT_YOURSELF: Final = (
    "这条信息发现密级标志，已经封存。微博不能由系统删除：请马上登录这个微博账号，找到这条微博并删除，"
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
    await move(
        session, post, PostAction.WITHDRAW, due_at=clock.now(), problem_code=None, problem_message=None
    )
    if post.account.channel in WITHDRAWN_BY_HAND:
        await move(
            session,
            post,
            PostAction.LEAVE_WITHDRAWING_TO_PERSON,
            after_withdrawing=True,
            problem_code=_BY_HAND,
            problem_message=_DELETE_IT_YOURSELF,
        )
    await audit.record(session, by, "post.withdraw", "post", post.id, item=post.item_id)
