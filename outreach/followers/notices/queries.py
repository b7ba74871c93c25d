"""The read side of notices. Nothing here tells an openid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.channels.notice_protocol import NoticeCall
from outreach.channels.queries import sending_accounts
from outreach.followers.model import Follower
from outreach.followers.notices.marks import MEANINGS, OPEN, Mark, RecipientState, add_up, by_state
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeState, NoticeTemplate, Occasion
from outreach.followers.notices.rules import digest_event
from outreach.foundation import clock
from outreach.foundation.problems import NotFound
from outreach.items.model import Item, ItemState

ALL_TOLD: Final = (
    Notice.state == NoticeState.RUNNING,
    ~exists().where(NoticeChunk.notice_id == Notice.id, ~NoticeChunk.is_done),
)
"""That a notice runs of which nobody waits any more."""
_FASTEST_TOLD = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a notice has come. `reasons` are what stands behind the outcomes: a sentence, the platform's code (None: it
    has none) and how many; `ends_at` is an estimate (aware), None where there is none."""

    by_state: Mapping[RecipientState, int]
    calls: Mapping[NoticeCall, int]
    reasons: Sequence[tuple[str, int | None, int]]
    done: int
    a_second: float
    ends_at: datetime | None


async def get_notice(session: AsyncSession, notice_id: str) -> Notice:
    """Raises NotFound."""
    notice = await session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("没有这条通知。")
    return notice


async def list_notices(
    session: AsyncSession, *, limit: int, cursor: str | None = None
) -> tuple[list[tuple[Notice, str]], str | None]:
    """Notices with the names of their accounts, the newest first, and where the next page begins."""
    query = (
        select(Notice, Account.name)
        .join(Account, Account.id == Notice.account_id)
        .order_by(Notice.id.desc())
        .limit(limit + 1)
    )
    rows = (await session.execute(query.where(Notice.id < cursor) if cursor else query)).all()
    shown = [(notice, name) for notice, name in rows[:limit]]
    return shown, shown[-1][0].id if len(rows) > limit else None


async def paused_notices(session: AsyncSession) -> list[tuple[Notice, str]]:
    """The notices that go on only when somebody lets them, with the names of their accounts; the oldest first."""
    query = select(Notice, Account.name).join(Account, Account.id == Notice.account_id)
    rows = await session.execute(query.where(Notice.state == NoticeState.PAUSED).order_by(Notice.id))
    return [(notice, name) for notice, name in rows]


async def progress_of(session: AsyncSession, notice: Notice) -> Progress:
    """How far the notice has come: a row a chunk is read."""
    query = select(NoticeChunk.call, NoticeChunk.tally).where(NoticeChunk.notice_id == notice.id)
    rows = (await session.execute(query)).all()
    total = add_up([tally for _, tally in rows])
    if notice.state is NoticeState.CANCELLED and Mark.BEGUN in total:
        total[Mark.NO_ANSWER] = total.get(Mark.NO_ANSWER, 0) + total.pop(Mark.BEGUN)
    calls: defaultdict[NoticeCall, int] = defaultdict(int)
    for call, tally in rows:
        calls[call] += sum(tally.values())
    waiting = sum(number for mark, number in total.items() if mark in OPEN)
    done = sum(total.values()) - waiting
    speed = _speed(notice, done)
    now = clock.now()
    ends_at = now + timedelta(seconds=waiting / speed) if speed and waiting else None
    reasons = [
        (MEANINGS[mark].label, MEANINGS[mark].code, total[mark]) for mark in sorted(total) if _tells(mark)
    ]
    return Progress(by_state(total), calls, reasons, done, speed, ends_at)


async def templates_of(
    session: AsyncSession, account_id: str, use: str
) -> Mapping[NoticeCall, NoticeTemplate]:
    """The templates that the office chose for `use` on the account, by call."""
    query = select(NoticeTemplate).where(NoticeTemplate.account_id == account_id, NoticeTemplate.use == use)
    return {one.call: one for one in await session.scalars(query)}


async def is_lasting(session: AsyncSession, account_id: str, template_id: str) -> bool:
    """Whether one consent to that template allows any number of messages."""
    query = select(NoticeTemplate.lasting).where(
        NoticeTemplate.account_id == account_id, NoticeTemplate.template_id == template_id
    )
    return bool((await session.scalars(query.limit(1))).first())


async def all_templates_of(session: AsyncSession, account_id: str) -> Sequence[NoticeTemplate]:
    """Every template that was chosen on the account."""
    query = select(NoticeTemplate).where(NoticeTemplate.account_id == account_id)
    return (await session.scalars(query.order_by(NoticeTemplate.use, NoticeTemplate.call))).all()


async def events_of(session: AsyncSession, account_id: str, after: datetime, until: datetime) -> list[Item]:
    """The items of which followers of the account were to hear in that time and that are still public, the newest
    first."""
    query = (
        select(Item)
        .join(Notice, Notice.item_id == Item.id)
        .where(
            Notice.account_id == account_id,
            Notice.occasion.in_((Occasion.PUBLICATION, Occasion.EVE)),
            Notice.planned_at > after,
            Notice.planned_at <= until,
            Item.state == ItemState.PUBLISHED,
        )
        .order_by(Notice.planned_at.desc(), Notice.id.desc())
    )
    return list((await session.scalars(query)).unique())


async def has_events(session: AsyncSession, account_id: str, until: datetime) -> bool:
    """Whether there was anything in the day before `until` (aware) that a digest may tell of."""
    return bool(await events_of(session, account_id, until - timedelta(days=1), until))


async def digests_due(session: AsyncSession, hour: datetime) -> list[str]:
    """The accounts of which a digest is to be planned at that hour (aware): somebody wants one, and there is none yet."""
    shanghai = hour.astimezone(clock.SHANGHAI)
    wants = exists().where(
        Follower.account_id == Account.id, Follower.subscribed, Follower.digest_hour == shanghai.hour
    )
    planned = exists().where(Notice.account_id == Account.id, Notice.event == digest_event(hour))
    return list(await session.scalars(select(Account.id).where(Account.active, wants, ~planned)))


async def is_any_to_start(session: AsyncSession, at: datetime) -> bool:
    """Whether a notice is due to start at `at` (aware)."""
    query = select(Notice.id).where(Notice.state == NoticeState.PLANNED, Notice.due_at <= at).limit(1)
    return (await session.scalars(query)).first() is not None


async def is_any_to_finish(session: AsyncSession) -> bool:
    """Whether a notice runs of which nobody waits any more: whoever told the last of them died before it said so."""
    return (await session.scalars(select(Notice.id).where(*ALL_TOLD).limit(1))).first() is not None


async def is_any_due(session: AsyncSession) -> bool:
    """Whether the queue of notices has work to do: something is to start, or to be sent."""
    query = (
        select(Notice.id)
        .where(
            Notice.state.in_((NoticeState.PLANNED, NoticeState.RUNNING)),
            Notice.due_at <= clock.now(),
            Notice.account_id.in_(sending_accounts()),
        )
        .limit(1)
    )
    return (await session.scalars(query)).first() is not None


def _speed(notice: Notice, done: int) -> float:
    """Recipients a second since the present run began; 0 where nothing runs."""
    if notice.state is not NoticeState.RUNNING or notice.speed_from is None:
        return 0.0
    elapsed = clock.now() - notice.speed_from
    told = done - notice.speed_done
    return told / elapsed.total_seconds() if elapsed > _FASTEST_TOLD and told > 0 else 0.0


def _tells(mark: Mark) -> bool:
    """Whether the page says more of a mark than its state does."""
    return (
        MEANINGS[mark].state
        in {
            RecipientState.REFUSED,
            RecipientState.UNREACHABLE,
            RecipientState.UNCERTAIN,
        }
        or MEANINGS[mark].code is not None
    )
