"""Each step of a delivery is stored before the next one is taken. The posts that are under way at the same
time in a process share the transactions: what they store in the same moment is committed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Accepted
from outreach.foundation.database import Database
from outreach.publishing import service as publishing
from outreach.publishing.service import Hold, LeaseLost

_ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True)
class Releasing:
    """The call that publishes begins; of the draft `media_id`, where the platform has drafts."""

    media_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the post in `hold`: what is to be remembered of it."""

    hold: Hold
    what: Releasing | Accepted


async def store_step(db: Database, step: Step) -> None:
    """Stores the step and renews the lease. Raises LeaseLost, and nothing is to be done any more: somebody else has
    taken the post over, or its item was sealed before its release."""
    if not await db.write_together(_store_steps, step):
        raise LeaseLost(step.hold.post_id)
    if isinstance(step.what, Accepted):
        publishing.log_attempt(step.hold.post_id, step.hold.item_id, step.hold.worker, _ACCEPTED)


async def _store_steps(session: AsyncSession, steps: Sequence[Step]) -> list[bool]:
    """Whether each was stored: not those whose post somebody else has taken over, nor releases of a sealed item."""
    held = await publishing.still_held(session, [step.hold for step in steps])
    barred = await publishing.bar_releases(
        session, _media_ids({step.hold: step.what for step in steps if step.hold in held})
    )
    going_on = held - barred
    stored = {step.hold: step.what for step in steps if step.hold in going_on}
    accepted = _publish_ids(stored)
    await publishing.remember_releases(session, _media_ids(stored))
    await publishing.accept(session, accepted)
    workers = {hold.post_id: hold.worker for hold in accepted}
    await publishing.note_attempts(session, workers, _ACCEPTED, "平台已受理，等待发布结果。")
    stopped = {hold.post_id: hold.worker for hold in barred}
    await publishing.note_attempts(session, stopped, "stopped", "信息已封存，没有提交发布。")
    return [step.hold in going_on for step in steps]


def _media_ids(stored: Mapping[Hold, object]) -> dict[Hold, str | None]:
    return {hold: what.media_id for hold, what in stored.items() if isinstance(what, Releasing)}


def _publish_ids(stored: Mapping[Hold, object]) -> dict[Hold, str]:
    return {hold: what.publish_id for hold, what in stored.items() if isinstance(what, Accepted)}
