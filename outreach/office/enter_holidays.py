"""The official holidays of a year are entered, and open deadlines counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue import service as catalogue
from outreach.catalogue.calendar import Entered, NamedDay
from outreach.catalogue.notice import read_notice
from outreach.catalogue.queries import entered_holidays
from outreach.foundation import clock
from outreach.foundation.problems import invalid
from outreach.items.deadlines import changed_deadlines, recount_deadlines
from outreach.people.model import Person
from outreach.people.rules import Act, require

_MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Effect:
    """What a notice names, and of how many open items it changes the deadline."""

    days: Sequence[NamedDay]
    changed: int


async def preview_holidays(session: AsyncSession, by: Person, year: str, text: str) -> Effect:
    """What entering it would do. Raises Forbidden, InvalidContent."""
    number, days = _read(by, year, text)
    known = await entered_holidays(session)
    kept = {day: one for day, one in known.days.items() if day.year != number}
    would_be = Entered(known.years | {number}, {**kept, **{one.day: one for one in days}})
    return Effect(days, len(await changed_deadlines(session, would_be)))


async def enter_holidays(session: AsyncSession, by: Person, year: str, text: str) -> Effect:
    """Keeps the notice of `year` and counts the deadlines of open items anew. Raises Forbidden, InvalidContent."""
    number, days = _read(by, year, text)
    await catalogue.keep_notice(session, by, number, text.strip(), days)
    return Effect(days, await recount_deadlines(session, by, await entered_holidays(session)))


def _read(by: Person, year: str, text: str) -> tuple[int, list[NamedDay]]:
    require(by, Act.ADMINISTER)
    if not year.isascii() or not year.isdigit() or len(year) != 4 or int(year) not in clock.YEARS:
        raise invalid("year", "请填写四位数的年份，例如 2027。")
    if len(text) > _MOST_CHARACTERS:
        raise invalid("text", f"最多 {_MOST_CHARACTERS} 个字，请只粘贴通知的正文。")
    return int(year), read_notice(int(year), text)
