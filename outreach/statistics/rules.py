"""What counts, and in which month. All counting rules stand here.

- A post counts in the month (Asia/Shanghai) of the platform's own publish time where it tells one, else of
  the confirmation; a retried post counts once; a withdrawn post stays counted and is shown beside it.
- A content (an item) counts once, in the month of the post that was confirmed first.
- A correction counts as a post, never as a further content.
- Original or repost is what the office says of the item, not WeChat's own 原创 mark.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.foundation.problems import invalid


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """The calendar month `YYYY-MM` of an aware time in `zone`."""
    return f"{moment.astimezone(zone):%Y-%m}"


def check_month(text: str) -> str:
    """`text` where it is a month `YYYY-MM`. Raises InvalidContent."""
    try:
        if (
            len(text) == 7
            and text.isascii()
            and datetime.strptime(text, "%Y-%m").replace(tzinfo=ZoneInfo("UTC")).year >= 2000
        ):
            return text
    except ValueError:
        pass
    raise invalid("month", f"“{text}”不是月份。请写成四位年份和两位月份，例如 2026-10。")
