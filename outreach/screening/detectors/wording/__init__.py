"""Slips of the pen: hints only, and none where the words may be meant.

A hint on a text that is right teaches people to read no hint: each rule tells only what can hardly be otherwise.
"""

from typing import Final

from outreach.screening.detectors.base import Detector
from outreach.screening.detectors.wording import dates, doubled, period, punctuation, sums, units

DETECTORS: Final[tuple[Detector, ...]] = (
    *doubled.DETECTORS,
    *punctuation.DETECTORS,
    *units.DETECTORS,
    *dates.DETECTORS,
    *period.DETECTORS,
    *sums.DETECTORS,
)
