"""The four kinds of items: what each has of its own, under which label, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from outreach.items.kinds.air_quality import AirQualityFields
from outreach.items.kinds.eia_notice import EiaNoticeFields
from outreach.items.kinds.event import EventFields
from outreach.items.kinds.penalty import PenaltyFields
from outreach.items.kinds.shape import KindFields
from outreach.items.model import Kind

FIELDS: Final[Mapping[Kind, type[KindFields]]] = {
    Kind.EIA_NOTICE: EiaNoticeFields,
    Kind.PENALTY: PenaltyFields,
    Kind.AIR_QUALITY: AirQualityFields,
    Kind.EVENT: EventFields,
}

__all__ = ["FIELDS", "AirQualityFields", "EiaNoticeFields", "EventFields", "KindFields", "PenaltyFields"]
