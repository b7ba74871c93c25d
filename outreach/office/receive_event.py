"""WeChat tells how a publish job came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import ChannelError, Published, Refused, Removed
from outreach.channels.wechat.callback import PublishFinished
from outreach.office.confirm_post import confirm_post, remove_post
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import PostAction

WORKER: Final = "callback"
_FOUND: Final[Mapping[PostState, PostAction]] = {
    PostState.ACCEPTED: PostAction.PUBLISH,
    PostState.UNCERTAIN: PostAction.FIND_PUBLISHED,
}


async def receive_publish_finished(
    session: AsyncSession, account_id: str, event: PublishFinished, zone: ZoneInfo
) -> bool:
    """Settles the post that waits for this event; whether there was one. The same event again changes
    nothing. One that comes before its publish_id was stored is left to the sweep, which asks for the result.
    """
    query = (
        select(Post)
        .where(Post.account_id == account_id, Post.publish_id == event.publish_id, Post.state.in_(_FOUND))
        .with_for_update(of=Post)
    )
    post = (await session.scalars(query)).unique().one_or_none()
    if post is None:
        return False
    try:
        result = event.result()
    except Refused as error:
        await _refused(session, post, error)
        return True
    except ChannelError:
        return False
    match result:
        case Published():
            await confirm_post(session, post, _FOUND[post.state], result, zone)
            await publishing.note_attempt(session, post, WORKER, "published", "平台通知：已发布。")
        case Removed(message):
            out = Published(platform_id=event.article_id or "", url=event.url or "", at=event.at)
            await confirm_post(session, post, _FOUND[post.state], out, zone)
            await remove_post(session, post, message, zone)
            await publishing.note_attempt(session, post, WORKER, "withdrawn", message)
    return True


async def _refused(session: AsyncSession, post: Post, error: Refused) -> None:
    """The platform's verdict. An uncertain post is first known to have been under way."""
    if post.state is PostState.UNCERTAIN:
        await publishing.move(session, post, PostAction.FIND_UNDER_WAY)
    await publishing.move(
        session, post, PostAction.FAIL, problem_code=error.code, problem_message=error.message
    )
    await publishing.note_attempt(session, post, WORKER, "failed", error.message, error.code)
