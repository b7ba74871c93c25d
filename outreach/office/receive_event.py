"""WeChat tells how a publish job came out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import ChannelError, Published, Refused, Removed, Result
from outreach.channels.wechat.callback import PublishFinished
from outreach.office.confirm_post import confirm_held, remove_post
from outreach.office.context import Office
from outreach.office.store_published import OPENED
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import accounts_that_release
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation

WORKER: Final = "callback"
# WeChat waits five seconds for an answer.
_PATIENCE_S: Final = 2.0
_AGAIN_AFTER_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that was pushed to an account. Months begin in `zone`."""

    account_id: str
    event: PublishFinished
    zone: ZoneInfo

    @property
    def job(self) -> tuple[str, str]:
        """Which publish job it is about."""
        return self.account_id, self.event.publish_id


async def receive_publish_finished(office: Office, account_id: str, event: PublishFinished) -> None:
    """Settles the post that waits for this event, if there is one; the same event again changes nothing.
    Events that come at the same moment share a transaction.

    An event may be faster than WeChat's answer to the call that it is about. It waits a moment for the
    publish_id to be stored; then it is left to the sweep, which asks for the result.
    """
    notice = Notice(account_id, event, office.settings.zone)
    for _ in range(round(_PATIENCE_S / _AGAIN_AFTER_S)):
        if await office.db.write_together(_settle, notice):
            return
        await asyncio.sleep(_AGAIN_AFTER_S)


async def _settle(session: AsyncSession, notices: Sequence[Notice]) -> list[bool]:
    """Whether each is done with: not one that no post waits for while its account is releasing one."""
    (zone,) = {notice.zone for notice in notices}
    events = {notice.job: notice.event for notice in reversed(notices)}
    posts = await publishing.hold_waiting(session, events)
    results = {job: _result(events[job]) for job in posts}
    out = [
        Confirmation(posts[job], OPENED[posts[job].state], _proof(events[job]))
        for job, result in results.items()
        if isinstance(result, Published | Removed)
    ]
    if out:
        await confirm_held(session, out, zone)
        workers = {one.post.id: WORKER for one in out}
        await publishing.note_attempts(session, workers, "published", "平台通知：已发布。")
        for one in out:
            publishing.log_attempt(one.post.id, one.post.item_id, WORKER, "published")
    for job, result in results.items():
        match result:
            case Removed(message):
                await _removed(session, posts[job], message, zone)
            case Refused():
                await _refused(session, posts[job], result)
    unknown = {notice.account_id for notice in notices if notice.job not in posts}
    releasing = await accounts_that_release(session, unknown) if unknown else set()
    return [notice.job in posts or notice.account_id not in releasing for notice in notices]


async def _removed(session: AsyncSession, post: Post, message: str, zone: ZoneInfo) -> None:
    await session.refresh(post)
    await remove_post(session, post, message, zone)
    await publishing.note_attempt(session, post, WORKER, "withdrawn", message)


async def _refused(session: AsyncSession, post: Post, error: Refused) -> None:
    """The platform's verdict. An uncertain post is first known to have been under way."""
    if post.state is PostState.UNCERTAIN:
        await publishing.move(session, post, PostAction.FIND_UNDER_WAY)
    await publishing.move(
        session, post, PostAction.FAIL, problem_code=error.code, problem_message=error.message
    )
    await publishing.note_attempt(session, post, WORKER, "failed", error.message, error.code)


def _result(event: PublishFinished) -> Result | ChannelError:
    try:
        return event.result()
    except ChannelError as error:
        return error


def _proof(event: PublishFinished) -> Published:
    return Published(event.article_id or "", event.url or "", event.at)
