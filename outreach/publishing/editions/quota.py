"""How often an account may push, and the earliest day on which it can. No session, no clock, no network.

Sources: api_sendall of developers.weixin.qq.com: a subscription account (订阅号) has one successful push a day by
the interface; each follower of a service account (服务号) gets four a calendar month, and so has a push to all.
Days and months are those of China.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from outreach.channels.budget_rules import Budget, Window
from outreach.channels.model import AccountType

PER_DAY: Final = 1
PER_MONTH: Final = 4

PUSHES: Final[Mapping[AccountType, Budget]] = {
    AccountType.SUBSCRIPTION: Budget("pushes", "群发", Window.DAY, PER_DAY),
    AccountType.SERVICE: Budget("pushes", "群发", Window.MONTH, PER_MONTH),
}
"""What the account's page shows. No row of its own is kept: editions that count are counted."""


def earliest_day(type_: AccountType, pushed_on: Iterable[date], wanted: date) -> date:
    """The first day from `wanted` on with a push left, where the account's other pushes are, or will be, on
    `pushed_on` (one entry a push)."""
    pushed = list(pushed_on)
    return _day_in_month(pushed, wanted) if type_ is AccountType.SERVICE else _free_day(pushed, wanted)


def _free_day(pushed: list[date], wanted: date) -> date:
    on = Counter(pushed)
    day = wanted
    while on[day] >= PER_DAY:
        day += timedelta(days=1)
    return day


def _day_in_month(pushed: list[date], wanted: date) -> date:
    months = Counter((day.year, day.month) for day in pushed)
    day = wanted
    while months[day.year, day.month] >= PER_MONTH:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day
