"""The read side of the figures."""

from outreach.statistics.queries.beside import MonthBeside, month_beside
from outreach.statistics.queries.kept import Correction
from outreach.statistics.queries.month import (
    MonthFigures,
    MonthRow,
    as_json,
    month_figures,
    months_with_figures,
    published_by_channel,
)
from outreach.statistics.queries.recount import Difference, differences
from outreach.statistics.queries.year import YearFigures, YearMonth, year_as_json, year_figures

__all__ = [
    "Correction",
    "Difference",
    "MonthBeside",
    "MonthFigures",
    "MonthRow",
    "YearFigures",
    "YearMonth",
    "as_json",
    "differences",
    "month_beside",
    "month_figures",
    "months_with_figures",
    "published_by_channel",
    "year_as_json",
    "year_figures",
]
