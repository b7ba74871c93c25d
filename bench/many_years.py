"""Ten years of published posts, as many as one likes, on SQLite or PostgreSQL: clones of one real post and its item,
made set-wise by the database, spread over accounts, kinds, sections, origins and the years."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Table, text

from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.clock import SHANGHAI
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.publishing.model import Post
from outreach.statistics.model import Tally
from outreach.statistics.rules import month_of, months_of
from outreach.statistics.service import repair
from tests.builders import OfficeStory

FIRST_YEAR: Final = 2016
YEARS: Final = range(FIRST_YEAR, FIRST_YEAR + 10)
WAITED: Final = datetime(FIRST_YEAR - 1, 12, 1, tzinfo=UTC)
"""When the posts of `ManyYears.wait` may be said to have come out."""
MONTHS: Final = [month for year in YEARS for month in months_of(year)]
_SECONDS: Final = 3653 * 86400
_BEGIN: Final = f"{FIRST_YEAR - 1}-12-31 16:00:00"  # midnight in Shanghai
_SECTIONS: Final = 8
_READ_BY: Final = {"ix_post_published_at"}
_KINDS: Final = ("eia_notice", "penalty", "air_quality", "event")


class ManyYears:
    """Published posts of ten years; two of them are of one item each."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._is_sqlite = office.db.engine.dialect.name == "sqlite"
        self._accounts: list[str] = []
        self._sections: list[str] = []
        self._samples: list[str] = []
        self._waiting = 0

    async def begin(self) -> None:
        """The accounts and sections, and the item and post that are cloned."""
        story = OfficeStory(self._office)
        self._accounts = [one.id for one in await story.accounts()]
        self._sections = [(await story.section(f"第{number}科")).id for number in range(_SECTIONS)]
        item = await story.item().published()
        self._samples = [item.id, (await story.post(item)).id]

    async def wait(self, number: int) -> list[str]:
        """So many posts that wait for their confirmation, each with an item of its own: their ids."""
        first, self._waiting = self._waiting, self._waiting + number
        place = f"n + {first}"
        of_item = {
            **self._of_item(),
            "id": self._id(place, "02"),
            "public_id": f"'w' || {self._padded(place)}",
            "first_post_id": "NULL",
            "state": "'approved'",
        }
        of_post = {
            **self._of_post(number),
            "id": self._id(place, "02"),
            "item_id": self._id(place, "02"),
            "published_at": "NULL",
            "confirmed_at": "NULL",
            "state": "'accepted'",
        }
        await self._clone(of_item, number, of_post, number)
        return [f"02{one:020}0000" for one in range(first, first + number)]

    async def make(self, number: int) -> None:
        """So many posts of ten years, half as many items, and their tallies by a recount. The indexes that no figure is
        read by are dropped first: to keep them up would take most of the time."""
        engine = self._office.db.engine.execution_options(outreach_writes=True)
        async with engine.begin() as connection:
            for table in (Item.__table__, Post.__table__):
                for index in table.indexes:
                    if index.name not in _READ_BY:
                        await connection.execute(text(f'DROP INDEX "{index.name}"'))
        await self._clone(self._of_item(), number // 2, self._of_post(number), number)
        await self._analyse()
        async with self._office.db.begin() as session:
            await repair(session, COMMAND_LINE, SHANGHAI, [month_of(WAITED, SHANGHAI), *MONTHS])
        await self._analyse()

    async def rows(self) -> int:
        """How many rows of tallies there are."""
        async with self._office.db.read() as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {Tally.__tablename__}")))

    async def _clone(
        self, of_item: Mapping[str, str], items: int, of_post: Mapping[str, str], posts: int
    ) -> None:
        engine = self._office.db.engine.execution_options(outreach_writes=True)
        async with engine.begin() as connection:
            for table, sample, values, number in (
                (Item.__table__, self._samples[0], of_item, items),
                (Post.__table__, self._samples[1], of_post, posts),
            ):
                await connection.execute(text(self._insert(table, values, number)), {"sample": sample})

    async def _analyse(self) -> None:
        engine = self._office.db.engine.execution_options(isolation_level="AUTOCOMMIT", outreach_writes=False)
        async with engine.connect() as connection:
            await connection.execute(text("ANALYZE" if self._is_sqlite else "VACUUM ANALYZE"))

    def _insert(self, table: Table, values: Mapping[str, str], number: int) -> str:
        names = [column.name for column in table.columns]
        picked = ", ".join(values.get(name, f's."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        return (
            f"INSERT INTO {table.name} ({quoted}) {self._series(number)} "
            f"SELECT {picked} FROM series CROSS JOIN {table.name} s WHERE s.id = :sample ORDER BY n"
        )

    def _series(self, number: int) -> str:
        if not self._is_sqlite:
            return f"WITH series AS (SELECT n::bigint FROM generate_series(0, {number - 1}) n)"
        return f"WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n < {number - 1})"

    def _of_item(self) -> dict[str, str]:
        return {
            "id": self._id("n"),
            "public_id": f"'p' || {self._padded('n')}",
            "source_id": "NULL",
            "first_post_id": self._id("n * 2"),
            "section_id": self._one_of(self._sections, "n / 3"),
            "kind": self._one_of(_KINDS, "n"),
        }

    def _of_post(self, number: int) -> dict[str, str]:
        moment = self._moment(f"n * {_SECONDS} / {number}")
        return {
            "id": self._id("n"),
            "item_id": self._id("n / 2"),
            "account_id": self._one_of(self._accounts, "n"),
            "section_id": self._one_of(self._sections, "n / 6"),
            "kind": self._one_of(_KINDS, "n / 2"),
            "origin": "CASE WHEN n % 8 = 7 THEN 'repost' ELSE 'original' END",
            "published_at": moment,
            "confirmed_at": moment,
            "is_correction": "false" if not self._is_sqlite else "0",
            "state": "CASE WHEN n % 50 = 49 THEN 'withdrawn' ELSE 'published' END",
        }

    def _moment(self, seconds: str) -> str:
        if self._is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{_BEGIN}', ({seconds}) || ' seconds')"
        return f"timestamptz '{_BEGIN}Z' + ({seconds}) * interval '1 second'"

    def _padded(self, number: str) -> str:
        return f"printf('%020d', {number})" if self._is_sqlite else f"lpad(({number})::text, 20, '0')"

    def _id(self, number: str, prefix: str = "01") -> str:
        return f"'{prefix}' || {self._padded(number)} || '0000'"

    @staticmethod
    def _one_of(values: list[str] | tuple[str, ...], number: str) -> str:
        cases = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
        return f"CASE ({number}) % {len(values)} {cases} END"
