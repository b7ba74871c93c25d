"""Days and times as the office reads them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def moment(value: datetime, zone: ZoneInfo) -> str:
    """An aware time as `2026年3月1日 14:05`."""
    local = value.astimezone(zone)
    return f"{day(local, zone)} {local:%H:%M}"


def day(value: date | datetime, zone: ZoneInfo) -> str:
    """A date, or the day of an aware time in `zone`, as `2026年3月1日`."""
    local = value.astimezone(zone) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"
