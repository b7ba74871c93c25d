"""A database with as many items as one likes, on PostgreSQL: one real item of each state, made through the use
cases, and clones of it with all that hangs on it, made set-wise by the database."""

from __future__ import annotations

from typing import Final

import asyncpg
from sqlalchemy import make_url

from outreach.foundation.database import Base
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory

WAITING: Final = {"submitted": 300, "approved": 200, "returned": 50}
_BODY: Final = "经查，该单位未按规定处置危险废物。\n\n联系电话：13800138000。\n\n依据《中华人民共和国固体废物污染环境防治法》，处罚如下。"
# What hangs on an item; a clone's rows are numbered within their item.
_CHILDREN: Final = ("revision", "author", "finding", "decision", "post")


class ManyItems:
    """An office whose items multiply: what waits for somebody stays as it is, what is published grows."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._samples: dict[str, str] = {}
        self._number = 0

    async def begin(self) -> None:
        """The sample items, and what waits."""
        story = OfficeStory(self._office)
        wechat, weibo, _ = await story.accounts()
        await story.person(Role.ADMIN)
        items = {
            "submitted": story.item(title="待审核的行政处罚决定公示", body=_BODY).submitted(),
            "approved": story.item(title="待发布的行政处罚决定公示").approved(),
            "returned": story.item(title="被退回的行政处罚决定公示")
            .submitted()
            .returned_by(Role.SECTION_HEAD),
            "published": story.item(title="已发布的行政处罚决定公示").published(wechat, weibo),
        }
        self._samples = {state: (await item).id for state, item in items.items()}
        for state, number in WAITING.items():
            await self._clone(state, number)

    async def grow_to(self, number: int) -> None:
        """So many clones in all; the newest ones are published."""
        await self._clone("published", number - self._number)

    async def _clone(self, state: str, number: int) -> None:
        connection = await _connect(self._office.settings.database_url)
        try:
            await connection.execute("SET session_replication_role = replica")  # foreign keys hold anyway
            for table in ("item", *_CHILDREN):
                await connection.execute(self._insert(table, state, number))
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()
        self._number += number

    def _insert(self, table: str, state: str, number: int) -> str:
        place = f"lpad((n + {self._number})::text, 20, '0')"
        clone = f"'01' || {place} || '0000'"
        if table == "item":
            key = "id"
            made = {
                "id": clone,
                "public_id": f"'p' || {place}",
                "title": f"s.title || '（第' || (n + {self._number}) || '号）'",
                "waiting_since": "s.waiting_since + n * interval '1 second'",
                "updated_at": "s.updated_at + n * interval '1 second'",
            }
        else:
            key = "item_id"
            ordinal = "lpad((row_number() OVER (PARTITION BY n ORDER BY s.id))::text, 4, '0')"
            made = {"item_id": clone, "id": f"'01' || {place} || {ordinal}"}
        columns = [column.name for column in Base.metadata.tables[table].columns]
        values = [made.get(column, f's."{column}"') for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        return (
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "
            f"FROM {table} AS s, generate_series(1, {number}) AS n WHERE s.{key} = '{self._samples[state]}'"
        )


async def _connect(url: str) -> asyncpg.Connection:
    parts = make_url(url)
    return await asyncpg.connect(host=parts.query["host"], user=parts.username, database=parts.database)
