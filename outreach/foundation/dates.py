"""Days and times as the office reads them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def moment(value: datetime, zone: ZoneInfo) -> str:
    """An aware time as `2026年3月1日 14:05`."""
    local = value.astimezone(zone)
    return f"{day(local, zone)} {local:%H:%M}"


def day(value: date | datetime, zone: ZoneInfo) -> str:
    """A date, or the day of an aware time in `zone`, as `2026年3月1日`."""
    local = value.astimezone(zone) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def duration(value: timedelta) -> str:
    """A length of time in its two greatest units: `2 天 3 小时`, `5 小时 20 分`, `7 分`. Less than a minute is `1 分`."""
    minutes = max(1, int(abs(value).total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "天"), (hours, "小时"), (rest, "分")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2])
