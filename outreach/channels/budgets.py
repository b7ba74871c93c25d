"""What is left of an account's calls: one count in the database that all workers share.

Whoever is about to call takes what the calls need beforehand, for many posts at once and in the transaction in
which the work itself is claimed, so that nobody makes a call that the platform would refuse as one too many.
Taken is taken: a call that was not made after all is not given back, since nobody can be sure of it.

The rows of a budget are locked in one order, after the posts and before anything else.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.budget_rules import (
    ANSWERS,
    NEEDS,
    READ_EVERY,
    Budget,
    Need,
    Use,
    begin_of,
    budgets_of,
    end_of,
)
from outreach.channels.model import Account, CallBudget, ChannelName
from outreach.channels.protocol import Quota, QuotaSpent
from outreach.channels.queries import answering_accounts
from outreach.foundation import clock
from outreach.foundation.database import insert_into
from outreach.foundation.dates import moment

_NO_LIMIT: Final = math.inf
_Rows = Mapping[tuple[str, str], CallBudget]


@dataclass(frozen=True, slots=True)
class Demand:
    """`number` doings of an account, each of which takes what `NEEDS` says."""

    account_id: str
    channel: ChannelName
    use: Use
    number: int = 1


@dataclass(frozen=True, slots=True)
class Grant:
    """How many were granted. Where fewer than were asked for: when more can be had (aware), and why not now
    (a Chinese sentence)."""

    number: int
    opens_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is used of a budget in its present window, and when it is renewed. `limit` is None where none is
    known; `learned_at` is when the platform told it."""

    budget: Budget
    used: int
    limit: int | None
    renewed_at: datetime
    learned_at: datetime | None

    @property
    def left(self) -> int | None:
        """How many are left; None where no limit is known."""
        return None if self.limit is None else max(0, self.limit - self.used)


async def take(session: AsyncSession, demands: Sequence[Demand]) -> list[Grant]:
    """Takes as much of each demand as there is, all or some or nothing of it; in the caller's transaction."""
    now = clock.now()
    rows = await _locked(session, demands, now)
    grants = [_grant(demand, rows, now) for demand in demands]
    await session.flush()
    return grants


async def take_one(session: AsyncSession, account_id: str, channel: ChannelName, use: Use) -> None:
    """Takes what one doing needs; in the caller's transaction. Raises QuotaSpent, which says when there is more."""
    (grant,) = await take(session, [Demand(account_id, channel, use)])
    if grant.opens_at is not None:
        wait_s = (grant.opens_at - clock.now()).total_seconds()
        raise QuotaSpent(grant.reason, code="budget", retry_after_s=wait_s)


async def shut(
    session: AsyncSession, account_id: str, channel: ChannelName, until: datetime, reason: str
) -> None:
    """The platform said that it wants no more releases of the account before `until` (aware)."""
    row = (await _locked(session, [Demand(account_id, channel, Use.RELEASE)], clock.now()))[
        account_id, ANSWERS.name
    ]
    if row.shut_until is None or row.shut_until < until:
        row.shut_until, row.shut_reason = until, reason
    await session.flush()


async def readings_due(session: AsyncSession) -> list[Account]:
    """The accounts whose platform is to be asked for its limits: those that nobody has asked about for long, and
    those of which more was wanted than was left, once for each window."""
    accounts = (await session.scalars(select(Account).where(Account.id.in_(answering_accounts())))).all()
    rows: defaultdict[str, list[CallBudget]] = defaultdict(list)
    for row in await _stored(session, [account.id for account in accounts]):
        rows[row.account_id].append(row)
    now = clock.now()
    return [account for account in accounts if _is_reading_due(account, rows[account.id], now)]


async def claim_reading(session: AsyncSession, account: Account) -> bool:
    """Whether the caller is the one to ask the platform for the account's limits now; takes the call for it."""
    now = clock.now()
    demand = Demand(account.id, account.channel, Use.READING)
    answers = (await _rows_of(session, [(account.id, ANSWERS)], now))[account.id, ANSWERS.name]
    if not _is_reading_due(account, await _stored(session, [account.id]), now):
        return False
    answers.learned_at = now
    (grant,) = await take(session, [demand])
    return grant.number == 1


async def learn(session: AsyncSession, account_id: str, told: Mapping[Budget, Quota]) -> None:
    """What the platform told of its own limits and count. The higher count holds: what was taken here may not have
    been called yet."""
    now = clock.now()
    rows = await _rows_of(session, [(account_id, budget) for budget in told], now)
    for budget, quota in told.items():
        row = rows[account_id, budget.name]
        row.learned_limit, row.learned_at = quota.limit, now
        row.used = max(row.used, quota.used)
    await session.flush()


async def standings(session: AsyncSession, account: Account) -> list[Standing]:
    """Every budget of the account, for its page."""
    now = clock.now()
    rows = {row.name: row for row in await _stored(session, [account.id])}
    return [
        _standing(budget, rows.get(budget.name), now) for budget in budgets_of(account.channel, account.type)
    ]


async def room_of(session: AsyncSession, account: Account) -> Room:
    """What one more release of the account finds, for whoever plans it."""
    rows = {row.name: row for row in await _stored(session, [account.id])}
    needs = NEEDS[account.channel, Use.RELEASE]
    shut_row = rows.get(ANSWERS.name)
    return Room(
        [(need, _standing(need.budget, rows.get(need.budget.name), clock.now())) for need in needs],
        shut_row.shut_until if shut_row else None,
    )


@dataclass(frozen=True, slots=True)
class Room:
    """The budgets that a release takes, as they stand now, and until when the platform wants no more."""

    needs: Sequence[tuple[Need, Standing]]
    shut_until: datetime | None


def _is_reading_due(account: Account, rows: Sequence[CallBudget], now: datetime) -> bool:
    asked_at = next((row.learned_at for row in rows if row.name == ANSWERS.name), None)
    if asked_at is None or asked_at <= now - READ_EVERY[account.channel]:
        return True
    return any(row.spent_at is not None and row.spent_at > asked_at for row in rows)


def _grant(demand: Demand, rows: _Rows, now: datetime) -> Grant:
    """Takes it of the rows. What binds most says when there is more."""
    needs = [(need, rows[demand.account_id, need.budget.name]) for need in NEEDS[demand.channel, demand.use]]
    number = min([demand.number, *(_left(need, row, now) for need, row in needs)])
    for _, row in needs:
        row.used += int(number)
    if number == demand.number:
        return Grant(demand.number)
    binding = [(need, row) for need, row in needs if _left(need, row, now) <= 0]
    for _, row in binding:
        if row.spent_at is None or row.spent_at < row.window_from:
            row.spent_at = now
    need, row = max(binding, key=lambda one: _opening(one[0], one[1], now))
    return Grant(int(number), _opening(need, row, now), _reason(need, row, now))


def _left(need: Need, row: CallBudget, now: datetime) -> float:
    if row.shut_until is not None and row.shut_until > now:
        return 0
    limit = _limit(need.budget, row)
    return _NO_LIMIT if limit is None else max(0, limit - need.kept(limit) - row.used)


def _opening(need: Need, row: CallBudget, now: datetime) -> datetime:
    is_shut = row.shut_until is not None and row.shut_until > now
    return row.shut_until if is_shut and row.shut_until else end_of(need.budget.window, now)


def _reason(need: Need, row: CallBudget, now: datetime) -> str:
    opens = moment(_opening(need, row, now), clock.SHANGHAI)
    if row.shut_until is not None and row.shut_until > now:
        return f"{row.shut_reason}在此之前不再调用，{opens} 自动继续。"
    limit = _limit(need.budget, row) or 0
    kept = need.kept(limit)
    spared = f"，另留 {kept} 次用于核对" if kept else ""
    return f"“{need.budget.label}”的次数已用完（{max(0, limit - kept)} 次{spared}），没有再去调用，{opens} 自动继续。"


def _limit(budget: Budget, row: CallBudget | None) -> int | None:
    return row.learned_limit if row is not None and row.learned_limit is not None else budget.limit


def _standing(budget: Budget, row: CallBudget | None, now: datetime) -> Standing:
    is_present = row is not None and row.window_from >= begin_of(budget.window, now)
    return Standing(
        budget,
        row.used if row is not None and is_present else 0,
        _limit(budget, row),
        end_of(budget.window, now),
        row.learned_at if row is not None else None,
    )


async def _stored(session: AsyncSession, account_ids: Iterable[str]) -> Sequence[CallBudget]:
    query = select(CallBudget).where(CallBudget.account_id.in_(set(account_ids)))
    return (await session.scalars(query)).all()


async def _locked(session: AsyncSession, demands: Sequence[Demand], now: datetime) -> _Rows:
    return await _rows_of(
        session,
        [
            (demand.account_id, need.budget)
            for demand in demands
            for need in NEEDS[demand.channel, demand.use]
        ],
        now,
    )


async def _rows_of(session: AsyncSession, keys: Sequence[tuple[str, Budget]], now: datetime) -> _Rows:
    """The rows of these budgets, made where there are none yet, held until the transaction ends, and turned to
    the present window. A clock that lags behind another machine's counts into the later window."""
    if not keys:
        return {}
    budgets = {(account_id, budget.name): budget for account_id, budget in keys}
    rows = await _hold(session, budgets)
    if missing := budgets.keys() - rows.keys():
        fresh = [
            {
                "account_id": account_id,
                "name": name,
                "used": 0,
                "window_from": begin_of(budgets[account_id, name].window, now),
            }
            for account_id, name in sorted(missing)
        ]
        await session.execute(insert_into(session, CallBudget).on_conflict_do_nothing(), fresh)
        rows = await _hold(session, budgets)
    for key, row in rows.items():
        begin = begin_of(budgets[key].window, now)
        if row.window_from < begin:
            row.window_from, row.used = begin, 0
    return rows


async def _hold(session: AsyncSession, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], CallBudget]:
    wanted = set(keys)
    query = (
        select(CallBudget)
        .where(
            CallBudget.account_id.in_({account_id for account_id, _ in wanted}),
            CallBudget.name.in_({name for _, name in wanted}),
        )
        .order_by(CallBudget.account_id, CallBudget.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    held = {(row.account_id, row.name): row for row in await session.scalars(query)}
    return {key: row for key, row in held.items() if key in wanted}
