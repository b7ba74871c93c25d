"""A daily or real-time report as an item's fields hold it: what it states of its index, what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from outreach.items.aqi.index import NA, AirIndex, compute
from outreach.items.aqi.measurements import Measurements
from outreach.items.aqi.regulations import REPORTS
from outreach.items.kinds.air_quality import Standard, Stated, standard_in_force
from outreach.items.kinds.readable import level_text
from outreach.items.kinds.shape import Day

_TOLD: Final = ("aqi", "level", "category", "primary")


class Bulletin(Measurements):
    """The fields of an air-quality item that say something of its index."""

    period_end: Day | None = None
    standard: Standard | None = None
    stated: Stated | None = None

    @property
    def standard_in_force(self) -> Standard:
        """That of the day; without a day the present one."""
        return standard_in_force(self.period_end) if self.period_end else "HJ 633-2026"

    @property
    def counts_by(self) -> Standard:
        """The standard that the report names, else the one in force."""
        return self.standard or self.standard_in_force

    def index(self, standard: Standard | None = None) -> AirIndex:
        """What the concentrations give, by the report's standard or by another."""
        return compute(self.period, standard or self.counts_by, self.concentrations)


def bulletin_of(fields: Mapping[str, Any]) -> Bulletin | None:
    """The report in an item's `fields`; None where it is none that has an index.

    Raises ValidationError where the fields were not read by `AirQualityFields` before.
    """
    return Bulletin.model_validate(fields) if fields.get("period") in REPORTS else None


def stated_values(stated: Stated | None) -> dict[str, Any]:
    """What a source states, as it states it, each value by its name: `aqi`, `level`, `category`, `primary`,
    `iaqi.PM10_24h`. What it leaves out, or leaves open with `null`, is not among them."""
    given = stated.model_dump() if stated else {}
    sub_indices = {f"iaqi.{key}": value for key, value in (given.pop("iaqi", None) or {}).items()}
    return {name: value for name, value in (given | sub_indices).items() if value is not None}


def index_values(index: AirIndex) -> dict[str, Any]:
    """The same of what was computed; None for a sub-index that there is not."""
    return {
        "aqi": index.aqi,
        "level": index.level,
        "category": index.category,
        "primary": list(index.primary),
        **{f"iaqi.{key}": value for key, value in index.iaqi.items()},
    }


def agree(name: str, stated: Any, computed: Any) -> bool:
    """Whether two values of that name mean the same: a level is a word or a number, pollutants have no order."""
    if name == "primary":
        return set(stated) == set(computed)
    return bool(stated in (computed, level_text(computed)) if name == "level" else stated == computed)


def told_index(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an item tells its readers of an index, in the shape of `stated`, and the `standard` of a report.

    That is what the source states; what it leaves out is computed, unless anything that it does state differs
    from what its concentrations give: two indices in one report would be worse than half of one.
    """
    stated = {name: value for name, value in (fields.get("stated") or {}).items() if value is not None}
    bulletin = bulletin_of(fields)
    if bulletin is None:
        return stated
    index = bulletin.index()
    computed = index_values(index)
    standard = {"standard": index.standard}
    if any(
        not agree(name, value, computed.get(name)) for name, value in stated_values(bulletin.stated).items()
    ):
        return {**stated, **standard}
    own = {"aqi": NA} if index.aqi == NA else {name: computed[name] for name in _TOLD}
    return {**own, **stated, **standard, "iaqi": index.iaqi}
