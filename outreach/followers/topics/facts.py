"""What something that is published is about, as far as topics go: its counties, its enterprises, its AQI.

The one place that derives them from an item's fields:

- The counties (旗县) are those that the first telling text names, of these in their order: 建设地点, 项目名称 of an EIA
  notice; 当事人 of a penalty; 区域 of air quality, with the areas of a forecast; 活动地点 of an event; then the title;
  then the section, which may be a county's branch. A text that names the city and no county is telling, too: the item
  concerns all of it. One that names neither concerns no county (something elsewhere).
- The enterprises are 建设单位 and 项目名称 (which begins with one, often enough), or the 当事人 of a penalty unless it
  is a natural person, whom nobody is to be followed by.
- The AQI is the one that a report tells its readers; of a forecast the lower end of the worst category; of a warning
  the upper end of what is forecast. A warning for which none is told reaches whoever asked for any level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.followers.topics.counties import Region
from outreach.followers.topics.rules import written
from outreach.items.aqi.bulletin import told_index
from outreach.items.aqi.regulations import HIGHEST_INDEX
from outreach.items.model import Kind

_PLACES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.EIA_NOTICE: ("location", "project_name"),
    Kind.PENALTY: ("party",),
    Kind.AIR_QUALITY: ("area",),
    Kind.EVENT: ("place",),
}
_NATURAL_PERSON: Final = "自然人"
_CATEGORIES: Final = (("严重", 301), ("重度", 201), ("中度", 151), ("轻度", 101), ("良", 51), ("优", 0))
"""The words of a forecast with the lower end of their level (HJ 633), the worst one first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What topics ask about. `is_citywide`: it concerns every county; `aqi` is None where it tells none."""

    kind: Kind
    counties: tuple[str, ...] = ()
    is_citywide: bool = False
    enterprises: tuple[str, ...] = ()
    aqi: int | None = None


def facts_of(snapshot: Mapping[str, Any], region: Region) -> Facts:
    """The facts of a revision, from its snapshot (`items.service.snapshot_of`)."""
    kind, fields = Kind(snapshot["kind"]), snapshot["fields"]
    counties, is_citywide = _counties(kind, snapshot, region)
    aqi = _aqi(fields) if kind is Kind.AIR_QUALITY else None
    return Facts(kind, counties, is_citywide, _enterprises(kind, fields), aqi)


def _counties(kind: Kind, snapshot: Mapping[str, Any], region: Region) -> tuple[tuple[str, ...], bool]:
    for text in _telling(kind, snapshot):
        if found := region.counties_in(text):
            return tuple(one.name for one in found), False
        if region.city_in(text):
            return (), True
    return (), False


def _telling(kind: Kind, snapshot: Mapping[str, Any]) -> Iterator[str]:
    fields = snapshot["fields"]
    for name in _PLACES[kind]:
        yield fields.get(name) or ""
    yield "、".join(row["area"] for row in fields.get("forecast") or [])
    yield snapshot["title"]
    yield snapshot["section"]


def _enterprises(kind: Kind, fields: Mapping[str, Any]) -> tuple[str, ...]:
    if kind is Kind.EIA_NOTICE:
        named = [fields.get("builder"), fields.get("project_name")]
    elif kind is Kind.PENALTY and fields.get("party_kind") != _NATURAL_PERSON:
        named = [fields.get("party")]
    else:
        named = []
    return tuple(written(name) for name in named if name)


def _aqi(fields: Mapping[str, Any]) -> int | None:
    match fields.get("period"):
        case "warning":
            forecast = (fields.get("warning") or {}).get("forecast_aqi")
            return int(forecast[1]) if forecast else HIGHEST_INDEX
        case "forecast":
            return max((_lower_end(row["category"]) for row in fields.get("forecast") or []), default=None)
    told = told_index(fields).get("aqi")
    return told if isinstance(told, int) else None


def _lower_end(category: str) -> int:
    return next((lowest for word, lowest in _CATEGORIES if word in category), 0)
