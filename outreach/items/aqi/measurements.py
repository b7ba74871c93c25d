"""What somebody measured, read as an item's fields are read: the same keys, limits and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, ValidationError, ValidationInfo, field_validator

from outreach.foundation.problems import FieldError
from outreach.items.aqi.regulations import Report
from outreach.items.kinds.air_quality import concentration_keys, read_concentrations
from outreach.items.kinds.messages import field_errors, unknown_name
from outreach.items.kinds.shape import Shape


class Measurements(Shape):
    """The concentrations of one report; None is a missing measurement. Names that belong to something else
    are passed over.

    Taken are the keys of either standard, since the same measurements may be looked at by both.
    """

    model_config = ConfigDict(extra="ignore")

    period: Report
    concentrations: dict[str, Decimal | None]

    @field_validator("concentrations", mode="before")
    @classmethod
    def _are_those_of_the_period(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Mapping):
            return value
        readings = read_concentrations(value, concentration_keys(info.data.get("period"), "HJ 633-2012"))
        return {key: None if number is None else Decimal(repr(number)) for key, number in readings.items()}


def measurement_errors(error: ValidationError) -> list[FieldError]:
    """What is wrong with measurements, each under the dotted name of its field, in Chinese."""
    return field_errors(error.errors(include_url=False), lambda place: unknown_name(str(place[-1]), ()))
