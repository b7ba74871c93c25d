"""The detectors that ship; a new one is a module here and a line in `DETECTORS`."""

from typing import Final

from outreach.screening.detectors import classification_mark, mobile_phone, resident_id
from outreach.screening.detectors.base import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    *classification_mark.DETECTORS,
    *resident_id.DETECTORS,
    *mobile_phone.DETECTORS,
)
