"""The read side of the figures: a month as kept, and the same recounted from the posts themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Item, Kind, Origin
from outreach.people.model import Person, Section
from outreach.publishing.model import Post, PostState
from outreach.statistics.model import ContentTally, Tally
from outreach.statistics.service import counted_month


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One line of a month: how many posts of a kind and section went out on an account."""

    channel: ChannelName
    account: str
    account_name: str
    kind: Kind
    section: str
    original: int
    repost: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month's figures, as posts (rows, totals) and as contents (each item once)."""

    month: str
    rows: list[MonthRow]
    content_original: int
    content_repost: int

    def total(self, rows: Iterable[MonthRow] | None = None) -> dict[str, int]:
        """`original`, `repost` and `withdrawn` of `rows`, or of all."""
        chosen = list(self.rows if rows is None else rows)
        return {
            name: sum(getattr(row, name) for row in chosen) for name in ("original", "repost", "withdrawn")
        }

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """The totals by `channel`, `kind`, `section` or `account_name`, in the order of the rows."""
        values = dict.fromkeys(getattr(row, name) for row in self.rows)
        return {str(one): self.total(row for row in self.rows if getattr(row, name) == one) for one in values}


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept count that is not what the posts say. `key` tells which, in words."""

    key: str
    kept: int
    counted: int


async def month_figures(session: AsyncSession, month: str, reader: Person | None = None) -> MonthFigures:
    """The kept figures of `month` (`YYYY-MM`) for the sections of `reader`; None reads all."""
    query = (
        select(Tally, Account, Section.name)
        .join(Account, Account.id == Tally.account_id)
        .join(Section, Section.id == Tally.section_id)
        .where(Tally.month == month)
        .order_by(Account.number, Tally.kind, Section.name)
    )
    contents = select(ContentTally).where(ContentTally.month == month)
    if reader is not None and reader.section_ids is not None:
        query = query.where(Tally.section_id.in_(reader.section_ids))
        contents = contents.where(ContentTally.section_id.in_(reader.section_ids))
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for tally, account, section in await session.execute(query):
        row = rows.setdefault(
            (account.id, tally.kind, section),
            {
                "channel": account.channel,
                "account": account.id,
                "account_name": account.name,
                "kind": tally.kind,
                "section": section,
                "original": 0,
                "repost": 0,
                "withdrawn": 0,
            },
        )
        row[tally.origin.value] += tally.posts
        row["withdrawn"] += tally.withdrawn
    counted = dict.fromkeys(Origin, 0)
    for content in await session.scalars(contents):
        counted[content.origin] += content.contents
    return MonthFigures(
        month, [MonthRow(**row) for row in rows.values()], counted[Origin.ORIGINAL], counted[Origin.REPOST]
    )


async def months_with_figures(session: AsyncSession) -> list[str]:
    """The months in which anything was counted, newest first."""
    query = select(Tally.month).distinct().order_by(Tally.month.desc())
    return list((await session.scalars(query)).all())


async def published_by_channel(session: AsyncSession) -> dict[ChannelName, int]:
    """How many posts ever went out on each channel that has any, also those withdrawn since: never falls."""
    query = select(Account.channel, func.sum(Tally.posts)).join_from(Tally, Account).group_by(Account.channel)
    return {channel: int(posts) for channel, posts in await session.execute(query)}


async def differences(session: AsyncSession, zone: ZoneInfo) -> list[Difference]:
    """Recounts from the posts themselves and compares with every kept tally; empty means that all agree."""
    kept, counted = await _kept(session), await _recounted(session, zone)
    return [
        Difference(" · ".join(key), kept[key], counted[key])
        for key in sorted({*kept, *counted})
        if kept[key] != counted[key]
    ]


async def _kept(session: AsyncSession) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for row in await session.scalars(select(Tally)):
        tally = _key(row.month, row.account_id, row.kind, row.section_id, row.origin)
        counts["发布件", *tally] += row.posts
        counts["已撤回", *tally] += row.withdrawn
    for content in await session.scalars(select(ContentTally)):
        counts["内容", *_key(content.month, content.kind, content.section_id, content.origin)] += (
            content.contents
        )
    return counts


async def _recounted(session: AsyncSession, zone: ZoneInfo) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    query = select(Post, Item.first_post_id).join(Item, Item.id == Post.item_id)
    query = query.where(Post.published_at.is_not(None)).options(lazyload("*"))
    for post, first_post_id in await session.execute(query):
        month = counted_month(post, zone)
        tally = _key(month, post.account_id, post.kind, post.section_id, post.origin)
        counts["发布件", *tally] += 1
        if post.state is PostState.WITHDRAWN:
            counts["已撤回", *tally] += 1
        if post.id == first_post_id:
            counts["内容", *_key(month, post.kind, post.section_id, post.origin)] += 1
    return counts


def _key(*parts: str) -> tuple[str, ...]:
    return tuple(str(part) for part in parts)


def as_json(figures: MonthFigures, zone: str) -> dict[str, Any]:
    """The answer of the monthly statistics call."""
    rows = [{k: v for k, v in asdict(row).items() if k != "account_name"} for row in figures.rows]
    totals = figures.total()
    return {
        "month": figures.month,
        "timezone": zone,
        "closed": False,
        "rows": rows,
        "totals": {**totals, "by_channel": figures.by("channel"), "by_kind": figures.by("kind")},
        "contents": {"original": figures.content_original, "repost": figures.content_repost},
        "corrections": [],
    }
