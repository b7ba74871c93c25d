"""The steps of deliveries that are under way, for many posts at once: each is stored under its post's lease
before the next one is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import BindParameter, Update, bindparam, func, insert, or_, select, update
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


# Statements that each delivery needs, made once: to make one takes as long as to run it.
_POST: Final = Post.__table__.c
_IDS: Final[BindParameter[str]] = bindparam("ids", expanding=True)
_NOW: Final = bindparam("now", type_=UtcDateTime)
_HELD: Final = (
    select(_POST.id, _POST.item_id, _POST.lease_holder, ~not_stopped(_POST.account_id))
    .where(_POST.id.in_(_IDS), _POST.state.in_(LEASED_STATES))
    .order_by(_POST.id)
    .with_for_update()
)
_SEALED: Final = select(_POST.id).where(_POST.id.in_(_IDS), _POST.item_id.in_(sealed_items()))
_GUARDED: Final = (
    update(Post)
    .where(
        _POST.id == bindparam("held_id"),
        or_(*(_POST.state == state for state in LEASED_STATES)),  # IN can't be sent once for many rows
        _POST.lease_holder == bindparam("held_by"),
    )
    .values(updated_at=_NOW)
)
_RENEW: Final = _GUARDED.values(lease_until=bindparam("until", type_=UtcDateTime))
_BEGIN_RELEASE: Final = _RENEW.values(
    media_id=bindparam("media"), release_began_at=func.coalesce(_POST.release_began_at, _NOW)
)
_FREED: Final = _GUARDED.values(lease_until=None, lease_holder=None)
_HALT: Final = _FREED.values(
    state=next_state(PostState.SENDING, PostAction.TRY_LATER), media_id=bindparam("media")
)
_ACCEPT: Final = _FREED.values(
    state=next_state(PostState.SENDING, PostAction.ACCEPT),
    publish_id=bindparam("job"),
    msg_data_id=bindparam("data_id"),
    accepted_at=_NOW,
    due_at=bindparam("look_at", type_=UtcDateTime),
    problem_code=None,
    problem_message=None,
)
_NOTE: Final = insert(Attempt)


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
    rows = await session.execute(_HELD, {"ids": list({hold.post_id for hold in holds})})
    found = {tuple(row[:3]): bool(row[3]) for row in rows}
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
    await _store(session, _RENEW, {hold: {} for hold in held})


async def remember_releases(session: AsyncSession, media_ids: Mapping[Hold, str | None]) -> None:
    """Stores that the calls that publish posts which are `still_held` begin, and of which drafts; renews their
    leases. The first time counts, for as long as its outcome is not known to have been nothing."""
    await _store(session, _BEGIN_RELEASE, {hold: {"media": media_id} for hold, media_id in media_ids.items()})


async def of_sealed_items(session: AsyncSession, held: Collection[Hold]) -> set[Hold]:
    """Those of posts that are `still_held` whose item was sealed meanwhile."""
    if not held:
        return set()
    sealed = set(await session.scalars(_SEALED, {"ids": list({hold.post_id for hold in held})}))
    return {hold for hold in held if hold.post_id in sealed}


async def halt(session: AsyncSession, media_ids: Mapping[Hold, str | None]) -> None:
    """Posts that are `still_held` wait until they may go on, from the draft that the platform keeps of each."""
    await _store(session, _HALT, {hold: {"media": media_id} for hold, media_id in media_ids.items()})


async def accept(session: AsyncSession, receipts: Mapping[Hold, Accepted]) -> None:
    """The platform has taken posts that are `still_held`, and tells later under these ids how they came out."""
    look_at = clock.now() + wait_before_look(timedelta(0))
    own = {
        hold: {"job": receipt.publish_id, "data_id": receipt.data_id, "look_at": look_at}
        for hold, receipt in receipts.items()
    }
    await _store(session, _ACCEPT, own)


async def note_attempts(
    session: AsyncSession, workers: Mapping[str, str], outcome: str, message: str, code: str | None = None
) -> None:
    """Keeps how the same step of several posts went (post id → who took it), for their pages and the figures."""
    if workers:
        said = {"at": clock.now(), "outcome": outcome, "code": code, "message": message}
        rows = [
            {"id": new_id(), "post_id": post_id, "worker": worker, **said}
            for post_id, worker in workers.items()
        ]
        await (await session.connection()).execute(_NOTE, rows)


def log_attempt(post_id: str, item_id: str, worker: str, outcome: str, code: str | None = None) -> None:
    """Logs it, among the lines of whoever took the step."""
    log.info("post_attempted", post=post_id, item=item_id, worker=worker, outcome=outcome, code=code)


async def _store(session: AsyncSession, query: Update, own: Mapping[Hold, Mapping[str, Any]]) -> None:
    """One of the guarded updates below, sent once for all: with what is each hold's `own`."""
    if own:
        now = clock.now()
        common = {"now": now, "until": now + LEASE}
        rows = [
            {"held_id": hold.post_id, "held_by": hold.holder, **common, **values}
            for hold, values in own.items()
        ]
        await (await session.connection()).execute(query, rows)
