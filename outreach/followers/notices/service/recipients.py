"""What the platform said of single followers is kept where it belongs: that they left, what they no longer want, what is
left of their consent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.notice_protocol import NoticeCall
from outreach.followers.model import Follower
from outreach.followers.notices.marks import Mark
from outreach.followers.notices.model import NoticeConsent
from outreach.foundation import clock
from outreach.foundation.database import insert_into

_LEFT: Final = frozenset({Mark.NOT_FOLLOWING, Mark.NO_SUCH_OPENID, Mark.NO_SUCH_USER})
_SILENT: Final = frozenset({Mark.WINDOW_CLOSED, Mark.WINDOW_USED_UP})
_USED: Final = frozenset({Mark.SENT, Mark.NO_ANSWER})


async def learn(
    session: AsyncSession, call: NoticeCall, template_id: str, lasting: bool, marks: Mapping[int, Mark]
) -> None:
    """`marks` of followers by their ids, of one call under one template. A consent is used up by a message that may have
    been sent."""
    by_mark: defaultdict[Mark, list[int]] = defaultdict(list)
    for follower_id, mark in marks.items():
        by_mark[mark].append(follower_id)
    await _leave(session, _of(by_mark, _LEFT))
    await _fall_silent(session, _of(by_mark, _SILENT))
    await refuse(session, template_id, by_mark.get(Mark.NOT_WANTED, ()))
    if call is NoticeCall.SUBSCRIPTION and not lasting:
        await _use_up(session, template_id, _of(by_mark, _USED))


def matter(call: NoticeCall, lasting: bool, marks: Mapping[int, Mark]) -> bool:
    """Whether `learn` would change anything."""
    uses_up = call is NoticeCall.SUBSCRIPTION and not lasting
    learnt = _LEFT | _SILENT | {Mark.NOT_WANTED} | (_USED if uses_up else frozenset())
    return not learnt.isdisjoint(marks.values())


async def follower_of(session: AsyncSession, account_id: str, openid: str) -> int | None:
    """Who has that openid."""
    query = select(Follower.id).where(Follower.account_id == account_id, Follower.openid == openid)
    return await session.scalar(query)


async def consent(session: AsyncSession, template_id: str, follower_id: int) -> None:
    """The follower accepted one message more (subscribe_msg_popup_event, accept); of a lasting template any number."""
    fresh = {"template_id": template_id, "follower_id": follower_id, "left": 1, "refused_at": None}
    query = insert_into(session, NoticeConsent).values(fresh)
    raised = {"left": NoticeConsent.left + 1, "refused_at": None}
    await session.execute(
        query.on_conflict_do_update(index_elements=["template_id", "follower_id"], set_=raised)
    )


async def refuse(session: AsyncSession, template_id: str, follower_ids: Collection[int]) -> None:
    """They want none of that template any more (43101; subscribe_msg_change_event, reject)."""
    if not template_id or not follower_ids:
        return
    now = clock.now()
    rows = [
        {"template_id": template_id, "follower_id": one, "left": 0, "refused_at": now} for one in follower_ids
    ]
    query = insert_into(session, NoticeConsent)
    changed = {"left": 0, "refused_at": now}
    await session.execute(
        query.on_conflict_do_update(index_elements=["template_id", "follower_id"], set_=changed), rows
    )


def _of(by_mark: Mapping[Mark, list[int]], marks: Collection[Mark]) -> list[int]:
    return [follower_id for mark in marks for follower_id in by_mark.get(mark, ())]


async def _leave(session: AsyncSession, follower_ids: Collection[int]) -> None:
    if follower_ids:
        await session.execute(
            update(Follower)
            .where(Follower.id.in_(follower_ids), Follower.subscribed)
            .values(subscribed=False, unsubscribed_at=clock.now())
            .execution_options(synchronize_session=False)
        )


async def _fall_silent(session: AsyncSession, follower_ids: Collection[int]) -> None:
    if follower_ids:
        await session.execute(
            update(Follower)
            .where(Follower.id.in_(follower_ids))
            .values(spoke_at=None)
            .execution_options(synchronize_session=False)
        )


async def _use_up(session: AsyncSession, template_id: str, follower_ids: Collection[int]) -> None:
    if follower_ids:
        await session.execute(
            update(NoticeConsent)
            .where(
                NoticeConsent.template_id == template_id,
                NoticeConsent.follower_id.in_(follower_ids),
                NoticeConsent.left > 0,
            )
            .values(left=NoticeConsent.left - 1)
            .execution_options(synchronize_session=False)
        )
