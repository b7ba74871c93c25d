"""The detectors that ship; a new one is a module here and a line in `DETECTORS`."""

from typing import Final

from outreach.screening.detectors import (
    bank_card,
    classification_mark,
    home_address,
    internal_process,
    landline,
    mobile_phone,
    permit,
    personal_email,
    persons,
    plate_number,
    resident_id,
    sensitive_coordinates,
    social_account,
    trade_secret,
    undeclared_secret,
    unpublished_data,
    wording,
)
from outreach.screening.detectors.base import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    *classification_mark.DETECTORS,
    *internal_process.DETECTORS,
    *resident_id.DETECTORS,
    *mobile_phone.DETECTORS,
    *landline.DETECTORS,
    *bank_card.DETECTORS,
    *permit.DETECTORS,
    *plate_number.DETECTORS,
    *personal_email.DETECTORS,
    *social_account.DETECTORS,
    *home_address.DETECTORS,
    *persons.DETECTORS,
    *trade_secret.DETECTORS,
    *undeclared_secret.DETECTORS,
    *sensitive_coordinates.DETECTORS,
    *unpublished_data.DETECTORS,
    *wording.DETECTORS,
)
