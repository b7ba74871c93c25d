"""The calculation: from concentrations to sub-indices (IAQI), index (AQI), level and primary pollutants.

HJ 633-2012 and HJ 633-2026, 4.2 and 4.3. Where their texts are silent, the practice of the national platform
is followed: above the last breakpoint the sub-index is 500, and a concentration of 0 has the sub-index 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from outreach.items.aqi.regulations import LEVELS, REGULATIONS, STEPS, Indicator, Level, Regulation, Report
from outreach.items.kinds.air_quality import Standard

NA: Final = "NA"
"""What both standards print in the place of a value that is not there."""

NO_PRIMARY_UP_TO: Final = 50
"""Only an index above this has a primary pollutant (4.3.1)."""

Value = int | Literal["NA"]
Concentrations = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class AirIndex:
    """The index of one report.

    Attributes:
        iaqi: the sub-indices by the keys of the concentrations, in the order of the standard; None where
            there is none.
        missing: the keys of what was not measured but belongs to the report.
        aqi: NA where nothing was measured, or the standard withholds the index because something is missing.
        primary: the pollutants of the highest sub-index, several where they tie; none up to an index of 50.
    """

    standard: Standard
    iaqi: Mapping[str, int | None]
    missing: tuple[str, ...]
    aqi: Value
    level: Value
    category: str
    color: str
    primary: tuple[str, ...]


def compute(report: Report, standard: Standard, concentrations: Concentrations) -> AirIndex:
    """The index of a report. Keys that the standard does not use for it count for nothing."""
    regulation = REGULATIONS[standard]
    indicators = [
        one for one in regulation.reports[report] if not one.is_optional or one.key in concentrations
    ]
    iaqi = {one.key: _sub_index(regulation, one, concentrations.get(one.key)) for one in indicators}
    missing = tuple(
        one.key for one in indicators if concentrations.get(one.key) is None and not one.is_optional
    )
    highest = max((value for value in iaqi.values() if value is not None), default=None)
    if highest is None or (missing and _is_withheld(regulation, highest)):
        return AirIndex(standard, iaqi, missing, NA, NA, NA, NA, ())
    level = level_of(highest)
    primary = _primary(indicators, iaqi, highest)
    return AirIndex(standard, iaqi, missing, highest, level.level, level.category, level.color, primary)


def level_of(aqi: int) -> Level:
    """The level to which an index of 0 to 500 belongs."""
    return next(level for level in LEVELS if aqi <= level.highest)


def counted(standard: Standard, key: str, concentration: Decimal) -> Decimal:
    """The concentration as the standard counts it: under HJ 633-2026 rounded half to even (GB/T 8170), CO to
    one decimal, all others to whole numbers."""
    if not REGULATIONS[standard].rounds_concentrations:
        return concentration
    unit = Decimal("0.1") if key.startswith("CO") else Decimal(1)
    return concentration.quantize(unit, ROUND_HALF_EVEN)


def _sub_index(regulation: Regulation, indicator: Indicator, concentration: Decimal | None) -> int | None:
    """Linear between two breakpoints, and always rounded up. Fractions, because a quotient of decimals may be
    inexact, and rounded up it would be off by one."""
    if concentration is None:
        return None
    amount = Fraction(counted(regulation.number, indicator.key, concentration))
    steps = zip(pairwise(indicator.breakpoints), pairwise(STEPS), strict=False)
    for (low, high), (index_low, index_high) in steps:
        if amount <= high:
            return math.ceil((amount - low) * (index_high - index_low) / (high - low)) + index_low
    return indicator.beyond


def _is_withheld(regulation: Regulation, highest: int) -> bool:
    limit = regulation.withholds_incomplete_up_to
    return limit is not None and highest <= limit


def _primary(
    indicators: Sequence[Indicator], iaqi: Mapping[str, int | None], highest: int
) -> tuple[str, ...]:
    """O₃ is named once, though both of its sub-indices may tie."""
    if highest <= NO_PRIMARY_UP_TO:
        return ()
    return tuple(dict.fromkeys(one.pollutant for one in indicators if iaqi[one.key] == highest))
