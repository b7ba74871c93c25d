"""What an item says that decides who hears of it, and what they are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from outreach.foundation.clock import SHANGHAI
from outreach.items.aqi.bulletin import bulletin_of
from outreach.items.model import Item, Kind

_PLACES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.EIA_NOTICE: ("location", "project_name"),
    Kind.PENALTY: (),
    Kind.AIR_QUALITY: ("area",),
    Kind.EVENT: ("place",),
}
_ENTERPRISES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.EIA_NOTICE: ("builder",),
    Kind.PENALTY: ("party",),
    Kind.AIR_QUALITY: (),
    Kind.EVENT: (),
}
_HIGHEST_OF_FORECAST: Final = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """`places` are texts in which a county may be named, `enterprises` names as they stand; `aqi` None where there is no
    index."""

    kind: Kind
    places: tuple[str, ...]
    enterprises: tuple[str, ...]
    aqi: int | None
    is_warning: bool


def facts_of(item: Item) -> Facts:
    """What the item says."""
    fields = item.fields
    own = [str(fields[name]) for name in _PLACES[item.kind] if fields.get(name)]
    return Facts(
        item.kind,
        (*own, item.section.name, item.title),
        tuple(str(fields[name]) for name in _ENTERPRISES[item.kind] if fields.get(name)),
        _aqi(fields) if item.kind is Kind.AIR_QUALITY else None,
        fields.get("period") == "warning",
    )


def starts_at(item: Item) -> datetime | None:
    """When an event begins (aware); of one that names a day alone, that day's midnight in Shanghai."""
    told = item.fields.get("starts_at") if item.kind is Kind.EVENT else None
    if not told:
        return None
    moment = datetime.fromisoformat(str(told))
    if moment.tzinfo is None:
        moment = datetime.combine(moment.date(), moment.time() or time(), SHANGHAI)
    return moment


def _aqi(fields: Mapping[str, Any]) -> int | None:
    """The index that counts: computed of a report, the highest that a warning expects."""
    warning = fields.get("warning") or {}
    if warning.get("forecast_aqi"):
        return int(warning["forecast_aqi"][_HIGHEST_OF_FORECAST])
    report = bulletin_of(fields)
    index = report.index().aqi if report is not None else None
    return index if isinstance(index, int) else None
