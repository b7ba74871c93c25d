"""Who works at an edition, and how far its push has come: each step is stored under the lease before the next one
is taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.budget_rules import Use
from outreach.channels.budgets import take_one
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import Refused
from outreach.channels.push_protocol import PushTaken
from outreach.channels.queries import not_stopped, open_accounts, sending_accounts
from outreach.foundation import clock
from outreach.foundation.database import UtcDateTime
from outreach.foundation.ids import new_id
from outreach.items.model import Item, ItemState
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.rules import FIRST_LOOK, OUTSTANDING, POST_STATES, EditionAction
from outreach.publishing.editions.service.states import hold_articles, move
from outreach.publishing.model import Post
from outreach.publishing.rules import LEASE
from outreach.publishing.service import Halted, LeaseLost
from outreach.publishing.service.claims import open_public_pages
from outreach.publishing.service.steps import new_holder

_NOT_WHOLE: Final = (
    "第 {numbers} 篇的信息已封存、撤回或取消，推送没有群发。请退回编排，看过其余的文章后重新安排。"
)

_WAITING_ACCOUNTS: Final = (
    sending_accounts()
    .where(
        Account.id.in_(
            select(Edition.account_id).where(
                Edition.state == EditionState.PLANNED,
                Edition.due_at <= bindparam("now", type_=UtcDateTime),
            )
        )
    )
    .with_for_update(skip_locked=True, key_share=True)
)


class EditionHold(NamedTuple):
    """An edition under a lease; `holder` names the claim that gave it."""

    edition_id: str
    holder: str

    @property
    def worker(self) -> str:
        """Whose claim it is."""
        return self.holder.rpartition(":")[0]


async def claim_due(session: AsyncSession, *, worker: str) -> list[EditionHold]:
    """Takes the next edition that is due of each account that has none whose outcome is open, and opens the public
    pages of its articles. The accounts are held until the transaction ends: nobody else takes another one."""
    now = clock.now()
    held = (await session.scalars(_WAITING_ACCOUNTS, {"now": now})).all()
    if not held:
        return []
    busy = set(await session.scalars(select(Edition.account_id).where(Edition.state.in_(OUTSTANDING))))
    return [await _claim(session, account_id, now, worker) for account_id in held if account_id not in busy]


async def still_held(session: AsyncSession, hold: EditionHold) -> Edition:
    """The edition as it stands, which nobody can take over before the transaction ends. Raises LeaseLost."""
    query = (
        select(Edition)
        .where(
            Edition.id == hold.edition_id,
            Edition.state == EditionState.SENDING,
            Edition.lease_holder == hold.holder,
        )
        .with_for_update(of=Edition)
        .execution_options(populate_existing=True)
    )
    edition = (await session.scalars(query)).one_or_none()
    if edition is None:
        raise LeaseLost(hold.edition_id)
    return edition


async def renew_lease(session: AsyncSession, hold: EditionHold) -> None:
    """Its worker is alive and still at it. Raises LeaseLost."""
    await _store(session, hold)


async def remember_draft(session: AsyncSession, hold: EditionHold, media_id: str, draft_of: str) -> None:
    """The draft on the platform, and of which composition it is. Raises LeaseLost."""
    await _store(session, hold, media_id=media_id, draft_of=draft_of)


async def remember_release(session: AsyncSession, hold: EditionHold) -> str:
    """Stores that the call that pushes begins, and gives the id under which it may be sent.

    Raises LeaseLost, Halted where publishing was stopped meanwhile, QuotaSpent where no call is left, and Refused as
    `require_whole`.
    """
    edition = await still_held(session, hold)
    if not await session.scalar(select(not_stopped(Edition.account_id)).where(Edition.id == edition.id)):
        raise Halted(edition.id)
    await require_whole(session, edition)
    await take_one(session, edition.account_id, ChannelName.WECHAT, Use.PUSH)
    client_msg_id = edition.client_msg_id or new_id()
    began_at = edition.release_began_at or clock.now()
    await _store(session, hold, client_msg_id=client_msg_id, release_began_at=began_at)
    return client_msg_id


async def wait_for_releases(session: AsyncSession, account_id: str | None) -> None:
    """Waits until whoever is just storing that a push begins has committed; of one account, or of all (None)."""
    query = select(Edition.id).where(Edition.state == EditionState.SENDING).order_by(Edition.id)
    if account_id is not None:
        query = query.where(Edition.account_id == account_id)
    await session.execute(query.with_for_update())


async def require_whole(session: AsyncSession, edition: Edition) -> None:
    """Raises Refused where an article may not go out any more: its item was sealed or withdrawn, or it was cancelled."""
    is_ended = or_(Item.state == ItemState.SEALED, Item.public_end_reason.is_not(None))
    query = (
        select(Post.article_idx)
        .join_from(Post, Item, Post.item_id == Item.id)
        .where(Post.edition_id == edition.id, or_(Post.state != POST_STATES[edition.state], is_ended))
        .order_by(Post.article_idx)
    )
    numbers = [str(number) for number in await session.scalars(query)]
    if numbers:
        raise Refused(_NOT_WHOLE.format(numbers="、".join(numbers)), code="article-ended")


async def accept(session: AsyncSession, edition: Edition, taken: PushTaken) -> Edition:
    """The platform has taken it, and tells later how it came out."""
    action = EditionAction.ACCEPT if edition.state is EditionState.SENDING else EditionAction.FIND_UNDER_WAY
    now = clock.now()
    return await move(
        session,
        edition,
        action,
        msg_id=taken.msg_id,
        msg_data_id=taken.data_id,
        accepted_at=now,
        due_at=now + FIRST_LOOK,
        problem_code=None,
        problem_message=None,
    )


async def claim_expired(session: AsyncSession) -> list[Edition]:
    """The editions whose worker has not renewed its lease, held until the transaction ends."""
    query = select(Edition).where(Edition.state == EditionState.SENDING, Edition.lease_until < clock.now())
    return list((await session.scalars(query.with_for_update(of=Edition, skip_locked=True))).unique())


async def claim_looks(session: AsyncSession) -> list[Edition]:
    """The editions about which the platform is to be asked now; their next look is put off, so that nobody else asks
    at the same time."""
    now = clock.now()
    query = (
        select(Edition)
        .where(
            Edition.state.in_({EditionState.ACCEPTED, EditionState.UNCERTAIN}),
            Edition.due_at <= now,
            Edition.account_id.in_(open_accounts()),
        )
        .order_by(Edition.due_at)
        .with_for_update(of=Edition, skip_locked=True)
    )
    editions = list((await session.scalars(query)).unique())
    for edition in editions:
        edition.due_at = now + LEASE
    await session.flush()
    return editions


async def remember_repetition(session: AsyncSession, edition: Edition) -> bool:
    """Stores that the push is sent again; whether it may be: nobody has, and its answer is still missing. Raises
    QuotaSpent where no call is left."""
    query = (
        update(Edition)
        .where(
            Edition.id == edition.id,
            Edition.state == EditionState.UNCERTAIN,
            Edition.msg_id.is_(None),
            Edition.repeated_at.is_(None),
        )
        .values(repeated_at=clock.now(), due_at=clock.now() + LEASE * 2)
        .returning(Edition.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        return False
    await take_one(session, edition.account_id, ChannelName.WECHAT, Use.PUSH)
    return True


async def look_again(session: AsyncSession, edition: Edition, wait: timedelta, **changes: Any) -> None:
    """Nothing is known that was not known before: it is looked at again after `wait`."""
    edition.due_at = clock.now() + wait
    for name, value in changes.items():
        setattr(edition, name, value)
    await session.flush()


async def _claim(session: AsyncSession, account_id: str, now: datetime, worker: str) -> EditionHold:
    first = (
        select(Edition)
        .where(Edition.state == EditionState.PLANNED, Edition.due_at <= now, Edition.account_id == account_id)
        .order_by(Edition.due_at, Edition.id)
        .limit(1)
        .with_for_update(of=Edition)
    )
    edition = (await session.scalars(first)).one()
    holder = new_holder(worker)
    await move(
        session,
        edition,
        EditionAction.CLAIM,
        lease_until=now + LEASE,
        lease_holder=holder,
        tries=Edition.tries + 1,
    )
    await open_public_pages(session, await hold_articles(session, edition), now)
    return EditionHold(edition.id, holder)


async def _store(session: AsyncSession, hold: EditionHold, **values: Any) -> None:
    query = (
        update(Edition)
        .where(
            Edition.id == hold.edition_id,
            Edition.state == EditionState.SENDING,
            Edition.lease_holder == hold.holder,
        )
        .values(lease_until=clock.now() + LEASE, updated_at=clock.now(), **values)
        .returning(Edition.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise LeaseLost(hold.edition_id)
