"""A circuit breaker an account, in the database and shared by all workers: a platform that does not answer costs one
call now and then, not a call for each post.

closed ── FAILURES_TO_OPEN calls in a row without an answer ──▶ open ── its time is over ──▶ one probe
   ▲                                                             ▲                             │  │
   └──────────────────────────── answered ───────────────────────┼─────────────────────────────┘  │
                                                                 └────────── no answer, for longer ┘

While it is open nothing of the account is claimed. A probe is an ordinary post or look, one at a time; whoever
takes it holds it for `PROBE`, so that a probe whose worker died is taken again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Breaker
from outreach.channels.protocol import ChannelError, NotSent, OutcomeUnknown
from outreach.foundation import clock
from outreach.foundation.database import UtcDateTime, insert_into

FAILURES_TO_OPEN: Final = 3
PROBE: Final = timedelta(minutes=3)
"""Longer than any delivery takes: its upload and its calls have their own limits of time."""

_FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 1800.0
_MOMENT: Final = bindparam("moment", type_=UtcDateTime)
_RIPE: Final = (
    Breaker.open_until <= _MOMENT,
    or_(Breaker.probe_until.is_(None), Breaker.probe_until <= _MOMENT),
)
_ANY_RIPE: Final = select(Breaker.account_id).where(*_RIPE).limit(1)


@dataclass(slots=True)
class Answers:
    """Whether a platform answered, call by call, for one account: noted by those who call, stored once."""

    failures: int = 0
    has_answered: bool = False
    reason: str = ""

    def note(self, outcome: object) -> None:
        """What came of one call: an outcome, or the ChannelError that it raised."""
        is_outage = tells_outage(outcome)
        if is_outage is None:
            return
        if is_outage and isinstance(outcome, ChannelError):
            self.failures, self.reason = self.failures + 1, outcome.message
        else:
            self.failures, self.has_answered = 0, True


def tells_outage(outcome: object) -> bool | None:
    """Whether the platform did not answer, or only said that it can't; None where that remains unclear. A lost answer
    has no code of the platform's, which are numbers."""
    match outcome:
        case NotSent():
            return True
        case OutcomeUnknown(code=code):
            is_the_platforms = (code or "").lstrip("-").isdigit()
            return None if is_the_platforms else True
        case _:
            return False


def wait_of(opening: int, jitter: float) -> timedelta:
    """For how long it is open the `opening`th time (1 is the first): doubling from five seconds up to half an hour,
    spread by `jitter` (0 to 1)."""
    wait = min(_FIRST_WAIT_S * 2 ** min(opening - 1, 10), _LONGEST_WAIT_S)
    return timedelta(seconds=wait * (0.75 + 0.5 * jitter))


def tripped() -> Select[str]:
    """The ids of the accounts whose breaker is not closed."""
    return select(Breaker.account_id).where(Breaker.open_until.is_not(None))


def shut_at(moment: datetime) -> Select[str]:
    """The ids of the accounts of which nothing is taken at `moment`, not even a probe."""
    return select(Breaker.account_id).where(
        or_(Breaker.open_until > moment, Breaker.probe_until > moment), Breaker.open_until.is_not(None)
    )


async def take_probes(
    session: AsyncSession, has_work: ColumnElement[bool], values: Mapping[str, Any]
) -> set[str]:
    """The accounts of which one post or look may be tried now, by this caller alone: those whose time is over and for
    which `has_work` (a condition on `Breaker.account_id`, with its `values`) holds."""
    now = clock.now()
    if await session.scalar(_ANY_RIPE, {"moment": now}) is None:
        return set()
    query = (
        update(Breaker)
        .where(*_RIPE, has_work)
        .values(probe_until=now + PROBE)
        .returning(Breaker.account_id)
        .execution_options(synchronize_session=False)
    )
    return set(await session.scalars(query, {**values, "moment": now}))


async def are_clean(session: AsyncSession, account_ids: Sequence[str]) -> list[bool]:
    """For each of the accounts, whether nothing is held against its platform."""
    query = select(Breaker.account_id).where(Breaker.account_id.in_(account_ids))
    held_against = set(await session.scalars(query))
    return [account_id not in held_against for account_id in account_ids]


async def store(session: AsyncSession, account_id: str, answers: Answers, jitter: float) -> None:
    """What the calls to the platform told: an answer closes the breaker and forgets the failures before it; failures
    in a row open it, for longer each time. Calls that were under way when it was opened open it no further."""
    if answers.has_answered:
        await close(session, account_id)
    if not answers.failures:
        return
    row = await _locked(session, account_id)
    row.failures += answers.failures
    row.reason = answers.reason
    now = clock.now()
    is_probe = row.open_until is not None and row.open_until <= now
    if row.failures >= FAILURES_TO_OPEN and (row.open_until is None or is_probe):
        row.openings += 1
        row.opened_at = row.opened_at or now
        row.open_until, row.probe_until = now + wait_of(row.openings, jitter), None
    await session.flush()


async def close(session: AsyncSession, account_id: str) -> None:
    """The platform answers."""
    await session.execute(
        delete(Breaker).where(Breaker.account_id == account_id).execution_options(synchronize_session=False)
    )


async def breakers(session: AsyncSession) -> dict[str, Breaker]:
    """The breakers that are not closed, by account."""
    query = select(Breaker).where(Breaker.open_until.is_not(None))
    return {row.account_id: row for row in await session.scalars(query)}


async def _locked(session: AsyncSession, account_id: str) -> Breaker:
    """The row, made where there is none, held until the transaction ends."""
    fresh = {"account_id": account_id, "failures": 0, "openings": 0, "reason": ""}
    await session.execute(insert_into(session, Breaker).values(fresh).on_conflict_do_nothing())
    query = select(Breaker).where(Breaker.account_id == account_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()
