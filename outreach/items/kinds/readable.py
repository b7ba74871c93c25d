"""Stored values as people read them: days, concentrations, forecasts, warnings, what a source says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from outreach.items.kinds.air_quality import unit_of
from outreach.items.kinds.shape import number_text

_POLLUTANT_LABELS: Final = {
    "PM2.5": "PM2.5",
    "PM10": "PM10",
    "O3": "O₃",
    "SO2": "SO₂",
    "NO2": "NO₂",
    "CO": "CO",
}
_SPAN_LABELS: Final = {"24h": "24小时平均", "8h": "日最大8小时平均", "1h": "1小时平均"}


def day_text(day: str) -> str:
    """`2026-03-01` as 2026年3月1日, `2026-03-01T09:30` as 2026年3月1日9:30."""
    date, _, time = day.partition("T")
    year, month, number = (int(part) for part in date.split("-"))
    hour, _, minute = time.partition(":")
    return f"{year}年{month}月{number}日" + (f"{int(hour)}:{minute}" if time else "")


def concentration_rows(concentrations: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pollutant and concentration with its unit; a missing measurement is told as 缺测."""
    return [
        (concentration_label(key), "缺测" if value is None else f"{number_text(value)} {unit_of(key)}")
        for key, value in concentrations.items()
    ]


def concentration_label(key: str) -> str:
    """`PM2.5_24h` as PM2.5（24小时平均）."""
    pollutant, _, span = key.partition("_")
    label = _POLLUTANT_LABELS[pollutant]
    return f"{label}（{_SPAN_LABELS[span]}）" if span else label


def level_text(level: int | str) -> str:
    """A level of the index in Chinese: 1 as 一级."""
    return f"{'一二三四五六'[level - 1]}级" if isinstance(level, int) else level


def primary_text(pollutants: list[str]) -> str:
    """The primary pollutants as they are written in a text: O₃、PM2.5."""
    return "、".join(_POLLUTANT_LABELS[one] for one in pollutants)


def index_text(stated: Mapping[str, Any]) -> str:
    """An index in the shape of `stated` as one line: AQI 58，二级，良，首要污染物 PM10."""
    parts = []
    if stated.get("aqi") is not None:
        parts.append(f"AQI {stated['aqi']}")
    if stated.get("level") is not None:
        parts.append(level_text(stated["level"]))
    if stated.get("category"):
        parts.append(str(stated["category"]))
    if stated.get("primary"):
        parts.append("首要污染物 " + primary_text(stated["primary"]))
    return "，".join(parts)


def _concentrations(value: Mapping[str, Any]) -> str:
    return "\n".join(f"{label} {text}" for label, text in concentration_rows(value))


def _forecast(rows: list[Mapping[str, str]]) -> str:
    return "\n".join(f"{day_text(row['date'])} {row['area']}：{row['category']}" for row in rows)


def _warning(warning: Mapping[str, Any]) -> str:
    lines = [f"{warning['level']}预警", f"自{day_text(warning['starts_at'])}起"]
    if warning.get("ends_at"):
        lines[-1] += f"至{day_text(warning['ends_at'])}止"
    if warning.get("forecast_aqi"):
        lines.append(f"预测AQI {warning['forecast_aqi'][0]}～{warning['forecast_aqi'][1]}")
    lines.append(f"发布依据 {warning['authority_document']}")
    return "，".join(lines)


READABLE: Final[Mapping[str, Callable[[Any], str]]] = {
    "concentrations": _concentrations,
    "forecast": _forecast,
    "stated": index_text,
    "warning": _warning,
}
"""How the values that are more than one text or number are told, by the names of their fields."""
