"""What calls answer of accounts, and of whether publishing is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from outreach.channels.budgets import Standing
from outreach.channels.model import Account, AccountCheck, AccountType, Breaker, ChannelName
from outreach.channels.rights import RIGHT_LABELS, RightName, RightState
from outreach.channels.rules import can_publish
from outreach.channels.standing import AccountStanding
from outreach.foundation.stops import Stop
from outreach.web.api.post_shapes import Moment


class StopShape(BaseModel):
    """Who stopped publishing, when and why."""

    by: str
    at: Moment
    reason: str


class OutageShape(BaseModel):
    """The platform does not answer: since when, until when nothing is tried, and what was told last."""

    since: Moment | None
    until: Moment | None
    reason: str


class BudgetShape(BaseModel):
    """What is left of some calls. `limit` and `left` are null where no limit is known."""

    name: str
    label: str
    used: int
    limit: int | None
    left: int | None
    renewed_at: Moment


class RightShape(BaseModel):
    """A right on the platform, whether the account has it, and what to do (Chinese)."""

    name: RightName
    label: str
    state: RightState
    message: str


class CheckShape(BaseModel):
    """The last check: `problem` is the first thing to be mended, null where there is nothing; `passed_at` is when a
    check last went well. `rights` is empty where it came to no question."""

    at: Moment
    by: str
    problem: str | None
    passed_at: Moment | None
    rights: list[RightShape]


class AccountShape(BaseModel):
    """An account; its credentials are never shown. `stopped` is a person's stop of this account alone, `paused`
    waits for an operator. `authorised_until` is when the platform's authorisation ends, where it told."""

    id: str
    channel: ChannelName
    name: str
    type: AccountType | None
    verified: bool
    authorised_until: Moment | None
    can_publish: bool
    paused: bool
    paused_reason: str | None
    stopped: StopShape | None
    outage: OutageShape | None


class FullAccountShape(AccountShape):
    """An account with what is left of its calls, and its last check; null before the first one."""

    budgets: list[BudgetShape]
    check: CheckShape | None


class AccountList(BaseModel):
    """All accounts, in the order in which they were made."""

    items: list[AccountShape]
    next_cursor: Literal[None] = None


class PublishingShape(BaseModel):
    """Whether all publishing of the office is stopped."""

    stopped: StopShape | None


def shape_account(account: Account, stop: Stop | None, breaker: Breaker | None) -> AccountShape:
    """An account without its credentials."""
    return AccountShape(
        id=account.id,
        channel=account.channel,
        name=account.name,
        type=account.type,
        verified=account.verified,
        authorised_until=account.authorised_until,
        can_publish=can_publish(account),
        paused=account.paused_at is not None,
        paused_reason=account.paused_reason,
        stopped=shape_stop(stop),
        outage=_outage(breaker),
    )


def shape_account_in_full(
    account: Account, standing: AccountStanding, budgets: Sequence[Standing]
) -> FullAccountShape:
    """The same with its budgets and its check."""
    return FullAccountShape(
        **dict(shape_account(account, standing.stop, standing.breaker)),
        budgets=[_budget(one) for one in budgets],
        check=_check(standing.check),
    )


def shape_stop(stop: Stop | None) -> StopShape | None:
    """A stop, if there is one."""
    return StopShape(by=stop.by_name, at=stop.at, reason=stop.reason) if stop else None


def _outage(breaker: Breaker | None) -> OutageShape | None:
    if breaker is None:
        return None
    return OutageShape(since=breaker.opened_at, until=breaker.open_until, reason=breaker.reason)


def _check(check: AccountCheck | None) -> CheckShape | None:
    if check is None:
        return None
    rights = [
        RightShape(
            name=RightName(one["name"]),
            label=RIGHT_LABELS[RightName(one["name"])],
            state=RightState(one["state"]),
            message=one["message"],
        )
        for one in check.rights
    ]
    return CheckShape(
        at=check.at, by=check.by_name, problem=check.problem, passed_at=check.passed_at, rights=rights
    )


def _budget(standing: Standing) -> BudgetShape:
    return BudgetShape(
        name=standing.budget.name,
        label=standing.budget.label,
        used=standing.used,
        limit=standing.limit,
        left=standing.left,
        renewed_at=standing.renewed_at,
    )
