"""Each step of a delivery is stored before the next one is taken. The posts that are under way at the same
time in a process share the transactions: what they store in the same moment is committed once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Accepted
from outreach.foundation.database import Database
from outreach.publishing import service as publishing
from outreach.publishing.service import Halted, Hold, LeaseLost

_ACCEPTED: Final = "accepted"
_HALTED: Final = "halted"
_STOPPED_BEFORE: Final = "提交发布之前被停发，没有发布；已存的草稿保留，恢复后接着发送。"
_SEALED_BEFORE: Final = "信息已封存，没有提交发布。"


@dataclass(frozen=True, slots=True)
class Releasing:
    """The call that publishes begins; of the draft `media_id`, where the platform has drafts."""

    media_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the post in `hold`: what is to be remembered of it."""

    hold: Hold
    what: Releasing | Accepted


class _Stored(StrEnum):
    """What came of a step."""

    STORED = "stored"
    LOST = "lost"
    HALTED = "halted"


async def store_step(db: Database, step: Step) -> None:
    """Stores the step and renews the lease. Raises LeaseLost, and nothing is stored; Halted where publishing was
    stopped or the item sealed before the release began, and the post waits with its draft."""
    hold = step.hold
    match await db.write_together(_store_steps, step):
        case _Stored.LOST:
            raise LeaseLost(hold.post_id)
        case _Stored.HALTED:
            publishing.log_attempt(hold.post_id, hold.item_id, hold.worker, _HALTED)
            raise Halted(hold.post_id)
    if isinstance(step.what, Accepted):
        publishing.log_attempt(hold.post_id, hold.item_id, hold.worker, _ACCEPTED)


async def _store_steps(session: AsyncSession, steps: Sequence[Step]) -> list[_Stored]:
    """What came of each: not stored are those whose post somebody else has taken over, or may not go out now."""
    held = await publishing.held_and_stopped(session, [step.hold for step in steps])
    known = {step.hold: step.what for step in steps if step.hold in held}
    releases = {hold for hold, what in known.items() if isinstance(what, Releasing)}
    sealed = await publishing.of_sealed_items(session, releases)
    halted = {hold for hold in releases if held[hold]} | sealed
    stored = {hold: what for hold, what in known.items() if hold not in halted}
    accepted = _receipts(stored)
    await publishing.halt(session, _media_ids({hold: known[hold] for hold in halted}))
    await publishing.remember_releases(session, _media_ids(stored))
    await publishing.accept(session, accepted)
    await publishing.note_attempts(session, _workers(halted - sealed), _HALTED, _STOPPED_BEFORE)
    await publishing.note_attempts(session, _workers(sealed), "stopped", _SEALED_BEFORE)
    await publishing.note_attempts(session, _workers(accepted), _ACCEPTED, "平台已受理，等待发布结果。")
    return [_outcome(step.hold, held, halted) for step in steps]


def _outcome(hold: Hold, held: Collection[Hold], halted: Collection[Hold]) -> _Stored:
    if hold not in held:
        return _Stored.LOST
    return _Stored.HALTED if hold in halted else _Stored.STORED


def _workers(holds: Iterable[Hold]) -> dict[str, str]:
    return {hold.post_id: hold.worker for hold in holds}


def _media_ids(stored: Mapping[Hold, object]) -> dict[Hold, str | None]:
    return {hold: what.media_id for hold, what in stored.items() if isinstance(what, Releasing)}


def _receipts(stored: Mapping[Hold, object]) -> dict[Hold, Accepted]:
    return {hold: what for hold, what in stored.items() if isinstance(what, Accepted)}
