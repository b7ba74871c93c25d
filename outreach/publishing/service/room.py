"""Whether a post that is planned for a time can go out then: a plan that can't be met is refused while it is made.

Asked without a lock: of two who plan the last place at once both may get it, and then the later post waits for the
next window, as `claims` sees to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.budget_rules import WINDOW_LABELS, Need, begin_of, end_of
from outreach.channels.budgets import Room, Standing, room_of
from outreach.channels.model import Account
from outreach.foundation import clock
from outreach.foundation.dates import moment
from outreach.foundation.problems import InvalidContent, invalid
from outreach.publishing.model import ALONE, Post, PostState

_AS_FAR_AS: Final = timedelta(days=366)
_Loads = Mapping[Need, Counter[datetime]]


async def require_room(
    session: AsyncSession, account_id: str, at: datetime, *, but: str | None = None
) -> None:
    """Raises InvalidContent at `at`, with the earliest time at which one more post of the account can go out, where
    what is planned already (`but` that post, which is moved) leaves no room for it at `at` (aware)."""
    account = await session.get_one(Account, account_id)
    room = await room_of(session, account)
    loads = _loads(room, await _planned(session, account_id, but))
    if _wait(room, loads, at) is not None:
        raise _full(account, room, loads, at)


async def _planned(session: AsyncSession, account_id: str, but: str | None) -> Sequence[datetime]:
    """When the planned posts of the account are due; what is overdue is due now."""
    now = clock.now()
    query = select(Post.due_at).where(Post.account_id == account_id, Post.state == PostState.PLANNED, ALONE)
    if but is not None:
        query = query.where(Post.id != but)
    return [max(due_at, now) for due_at in await session.scalars(query)]


def _loads(room: Room, planned: Sequence[datetime]) -> _Loads:
    """What each budget has to bear, by the beginning of the window."""
    now = clock.now()
    loads: dict[Need, Counter[datetime]] = {}
    for need, standing in room.needs:
        window = need.budget.window
        loads[need] = Counter(begin_of(window, due_at) for due_at in planned)
        loads[need][begin_of(window, now)] += standing.used
    return loads


def _wait(room: Room, loads: _Loads, at: datetime) -> datetime | None:
    """The next moment after `at` that is worth a look; None where `at` itself has room."""
    ends = [] if room.shut_until is None or room.shut_until <= at else [room.shut_until]
    for need, standing in room.needs:
        window, places = need.budget.window, _places(need, standing)
        if places is not None and loads[need][begin_of(window, at)] >= places:
            ends.append(end_of(window, at))
    return max(ends, default=None)


def _full(account: Account, room: Room, loads: _Loads, at: datetime) -> InvalidContent:
    told = "、".join(_limits(room, loads, at)) or "平台要求暂停调用"
    earliest = _earliest(room, loads, at)
    when = f"最早可以安排在 {moment(earliest, clock.SHANGHAI)}" if earliest else "一年之内都没有余量"
    return invalid("at", f"“{account.name}”在这个时间已经排满（{told}）。{when}。")


def _limits(room: Room, loads: _Loads, at: datetime) -> list[str]:
    return [
        f"“{need.budget.label}”{WINDOW_LABELS[need.budget.window]}最多 {places} 次"
        for need, standing in room.needs
        if (places := _places(need, standing)) is not None
        and loads[need][begin_of(need.budget.window, at)] >= places
    ]


def _places(need: Need, standing: Standing) -> int | None:
    """For how many releases a window of the budget is good; None where no limit is known."""
    limit = standing.limit
    return None if limit is None else max(0, limit - need.kept(limit))


def _earliest(room: Room, loads: _Loads, at: datetime) -> datetime | None:
    end = at + _AS_FAR_AS
    while (following := _wait(room, loads, at)) is not None and following < end:
        at = following
    return None if following is not None else at
