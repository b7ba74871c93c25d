"""How long the law gives for disclosing something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from outreach.catalogue.calendar import NOTHING_ENTERED, Entered, add_working_days

DISCLOSURE_TERM: Final = 20
"""Working days from the day on which the information was made (政府信息公开条例 art. 26)."""

PENALTY_TERM: Final = 7
"""Working days from the decision on a penalty (生态环境行政处罚办法, 部令30号, art. 65: 七日, which its
supplementary provisions count as working days). The wording of the article has not been confirmed."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a term; an estimate where a year without announced holidays was counted."""

    day: date
    is_estimate: bool


def disclosure_deadline(
    kind: str, formed_on: date, decided_on: date | None, entered: Entered = NOTHING_ENTERED
) -> Deadline:
    """The last day for disclosing an item of that kind: seven working days after the decision of a
    penalty where its day is known, else twenty after the information was made; by the holidays that are `entered`."""
    if kind == "penalty" and decided_on is not None:
        return Deadline(*add_working_days(decided_on, PENALTY_TERM, entered))
    return Deadline(*add_working_days(formed_on, DISCLOSURE_TERM, entered))
