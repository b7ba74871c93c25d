"""收到和处理政府信息公开申请情况: table three of the annual report, counted from the requests.

Each request stands in one column. It is new in the year in which it came, carried into every later year in whose
beginning it was open, handled in the year of its answer and in one row only, and carried out of every year at whose end
it was open: so the first two rows are the last two together, whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from outreach.statistics.requests.model import Applicant, Result

TOTAL: Final = "total"
OTHER: Final = "other"
"""The row 其他处理 of the form of 2019: the three of that of 2021 together."""
COLUMNS: Final = (*(applicant.value for applicant in Applicant), TOTAL)
OTHERS: Final = (Result.OTH_OVERDUE_CORRECTION, Result.OTH_FEE_UNPAID, Result.OTH_OTHER)
ROWS: Final = (
    *("new", "carried_in"),
    *(result.value for result in Result),
    *(OTHER, "total_handled", "carried_out"),
)

Table = Mapping[str, Mapping[str, int]]
"""Rows by their keys, each with its columns by theirs."""


@dataclass(frozen=True, slots=True)
class Life:
    """What of a request is counted."""

    applicant: Applicant
    received_on: date
    answered_on: date | None
    result: Result | None


def rows_of(life: Life, year: int) -> list[str]:
    """The rows in which the request stands in that year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    answered_on = life.answered_on
    if life.received_on > last or (answered_on is not None and answered_on < first):
        return []
    came = "new" if life.received_on >= first else "carried_in"
    if answered_on is None or answered_on > last or life.result is None:
        return [came, "carried_out"]
    other = [OTHER] if life.result in OTHERS else []
    return [came, life.result.value, *other, "total_handled"]


def table_three(lives: Iterable[Life], year: int) -> Table:
    """The table of the year, in the rows of both forms: that of 2019 leaves out the three of `OTHERS`, that of 2021
    `OTHER`."""
    table = {row: dict.fromkeys(COLUMNS, 0) for row in ROWS}
    for life in lives:
        for row in rows_of(life, year):
            table[row][life.applicant.value] += 1
            table[row][TOTAL] += 1
    return table
