"""What the registers count for a year, by the names of yearly figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """What a register counts for a year. `is_complete`: somebody has said that the register holds all of that year; only then is its count the office's figure (0 included)."""

    value: int | Decimal
    is_complete: bool
    evidence: (
        str  # path of the page that shows the rows behind it, e.g. /statistics/registers/adoptions?year=2020
    )


async def counted_figures(session: AsyncSession, year: int) -> dict[str, CountedFigure]:
    """No register counts anything yet."""
    return {}
