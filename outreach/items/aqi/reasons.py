"""Why an index is what it is, in the words of whoever has to check it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from outreach.items.aqi.bulletin import Bulletin
from outreach.items.aqi.index import NA, AirIndex, counted
from outreach.items.aqi.regulations import REGULATIONS
from outreach.items.kinds.air_quality import PERIOD_LABELS, unit_of
from outreach.items.kinds.readable import concentration_label, level_text

_NO_PRIMARY: Final = "AQI 不大于 50 时没有首要污染物"
_PRIMARY: Final = "AQI 大于 50 时，分指数最大的污染物为首要污染物，并列的都是"


def why_na(index: AirIndex) -> str:
    """Why there is no index, or none that may be told."""
    if all(value is None for value in index.iaqi.values()):
        return "没有可以计算分指数的浓度"
    missing = "、".join(concentration_label(key) for key in index.missing)
    return f"{missing}缺测，其余项目的指数不大于 100，按 {index.standard} 第 5.3.1 条以 NA 标识"


def why_value(bulletin: Bulletin, index: AirIndex, name: str) -> str:
    """Why the value of that name (one of `bulletin.index_values`) is what was computed."""
    if name.startswith("iaqi."):
        return why_sub_index(bulletin, index, name.removeprefix("iaqi."))
    if index.aqi == NA:
        return why_na(index)
    if name == "aqi":
        highest = [key for key, value in index.iaqi.items() if value == index.aqi]
        return "分指数最大的是" + "、".join(
            f"{concentration_label(key)} {_amount(bulletin, index, key)}" for key in highest
        )
    if name == "primary":
        return _PRIMARY if index.primary else _NO_PRIMARY
    return f"AQI {index.aqi} 属{level_text(index.level)}（{index.category}）"


def why_sub_index(bulletin: Bulletin, index: AirIndex, key: str) -> str:
    """The same for one sub-index."""
    indicators = {one.key: one for one in REGULATIONS[index.standard].reports[bulletin.period]}
    if key not in indicators:
        return f"{index.standard} 的{PERIOD_LABELS[bulletin.period]}不计算这一项"
    if bulletin.concentrations.get(key) is None:
        return "这一项浓度缺测"
    if index.iaqi[key] is None:
        last = f"{indicators[key].breakpoints[-1]} {unit_of(key)}"
        return f"浓度大于 {last} 时，{index.standard} 不再计算这一项"
    return f"浓度为 {_amount(bulletin, index, key)}"


def _amount(bulletin: Bulletin, index: AirIndex, key: str) -> str:
    given = bulletin.concentrations[key] or Decimal(0)
    rounded = counted(index.standard, key, given)
    told = f"{given:f} {unit_of(key)}"
    return told if rounded == given else f"{told}（按 GB/T 8170 修约为 {rounded:f}）"
