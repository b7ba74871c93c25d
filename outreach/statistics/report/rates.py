"""办结率: the one figure that the report computes, from two that were counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from outreach.statistics.report.catalogue import Value

_BASES: Final = ("complaints.received", "complaints.accepted")


@dataclass(frozen=True, slots=True)
class ClosingRate:
    """`percent` to one decimal, half up; `base` is the figure that it is a share of."""

    percent: Decimal
    base: str


def closing_rate(value: Callable[[str], Value | None]) -> ClosingRate | None:
    """The share of reports that were closed, of all that were received or of those accepted: whichever closed and open
    ones add up to. None where something is blank, or they add up to neither."""
    closed, still_open = value("complaints.closed"), value("complaints.open")
    if closed is None or still_open is None:
        return None
    for base in _BASES:
        if (whole := value(base)) and whole == closed + still_open:
            percent = Decimal(closed * 100) / Decimal(whole)
            return ClosingRate(percent.quantize(Decimal("0.1"), ROUND_HALF_UP), base)
    return None
