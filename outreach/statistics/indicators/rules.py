"""What the self-check goes by. Pure.

National, by 国办秘函〔2019〕19号 as bulletins of inspections cite it (浙江 2021Q4, 渭南 2020Q4, 宁化, 连云港 2023-09):
an account that was not updated within the two weeks before the inspection fails, and so does one without an
interaction function that works. The wording of the items themselves has not been confirmed, so that the interval and
the days of the warnings are settings of the office (14, 7 and 10 by default; places like 闽侯 ask for 10).
Everything else that is computed here is the office's own measure and never turns an account red.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from outreach.channels.model import ChannelName

CALLBACK_LATELY: Final = timedelta(days=30)
"""How long ago WeChat's last push may lie: on a small account nobody writes for weeks."""


class Light(IntEnum):
    """A traffic light; the worse, the greater."""

    GOOD = 0
    DUE = 1
    BAD = 2


class Level(StrEnum):
    """How urgent it is that an account is updated: the two warnings, and overdue."""

    FIRST = "first"
    SECOND = "second"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the office has set: the interval and the two warnings in days, the term for answers in hours."""

    within_days: int
    first_warning_days: int
    second_warning_days: int
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long ago an account was updated. `days` since `since`, the day of the last post that is public on it, or of
    the account's entry where there is none (`has_posted` False). `red_on` is the day on which it fails if nothing
    comes; `level` None while there is nothing to warn of."""

    since: date
    has_posted: bool
    days: int
    red_on: date
    level: Level | None

    @property
    def light(self) -> Light:
        """正常, 将超期 or 不达标."""
        if self.level is None:
            return Light.GOOD
        return Light.BAD if self.level is Level.OVERDUE else Light.DUE


@dataclass(frozen=True, slots=True)
class Interaction:
    """Whether an account can be talked to, by what this system knows: None where it knows nothing (Weibo's comments
    and messages do not come here). `callback_lately`: WeChat's push came within `CALLBACK_LATELY`, by which words
    are answered."""

    callback_lately: bool
    has_menu: bool
    is_known: bool

    @property
    def works(self) -> bool | None:
        """A push that comes or a menu is enough."""
        return self.callback_lately or self.has_menu if self.is_known else None

    @property
    def light(self) -> Light:
        """An account on which nothing answers fails; of which nothing is known, a person has to look."""
        return Light.BAD if self.works is False else Light.GOOD


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """The posts of an account within a period; `withdrawn` are among `published`, and `removed` (by the platform)
    among `withdrawn`."""

    published: int = 0
    original: int = 0
    withdrawn: int = 0
    removed: int = 0
    without_source: int = 0
    without_record: int = 0

    @property
    def original_rate(self) -> str:
        """原创率 in percent to one decimal, as bulletins give it; `—` where nothing was published."""
        return f"{100 * self.original / self.published:.1f}%" if self.published else "—"


def freshness(last: date | None, entered: date, today: date, terms: Terms) -> Freshness:
    """How an account stands on `today` whose last public post came out on the day `last`. It fails on the first day
    on which the last update lies more than `within_days` back."""
    since = last or entered
    days = max(0, (today - since).days)
    return Freshness(
        since=since,
        has_posted=last is not None,
        days=days,
        red_on=since + timedelta(days=terms.within_days + 1),
        level=_level(days, terms),
    )


def interaction(
    channel: ChannelName, called_back_at: datetime | None, menu_at: datetime | None, now: datetime
) -> Interaction:
    """`called_back_at`: when WeChat last pushed something with a right signature; `menu_at`: when a menu was last
    published from here."""
    lately = called_back_at is not None and now - called_back_at <= CALLBACK_LATELY
    return Interaction(lately, menu_at is not None, is_known=channel is ChannelName.WECHAT)


def _level(days: int, terms: Terms) -> Level | None:
    if days > terms.within_days:
        return Level.OVERDUE
    if days >= terms.second_warning_days:
        return Level.SECOND
    return Level.FIRST if days >= terms.first_warning_days else None
