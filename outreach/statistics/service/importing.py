"""Figures of before this service counted, from an older report or the platform's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import ChannelName
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import insert_into
from outreach.foundation.problems import FieldError, InvalidContent, NotFound
from outreach.items.model import Kind, Origin
from outreach.statistics.model import NONE, ImportedFigure
from outreach.statistics.rules import check_month, check_year

_MOST: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """How many `posts` went out in `period` (`YYYY-MM` or `YYYY`); None where channel or kind are not told apart."""

    period: str
    channel: ChannelName | None
    kind: Kind | None
    origin: Origin
    posts: int


async def import_figures(session: AsyncSession, by: Actor, rows: Sequence[ImportedRow], source: str) -> int:
    """Keeps the figures, in the place of what was imported for the same before; how many. `source` says where they
    come from.

    Raises InvalidContent with a sentence for each row that is no figure, or that says the same twice; nothing is kept.
    """
    errors = [FieldError(f"rows[{number}]", told) for number, row in enumerate(rows) if (told := _fault(row))]
    keys = [_key(row) for row in rows]
    errors += [
        FieldError(f"rows[{number}]", f"{row.period}同样的一项前面已经有了。")
        for number, row in enumerate(rows)
        if keys.index(keys[number]) < number
    ]
    if not source.strip():
        errors.append(FieldError("source", "请写明数字的来源，例如“2020年度报告”。"))
    if errors:
        raise InvalidContent("导入的数字有误，没有保存。", errors=errors)
    now = clock.now()
    for row, key in sorted(zip(rows, keys, strict=True), key=lambda one: one[1]):
        known = dict(zip(("period", "channel", "kind", "origin"), key, strict=True))
        values = {"posts": row.posts, "source": source.strip(), "by_name": by.name, "at": now}
        query = insert_into(session, ImportedFigure).values(**known, **values)
        await session.execute(query.on_conflict_do_update(index_elements=list(known), set_=values))
    if rows:
        periods = sorted({row.period for row in rows})
        await audit.record(
            session, by, "figures.import", "figures", periods[0], periods=periods, source=source.strip()
        )
    return len(rows)


async def remove_figure(
    session: AsyncSession, by: Actor, period: str, channel: str, kind: str, origin: Origin
) -> None:
    """Takes out what was imported by mistake. Raises NotFound where it is not there."""
    known = await session.get(ImportedFigure, (period, channel, kind, origin))
    if known is None:
        raise NotFound("没有这一项导入的数字，可能已经删去。")
    await session.delete(known)
    await audit.record(
        session, by, "figures.remove", "figures", period, posts=known.posts, source=known.source
    )


async def import_year(
    session: AsyncSession, by: Actor, year: int, originals: int | None, source: str
) -> int | None:
    """Keeps how many originals a report says went out in a whole year, in the place of what was imported of it before
    (None: takes that back); what it was before. Raises InvalidContent."""
    key = (f"{year:04}", NONE, NONE, Origin.ORIGINAL)
    before = await session.get(ImportedFigure, key)
    was = before.posts if before else None
    if originals is None and before is not None:
        await session.delete(before)
        await session.flush()
        await audit.record(session, by, "figures.take_back", "figures", key[0], was=was)
    elif originals is not None and (before is None or (was, before.source) != (originals, source)):
        row = ImportedRow(key[0], None, None, Origin.ORIGINAL, originals)
        await import_figures(session, by, [row], source)
    return was


def _key(row: ImportedRow) -> tuple[str, str, str, str]:
    return (row.period, str(row.channel or NONE), str(row.kind or NONE), str(row.origin))


def _fault(row: ImportedRow) -> str | None:
    try:
        if len(row.period) == 4:
            check_year(row.period)
        else:
            check_month(row.period)
    except InvalidContent as problem:
        return problem.errors[0].message if problem.errors else problem.detail
    if not 0 <= row.posts <= _MOST:
        return f"{row.period}的件数 {row.posts} 不对，应是 0 或正整数。"
    return None
