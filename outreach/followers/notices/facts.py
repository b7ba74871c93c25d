"""What an item says that decides when its followers are told. Pure."""

from __future__ import annotations

from datetime import datetime

from outreach.foundation.clock import SHANGHAI
from outreach.items.model import Item, Kind


def is_warning(item: Item) -> bool:
    """Whether it is a heavy-pollution warning, which passes quiet hours."""
    return item.kind is Kind.AIR_QUALITY and item.fields.get("period") == "warning"


def starts_at(item: Item) -> datetime | None:
    """When an event begins (aware); of one that names a day alone, that day's midnight in Shanghai."""
    told = item.fields.get("starts_at") if item.kind is Kind.EVENT else None
    if not told:
        return None
    moment = datetime.fromisoformat(str(told))
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
