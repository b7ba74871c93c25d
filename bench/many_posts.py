"""As many planned or finished posts as one likes, on PostgreSQL: one real post an account, planned through the use
cases, and clones of it with their items, made set-wise by the database."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
from sqlalchemy import make_url

from bench.service import Service, call
from outreach.channels.model import Account, ChannelName
from outreach.channels.service import add_account
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.database import Base
from outreach.office.context import Office
from tests.builders import OfficeStory

_NUMBER: Final = "N0000000"  # stands in the sample's title and in all that is made of it
TITLE: Final = f"行政处罚决定公示 {_NUMBER}"
_CHILDREN: Final = ("revision", "post")


class ManyPosts:
    """Accounts that can do everything, and posts on them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._samples: list[str] = []
        self._numbers = itertools.count(1)

    async def begin(self, service: Service, weibo_accounts: int) -> None:
        """One WeChat account and so many of Weibo, each with a sample that waits for a time far ahead."""
        story = OfficeStory(self._office)
        wechat = (await story.accounts())[0]
        accounts = [wechat, *[await self._weibo(service) for _ in range(weibo_accounts)]]
        open_wide(service)
        for account in accounts:
            item = await story.item(title=TITLE).planned(
                account, at=datetime.fromisoformat("2100-01-01T00:00Z")
            )
            self._samples.append(item.id)

    async def plan(self, number: int, first_due: datetime, a_second: float | None) -> range:
        """So many posts, the accounts in turn: due all at once, or so many `a_second`. Their numbers."""
        return await self._clone(number, "planned", first_due, a_second)

    async def finish(self, number: int) -> None:
        """So many that were published long ago."""
        long_ago = datetime.fromisoformat("2026-01-01T00:00Z")
        await self._clone(number, "published", long_ago, None)

    async def _weibo(self, service: Service) -> Account:
        made = call(f"{service.sandbox_url}/_sandbox/accounts", {"channel": "weibo"})[-1]
        known = {name: made[name] for name in ("app_key", "app_secret", "uid", "access_token")}
        async with self._office.db.begin() as session:
            return await add_account(
                session,
                self._office.sealer,
                COMMAND_LINE,
                channel=ChannelName.WEIBO,
                name=f"微博{made['uid']}",
                type_=None,
                verified=True,
                credentials={**known, "rip": "203.0.113.20"},
            )

    async def _clone(self, number: int, state: str, due: datetime, a_second: float | None) -> range:
        connection = await _connect(self._office.settings.database_url)
        first = next(self._numbers)
        self._numbers = itertools.count(first + number)
        try:
            await connection.execute("SET session_replication_role = replica")  # foreign keys hold anyway
            for place, sample in enumerate(self._samples):
                numbers = f"generate_series({first + place}, {first + number - 1}, {len(self._samples)})"
                for table in ("item", *_CHILDREN):
                    await connection.execute(
                        _insert(table, sample, numbers, state, first, a_second), *_due(table, due)
                    )
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()
        return range(first, first + number)


def open_wide(service: Service) -> None:
    """Accounts with the limits that a benchmark needs, which publish without their usual second."""
    call(f"{service.sandbox_url}/_sandbox/settings", {"publish_delay_s": 0})
    for account in call(f"{service.sandbox_url}/_sandbox/accounts"):
        key = "uid" if account["channel"] == "weibo" else "appid"
        wide = dict.fromkeys(account["limits"], 100_000_000)
        known = {"channel": account["channel"], key: account[key]}
        call(f"{service.sandbox_url}/_sandbox/accounts", {**known, "limits": wide})


def number_in(text: str) -> int | None:
    """The number of the post that is said to be `text`; None where it is none of ours."""
    _, found, rest = text.partition("N")
    digits = rest[: len(_NUMBER) - 1]
    return int(digits) if found and digits.isdigit() else None


def _due(table: str, due: datetime) -> Sequence[datetime]:
    return (due,) if table == "post" else ()


def _insert(table: str, sample: str, numbers: str, state: str, first: int, a_second: float | None) -> str:
    place = "lpad(n::text, 20, '0')"
    name = f"'N' || lpad(n::text, {len(_NUMBER) - 1}, '0')"
    made: dict[str, Any] = {"id": f"'01' || {place} || '0000'"}
    if table == "item":
        key = "id"
        made |= {"public_id": f"'p' || {place}", "title": f"replace(s.title, '{_NUMBER}', {name})"}
    else:
        key = "item_id"
        made |= {"item_id": f"'01' || {place} || '0000'"}
    if table == "post":
        wait = f"(n - {first}) * interval '1 second' / {a_second}" if a_second else "interval '0'"
        made |= {
            "state": f"'{state}'",
            "at": f"$1::timestamptz + {wait}",
            "due_at": f"$1::timestamptz + {wait}",
            "rendition": f"replace(s.rendition::text, '{_NUMBER}', {name})::json",
        }
    columns = [column.name for column in Base.metadata.tables[table].columns]
    values = [made.get(column, f's."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "
        f"FROM {table} AS s, {numbers} AS n WHERE s.{key} = '{sample}'"
    )


async def _connect(url: str) -> asyncpg.Connection:
    parts = make_url(url)
    return await asyncpg.connect(host=parts.query["host"], user=parts.username, database=parts.database)
