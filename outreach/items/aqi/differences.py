"""Where a report states another index than its concentrations give: told, never refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.items.aqi.bulletin import Bulletin, agree, bulletin_of, index_values, stated_values
from outreach.items.aqi.reasons import why_value
from outreach.items.aqi.regulations import REGULATIONS
from outreach.items.kinds.air_quality import Standard
from outreach.items.kinds.readable import concentration_label, day_text, level_text, primary_text

_LABELS: Final[Mapping[str, str]] = {
    "aqi": "AQI",
    "level": "级别",
    "category": "类别",
    "primary": "首要污染物",
}
_LONGEST_QUOTE: Final = 30


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a report states otherwise than it comes out.

    Attributes:
        field: the dotted name of the item's field, `fields.stated.aqi`.
        text: the value as a text: a number's digits, several pollutants parted by 、.
        told: what is stated, what was computed and why, and what to check.
        basis: the standard.
    """

    field: str
    text: str
    told: str
    basis: str


def differences_of(bulletin: Bulletin) -> list[Difference]:
    """Everything about the report's index that differs from what its concentrations and its day give."""
    basis = f"{bulletin.counts_by}《{REGULATIONS[bulletin.counts_by].title}》"
    texts = _texts(bulletin)
    differing = [Difference(field, texts[field], told, basis) for field, told in _differing(bulletin)]
    return [*_of_standard(bulletin), *differing]


def index_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """What differences can be about in an item's `fields`, as texts by the dotted names of their fields."""
    bulletin = bulletin_of(fields)
    return _texts(bulletin) if bulletin else {}


def _texts(bulletin: Bulletin) -> dict[str, str]:
    texts = {f"fields.stated.{name}": _text(value) for name, value in stated_values(bulletin.stated).items()}
    return texts | ({"fields.standard": bulletin.standard} if bulletin.standard else {})


def _text(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)


def _differing(bulletin: Bulletin) -> Iterator[tuple[str, str]]:
    index = bulletin.index()
    computed = index_values(index)
    other: Standard = "HJ 633-2012" if bulletin.counts_by == "HJ 633-2026" else "HJ 633-2026"
    by_other = index_values(bulletin.index(other))
    for name, value in stated_values(bulletin.stated).items():
        if agree(name, value, computed.get(name)):
            continue
        told = (
            f"来源所述{_label(name)}为{_shown(name, value)}，按 {index.standard} 由浓度算得"
            f"{_shown(name, computed.get(name))}：{why_value(bulletin, index, name)}。"
        )
        if agree(name, value, by_other.get(name)):
            told += f"所述的与按 {other} 算得的一致，可能用错了标准。"
        yield f"fields.stated.{name}", told + "请核对浓度、执行标准和来源。"


def _of_standard(bulletin: Bulletin) -> list[Difference]:
    in_force = bulletin.standard_in_force
    if bulletin.standard in (None, in_force) or bulletin.period_end is None:
        return []
    day = day_text(bulletin.period_end.isoformat())
    told = (
        f"执行标准填的是 {bulletin.standard}，而{day}有效的是 {in_force}。"
        "指数按所填的标准计算，请核对执行标准。"
    )
    basis = f"{in_force}《{REGULATIONS[in_force].title}》"
    return [Difference("fields.standard", bulletin.standard or "", told, basis)]


def _label(name: str) -> str:
    return _LABELS.get(name) or f"{concentration_label(name.removeprefix('iaqi.'))}的分指数"


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "无"
    if name == "primary":
        return primary_text(value) or "无"
    if name == "level":
        return level_text(value)
    return f"“{value[:_LONGEST_QUOTE]}”" if name == "category" else str(value)
