"""What registers and surveys count for a year, for the annual report."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.statistics.registers.completeness import complete_year
from outreach.statistics.registers.queries import year_of_registers
from outreach.statistics.registers.specs import REGISTERS
from outreach.statistics.requests.queries import KEY, figures_of_year
from outreach.statistics.survey.queries import figures_of_surveys


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """What a register counts for a year. `is_complete`: somebody has said that the register holds all of that year;
    only then is its count the office's figure (0 included). `evidence`: path of the page that shows the rows behind
    it, e.g. /statistics/registers/adoptions?year=2020."""

    value: int | Decimal
    is_complete: bool
    evidence: str


async def counted_figures(session: AsyncSession, year: int) -> dict[str, CountedFigure]:
    """All that they count for `year`, by the names of yearly figures."""
    counted = await year_of_registers(session, REGISTERS.values(), year)
    of_registers = {
        figure.name: CountedFigure(
            figure.value, of_year.complete is not None, f"/statistics/registers/{key}?year={year}"
        )
        for key, of_year in counted.items()
        for figure in of_year.figures
    }
    return {**of_registers, **await _of_requests(session, year), **await _of_surveys(session, year)}


async def _of_requests(session: AsyncSession, year: int) -> dict[str, CountedFigure]:
    is_complete = await complete_year(session, KEY, year) is not None
    return {
        name: CountedFigure(value, is_complete, _evidence(name, year))
        for name, value in (await figures_of_year(session, year)).items()
    }


async def _of_surveys(session: AsyncSession, year: int) -> dict[str, CountedFigure]:
    """A survey that has ended is counted to its end."""
    figures = await figures_of_surveys(session, year)
    return {name: CountedFigure(value, True, "/statistics/surveys") for name, value in figures.items()}


def _evidence(name: str, year: int) -> str:
    """The requests of a cell of table three."""
    _, row, column = name.split(".") if name.startswith("requests.") else ("", "", "total")
    narrowed = f"&row={row}&column={column}" if row else ""
    return f"/statistics/requests?year={year}{narrowed}"
