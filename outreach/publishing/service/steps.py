"""The steps of deliveries that are under way, for many posts at once: each is stored under its post's lease
before the next one is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import bindparam, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Accepted
from outreach.channels.queries import not_stopped
from outreach.foundation import clock
from outreach.foundation.database import UtcDateTime
from outreach.foundation.ids import new_id
from outreach.items.queries import sealed_items
from outreach.publishing.model import Attempt, Post, PostState
from outreach.publishing.rules import LEASE, LEASED_STATES, PostAction, next_state, wait_before_look

log = structlog.get_logger(__name__)


class Hold(NamedTuple):
    """A post under a lease. `holder` names the claim that gave it, not the worker alone: who lost a post and
    took it again holds it anew."""

    post_id: str
    item_id: str
    holder: str

    @property
    def worker(self) -> str:
        """Whose claim it is."""
        return self.holder.rpartition(":")[0]


def new_holder(worker: str) -> str:
    """The name of one claim of `worker`."""
    return f"{worker}:{new_id()[-6:]}"


class LeaseLost(Exception):
    """Another worker has taken the post over: this one stops without a word to the platform."""


class Halted(LeaseLost):
    """Somebody stopped publishing before the release began: the post waits, and keeps its draft."""


async def still_held(session: AsyncSession, holds: Collection[Hold]) -> set[Hold]:
    """Those of `holds` that nobody has taken over, nor can take over before the transaction ends.

    They are locked in the order of their ids: two transactions with several posts each can't block each other.
    """
    return set(await held_and_stopped(session, holds))


async def held_and_stopped(session: AsyncSession, holds: Collection[Hold]) -> dict[Hold, bool]:
    """The same, each with whether somebody has stopped publishing on its account."""
    query = (
        select(Post.id, Post.item_id, Post.lease_holder, ~not_stopped(Post.account_id))
        .where(Post.id.in_({hold.post_id for hold in holds}), Post.state.in_(LEASED_STATES))
        .order_by(Post.id)
        .with_for_update()
    )
    found = {tuple(row[:3]): bool(row[3]) for row in await session.execute(query)}
    return {hold: found[hold] for hold in holds if hold in found}


async def wait_for_releases(session: AsyncSession, account_id: str | None) -> None:
    """Returns when no post of the account (None: of any) is in a transaction that begins its release: whoever put a
    stop in force, and committed it, knows afterwards that none begins any more. Changes nothing."""
    under_way = (Post.state == PostState.SENDING, Post.release_began_at.is_(None))
    query = select(Post.id).where(*under_way).order_by(Post.id).with_for_update()
    if account_id is not None:
        query = query.where(Post.account_id == account_id)
    await session.execute(query)


async def renew_leases(session: AsyncSession, held: Collection[Hold]) -> None:
    """Their worker is alive and still at these posts, which are `still_held`."""
    await _store(session, {hold: {} for hold in held})


async def remember_releases(session: AsyncSession, media_ids: Mapping[Hold, str | None]) -> None:
    """Stores that the calls that publish posts which are `still_held` begin, and of which drafts; renews their
    leases. The first time counts, for as long as its outcome is not known to have been nothing."""
    began_at = func.coalesce(Post.release_began_at, literal(clock.now(), UtcDateTime))
    await _store(
        session,
        {hold: {"media_id": media_id} for hold, media_id in media_ids.items()},
        release_began_at=began_at,
    )


async def of_sealed_items(session: AsyncSession, held: Collection[Hold]) -> set[Hold]:
    """Those of posts that are `still_held` whose item was sealed meanwhile."""
    if not held:
        return set()
    ids = {hold.post_id for hold in held}
    query = select(Post.id).where(Post.id.in_(ids), Post.item_id.in_(sealed_items()))
    sealed = set(await session.scalars(query))
    return {hold for hold in held if hold.post_id in sealed}


async def halt(session: AsyncSession, media_ids: Mapping[Hold, str | None]) -> None:
    """Posts that are `still_held` wait until they may go on, from the draft that the platform keeps of each."""
    await _store(
        session,
        {hold: {"media_id": media_id} for hold, media_id in media_ids.items()},
        state=next_state(PostState.SENDING, PostAction.TRY_LATER),
        lease_until=None,
        lease_holder=None,
    )


async def accept(session: AsyncSession, receipts: Mapping[Hold, Accepted]) -> None:
    """The platform has taken posts that are `still_held`, and tells later under these ids how they came out."""
    now = clock.now()
    await _store(
        session,
        {
            hold: {"publish_id": receipt.publish_id, "msg_data_id": receipt.data_id}
            for hold, receipt in receipts.items()
        },
        state=next_state(PostState.SENDING, PostAction.ACCEPT),
        lease_until=None,
        lease_holder=None,
        accepted_at=now,
        due_at=now + wait_before_look(timedelta(0)),
        problem_code=None,
        problem_message=None,
    )


async def note_attempts(
    session: AsyncSession, workers: Mapping[str, str], outcome: str, message: str, code: str | None = None
) -> None:
    """Keeps how the same step of several posts went (post id → who took it), for their pages and the figures."""
    if workers:
        said = {"at": clock.now(), "outcome": outcome, "code": code, "message": message}
        rows = [{"post_id": post_id, "worker": worker, **said} for post_id, worker in workers.items()]
        await session.execute(insert(Attempt), rows)


def log_attempt(post_id: str, item_id: str, worker: str, outcome: str, code: str | None = None) -> None:
    """Logs it, among the lines of whoever took the step."""
    log.info("post_attempted", post=post_id, item=item_id, worker=worker, outcome=outcome, code=code)


async def _store(session: AsyncSession, own: Mapping[Hold, Mapping[str, Any]], **common: Any) -> None:
    """One guarded update, sent once for all: what is each hold's `own`, and what all have in `common`."""
    if not own:
        return
    now = clock.now()
    query = (
        update(Post)
        .where(
            Post.id == bindparam("held_id"),
            or_(*(Post.state == state for state in LEASED_STATES)),  # IN can't be sent once for many rows
            Post.lease_holder == bindparam("held_by"),
        )
        .values({"lease_until": now + LEASE, "updated_at": now, **common})
    )
    rows = [{"held_id": hold.post_id, "held_by": hold.holder, **values} for hold, values in own.items()]
    await (await session.connection()).execute(query, rows)
