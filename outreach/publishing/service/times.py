"""When posts go out: the one check of a time, and the way to another time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock, office_settings
from outreach.foundation.dates import moment
from outreach.foundation.problems import NotPossible, StaleState, invalid
from outreach.items.model import Item
from outreach.people.model import Person
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import STATE_LABELS
from outreach.publishing.service.room import require_room
from outreach.publishing.time_rules import first_time, quiet_hours


async def check_time(session: AsyncSession, item: Item, at: datetime | None) -> None:
    """Whether something of the item may go out at `at` (None: now). Asked by whatever plans, and plans anew.

    Quiet hours hold nothing that goes out now, and no emergency; an embargo holds everything. Raises InvalidContent at
    `at`, with the first time that would do.
    """
    now = clock.now()
    if at is not None and at <= now:
        raise invalid("at", "发布时间已经过去。请选一个以后的时间，或留空立即发布。")
    settings = await office_settings.load(session)
    quiet = quiet_hours(settings.quiet_from, settings.quiet_until)
    if at is None or item.is_emergency:
        quiet = None
    wanted = at or now
    first = first_time(wanted, quiet=quiet, not_before=item.not_before)
    if first == wanted:
        return
    told = moment(first, clock.SHANGHAI)
    if item.not_before is not None and wanted < item.not_before:
        limit = moment(item.not_before, clock.SHANGHAI)
        raise invalid("at", f"这条信息不早于 {limit} 发布。发布时间最早可填 {told}。")
    hours = f"{settings.quiet_from} 至 {settings.quiet_until}"
    raise invalid("at", f"发布时间在静默时段（{hours}）内。最早可填 {told}，或留空立即发布。")


async def hold_planned(session: AsyncSession, item_id: str) -> None:
    """Holds the item's planned posts until the transaction ends. To be called before the item is held: workers take
    posts first and then their items, and two that go opposite ways would block each other."""
    query = select(Post.id).where(Post.item_id == item_id, Post.state == PostState.PLANNED)
    await session.execute(query.order_by(Post.id).with_for_update())


async def reschedule(session: AsyncSession, post: Post, by: Person, at: datetime) -> Post:
    """The post goes out at another time. Guarded by its state and by the time that was read: only what is planned, and
    what nobody else moved meanwhile.

    Raises NotPossible, StaleState, InvalidContent.
    """
    require_planned(post)
    await check_time(session, post.item, at)
    await require_room(session, post.account_id, at, but=post.id)
    before = post.at
    query = (
        update(Post)
        .where(
            Post.id == post.id,
            Post.state == PostState.PLANNED,
            Post.at.is_(None) if before is None else Post.at == before,
        )
        .values(at=at, due_at=at, updated_at=clock.now())
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise StaleState("这个发布件刚刚变了，没有改期。请刷新页面后再看。")
    await session.refresh(post)
    await audit.record(
        session, by, "post.reschedule", "post", post.id, item=post.item_id, at=at, before=before
    )
    return post


def require_planned(post: Post) -> None:
    """Raises NotPossible where the post waits for no time any more, or goes out with an edition."""
    if post.edition_id is not None:
        raise NotPossible("这篇文章随推送一起发出，请到它所在的推送页面更改时间。")
    if post.state is not PostState.PLANNED:
        raise NotPossible(f"发布件当前为“{STATE_LABELS[post.state]}”，不能改期。")
