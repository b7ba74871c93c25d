"""A notice changes its state: by guarded updates alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.marks import OPEN, add_up
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeState
from outreach.followers.notices.queries import ALL_TOLD, is_any_to_finish
from outreach.followers.notices.rules import NoticeAction, next_state
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE, Actor
from outreach.foundation.problems import NotFound, StaleState
from outreach.people.model import Person
from outreach.people.rules import Act, require

_ENDS: Final = frozenset({NoticeState.DONE, NoticeState.CANCELLED})
_LIVE: Final = (NoticeState.PLANNED, NoticeState.RUNNING, NoticeState.PAUSED)


async def act(session: AsyncSession, notice_id: str, by: Person, action: NoticeAction) -> Notice:
    """A publisher pauses a notice, lets it go on, or cancels what is left of it. What is under way at that moment comes to
    its end. Raises NotFound, Forbidden, NotPossible, StaleState."""
    require(by, Act.PUBLISH)
    notice = await session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("没有这条通知。")
    because = f"{by.name}操作" if action is not NoticeAction.RESUME else None
    changes: dict[str, Any] = {"stopped_because": because}
    if action is NoticeAction.RESUME:
        changes |= {"due_at": clock.now(), "wait_reason": None, "tries": 0, **await speed(session, notice_id)}
    await move(session, notice, action, by, **changes)
    if action is NoticeAction.RESUME:
        await finish_done(session)
        await session.refresh(notice)
    return notice


async def move(
    session: AsyncSession, notice: Notice, action: NoticeAction, by: Actor = SERVICE, **changes: Any
) -> Notice:
    """Takes `action`, with other columns. Raises NotPossible, StaleState."""
    state = next_state(notice.state, action)
    ended = {"ended_at": clock.now()} if state in _ENDS else {}
    query = (
        update(Notice)
        .where(Notice.id == notice.id, Notice.state == notice.state)
        .values(state=state, **ended, **changes)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.scalars(query)).first() is None:
        raise StaleState("通知的状态刚刚变了，请刷新页面后再试。")
    await audit.record(session, by, f"notice.{action}", "notice", notice.id, event=notice.event)
    await session.refresh(notice)
    return notice


async def pause(session: AsyncSession, notice_id: str, reason: str) -> None:
    """The service itself pauses a running notice: a person has to mend something first."""
    query = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.state == NoticeState.RUNNING)
        .values(state=NoticeState.PAUSED, stopped_because=reason)
        .returning(Notice.event)
        .execution_options(synchronize_session=False)
    )
    event = (await session.scalars(query)).first()
    if event is not None:
        await audit.record(session, SERVICE, "notice.pause", "notice", notice_id, event=event, reason=reason)


async def suspend(
    session: AsyncSession, notice_id: str, until: datetime, reason: str, *, tries: int = 0
) -> None:
    """Nothing more of a notice is sent before `until` (aware). `tries`: how often its platform could not be reached."""
    await session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.state.in_(_LIVE), Notice.due_at < until)
        .values(
            due_at=until,
            wait_reason=reason,
            tries=tries,
            **{**await speed(session, notice_id), "speed_from": until},
        )
        .execution_options(synchronize_session=False)
    )


async def forget_tries(session: AsyncSession, notice_id: str) -> None:
    """The platform answers again."""
    await session.execute(
        update(Notice)
        .where(Notice.id == notice_id)
        .values(tries=0, wait_reason=None)
        .execution_options(synchronize_session=False)
    )


async def cancel_of_items(session: AsyncSession, item_ids: Collection[str], reason: str) -> None:
    """What the items say is no longer public: nobody more is told of it."""
    query = (
        update(Notice)
        .where(Notice.item_id.in_(item_ids), Notice.state.in_(_LIVE))
        .values(state=NoticeState.CANCELLED, ended_at=clock.now(), stopped_because=reason)
        .returning(Notice.id, Notice.event)
        .execution_options(synchronize_session=False)
    )
    for notice_id, event in (await session.execute(query)).all():
        await audit.record(session, SERVICE, "notice.cancel", "notice", notice_id, event=event, reason=reason)


async def finish_done(session: AsyncSession) -> None:
    """Notices of which nobody waits any more are done; what they said is kept where it belongs, with the items."""
    if not await is_any_to_finish(session):
        return
    query = (
        update(Notice)
        .where(*ALL_TOLD)
        .values(state=NoticeState.DONE, ended_at=clock.now(), wait_reason=None, words=[])
        .returning(Notice.id, Notice.event, Notice.audience)
        .execution_options(synchronize_session=False)
    )
    for notice_id, event, audience in (await session.execute(query)).all():
        await audit.record(
            session, SERVICE, "notice.finish", "notice", notice_id, event=event, audience=audience
        )


async def speed(session: AsyncSession, notice_id: str) -> dict[str, Any]:
    """From here on the speed of a notice is counted anew."""
    tallies = await session.scalars(select(NoticeChunk.tally).where(NoticeChunk.notice_id == notice_id))
    total = add_up(list(tallies))
    done = sum(number for mark, number in total.items() if mark not in OPEN)
    return {"speed_from": clock.now(), "speed_done": done}
