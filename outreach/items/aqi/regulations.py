"""The tables of both standards, from `hj633.json`: breakpoints, what a report consists of, levels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from outreach.items.kinds.air_quality import Standard

Report = Literal["daily", "hourly"]
"""The two reports that have an index: 日报 and 实时报."""

REPORTS: Final[tuple[Report, ...]] = get_args(Report)
HIGHEST_INDEX: Final = 500


@dataclass(frozen=True, slots=True)
class Indicator:
    """One sub-index of a report.

    Attributes:
        key: of the concentration, `PM10_1h`.
        pollutant: whose sub-index it is, `PM10`.
        breakpoints: the concentrations at which the sub-index takes the values of `STEPS`, in µg/m³, CO in
            mg/m³; fewer than those where the standard's column ends earlier.
        beyond: the sub-index above the last breakpoint; None where the standard computes none there.
        is_optional: not reported at all, it is not missing.
    """

    key: str
    pollutant: str
    breakpoints: tuple[int, ...]
    beyond: int | None
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Regulation:
    """One of the standards.

    Attributes:
        rounds_concentrations: they are rounded first, by GB/T 8170 (2026: 4.2.2; the text of 2012 is silent).
        withholds_incomplete_up_to: where a pollutant is missing, an index up to this is told as NA (2026:
            5.3.1); None where the rest is always told (2012).
        reports: the sub-indices of each report, in the order of the standard's table.
    """

    number: Standard
    title: str
    rounds_concentrations: bool
    withholds_incomplete_up_to: int | None
    reports: Mapping[Report, tuple[Indicator, ...]]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the index (table 2 of 2012, table 1 of 2026) with the highest index that belongs to it."""

    level: int
    category: str
    color: str
    highest: int


_DATA: Final = json.loads((files(__package__) / "hj633.json").read_text(encoding="utf-8"))


def _indicator(table: Mapping[str, Any], report: Report, key: str, column: str) -> Indicator:
    return Indicator(
        key=key,
        pollutant=key.partition("_")[0],
        breakpoints=tuple(table["breakpoints"][column]),
        beyond=table["beyond_the_last"].get(column, HIGHEST_INDEX),
        is_optional=key in table["optional"][report],
    )


def _regulation(number: Standard) -> Regulation:
    table = _DATA["regulations"][number]
    return Regulation(
        number=number,
        title=table["title"],
        rounds_concentrations=table["rounds_concentrations"],
        withholds_incomplete_up_to=table["withholds_incomplete_up_to"],
        reports={
            report: tuple(
                _indicator(table, report, key, column) for key, column in table["reports"][report].items()
            )
            for report in REPORTS
        },
    )


STEPS: Final[tuple[int, ...]] = tuple(_DATA["steps"])
"""The sub-indices at the breakpoints."""

LEVELS: Final = tuple(Level(**level) for level in _DATA["levels"])
REGULATIONS: Final[Mapping[Standard, Regulation]] = {
    number: _regulation(number) for number in get_args(Standard)
}
