"""How often articles were read, as the sandbox has it: made up, the same each time, unless a control call tells.

A day's figures are those that came about on that day. What is told later of an earlier day is a correction, as the
platform makes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.clock import day
from outreach.sandbox.store import Store
from outreach.sandbox.wechat import permalinks
from outreach.sandbox.wechat.publishing import DELETED, PUBLISHED

NAMES: Final = (
    "read_user",
    "read_count",
    "share_user",
    "share_count",
    "collection_user",
    "zaikan_user",
    "like_user",
    "comment_count",
)


class FiguresInvalidError(ValueError):
    """What a control call tells of readers is none of that."""


@dataclass(frozen=True, slots=True)
class Published:
    """An article that is out. `msgid` is what figures name it by; `target_user` how many a mass message reached, 0
    where nobody was told of it."""

    msgid: str
    title: str
    url: str
    on: date
    is_mass: bool
    target_user: int


def published(store: Store, account: WeChatAccount, on: date) -> list[Published]:
    """The articles that came out on that day, mass messages first."""
    mass = store.rows(
        "SELECT *, finished_at AS at, msg_id AS data_id FROM mass"
        " WHERE account = ? AND status = 'SEND_SUCCESS' AND msgtype = 'mpnews' ORDER BY msg_id",
        account.appid,
    )
    free = store.rows(
        "SELECT *, published_at AS at, publish_id AS data_id, NULL AS sent FROM publication"
        " WHERE account = ? AND status IN (?, ?) ORDER BY publish_id",
        account.appid,
        PUBLISHED,
        DELETED,
    )
    return [
        Published(
            f"{row['data_id']}_{index}",
            article["title"],
            article["url"],
            on,
            is_mass=row["sent"] is not None,
            target_user=row["sent"] or 0,
        )
        for row in (*mass, *free)
        if day(row["at"]) == on.isoformat()
        for index, article in enumerate(permalinks.news(row), start=1)
    ]


def of_day(store: Store, account: WeChatAccount, article: Published, on: date) -> Mapping[str, int]:
    """What came about on that day by all of `NAMES`: what was told, else what is made up."""
    told = store.row(
        "SELECT figures FROM reading WHERE account = ? AND msgid = ? AND on_day = ?",
        account.appid,
        article.msgid,
        on.isoformat(),
    )
    made_up = _made_up(article, (on - article.on).days)
    return {**made_up, **json.loads(told["figures"])} if told else made_up


def until(store: Store, account: WeChatAccount, article: Published, last: date) -> Mapping[str, int]:
    """What came about from the day of publication to `last`."""
    days = [article.on + timedelta(days=number) for number in range((last - article.on).days + 1)]
    found = [of_day(store, account, article, each) for each in days]
    return {name: sum(each[name] for each in found) for name in NAMES}


def tell(store: Store, account: WeChatAccount, values: Mapping[str, Any]) -> None:
    """Keeps what came about on a day: `msgid`, `date` and any of `NAMES`. Raises FiguresInvalidError."""
    figures = {name: value for name, value in values.items() if name in NAMES}
    try:
        on = date.fromisoformat(str(values.get("date")))
    except ValueError:
        raise FiguresInvalidError("date is a day, YYYY-MM-DD") from None
    unknown = values.keys() - {"account", "msgid", "date", *NAMES}
    numbers = all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in figures.values())
    if unknown or not numbers or not isinstance(values.get("msgid"), str):
        raise FiguresInvalidError(f"msgid, date and whole numbers of {', '.join(NAMES)}")
    store.run(
        "INSERT OR REPLACE INTO reading (account, msgid, on_day, figures) VALUES (?, ?, ?, ?)",
        account.appid,
        values["msgid"],
        on.isoformat(),
        json.dumps(figures),
    )


def _made_up(article: Published, age_days: int) -> dict[str, int]:
    """Fewer from day to day, and other ones for each article."""
    seed = int.from_bytes(hashlib.sha256(article.msgid.encode()).digest()[:2], "big")
    readers = (20 + seed % 180) // (age_days + 1) ** 2
    return {
        "read_user": readers,
        "read_count": readers + readers // 3,
        "share_user": readers // 12,
        "share_count": readers // 10,
        "collection_user": readers // 40,
        "zaikan_user": readers // 30,
        "like_user": readers // 15,
        "comment_count": readers // 60,
    }
