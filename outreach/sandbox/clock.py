"""Times of the sandbox: POSIX seconds inside, China's calendar for windows of quotas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

Clock = Callable[[], float]
CHINA: Final = timezone(timedelta(hours=8))


def month(moment: float) -> str:
    """The month on China's calendar, `2026-11`."""
    return f"{datetime.fromtimestamp(moment, CHINA):%Y-%m}"


def day(moment: float) -> str:
    """The day on China's calendar, `2026-11-23`; WeChat's daily quotas begin anew at its midnight."""
    return f"{datetime.fromtimestamp(moment, CHINA):%Y-%m-%d}"


def hour(moment: float) -> str:
    """The hour on China's calendar, `2026-11-23T10`."""
    return f"{datetime.fromtimestamp(moment, CHINA):%Y-%m-%dT%H}"


def minute(moment: float) -> str:
    """The minute on China's calendar, `2026-11-23T10:05`."""
    return f"{datetime.fromtimestamp(moment, CHINA):%Y-%m-%dT%H:%M}"


def iso(moment: float) -> str:
    """UTC to the second, `2026-11-23T02:00:00Z`."""
    return f"{datetime.fromtimestamp(int(moment), UTC):%Y-%m-%dT%H:%M:%SZ}"


def weibo_time(moment: float) -> str:
    """As Weibo writes `created_at`: `Wed Oct 24 23:49:17 +0800 2012`."""
    return f"{datetime.fromtimestamp(int(moment), CHINA):%a %b %d %H:%M:%S +0800 %Y}"


def on_screen(moment: float) -> str:
    """As the demo page shows a time, `11月23日 10:05`."""
    local = datetime.fromtimestamp(moment, CHINA)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
