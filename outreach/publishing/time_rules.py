"""When something may go out: not in the quiet hours, and nothing of an item before its embargo ends. No session, no
clock, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from outreach.foundation.clock import SHANGHAI

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of each day in which nothing that was planned for a time goes out, in Asia/Shanghai: from `begins` until
    `ends`, which is the next day's where it is not later."""

    begins: time
    ends: time

    def over_at(self, at: datetime) -> datetime | None:
        """When the quiet hours in which `at` falls are over; None where it falls in none."""
        local = at.astimezone(SHANGHAI)
        now = local.time()
        if self.begins < self.ends:
            is_quiet, day = self.begins <= now < self.ends, local.date()
        else:
            is_quiet = now >= self.begins or now < self.ends
            day = local.date() + _ONE_DAY if now >= self.begins else local.date()
        return datetime.combine(day, self.ends, SHANGHAI) if is_quiet else None


def quiet_hours(begins: str, ends: str) -> QuietHours | None:
    """The office's setting (`22:00` and `07:00`); None where it has set none."""
    if not begins:
        return None
    return QuietHours(time.fromisoformat(begins), time.fromisoformat(ends))


def first_time(at: datetime, *, quiet: QuietHours | None, not_before: datetime | None) -> datetime:
    """The first moment from `at` on for which a post may be planned."""
    moment = max(at, not_before) if not_before else at
    over = quiet.over_at(moment) if quiet else None
    return over or moment
