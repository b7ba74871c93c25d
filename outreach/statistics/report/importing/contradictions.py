"""Where a record's figures do not agree with each other. They are imported as they are printed; this is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from outreach.statistics.report.catalogue import CHANNELS, SITE_COLUMNS, Value, spec_of
from outreach.statistics.report.rates import closing_rate

_SUMS: Final = (
    ("disclosed.total", ("site.items", "social.wechat", "social.weibo")),
    ("enterprises.total", ("enterprises.waste_gas", "enterprises.waste_water")),
    ("complaints.received", ("complaints.accepted", "complaints.not_accepted")),
    ("requests.new.total", ("applications.online", "applications.other_ways")),
    ("requests.new.total", ("applications.closed", "applications.carried_over")),
    ("requests.new.total", ("applications.answered", "applications.in_progress")),
    (
        "applications.total",
        (
            "applications.granted",
            "applications.partial",
            "applications.unavailable",
            "applications.other_results",
        ),
    ),
)
_MAY_LACK: Final = frozenset({"disclosed.total"})
"""Its parts are those that the bureau has: one without Weibo adds up site and WeChat."""


def contradictions_in(record: Mapping[str, Any], figures: Mapping[str, Value]) -> list[str]:
    """A sentence for each sum that does not come out, and for each figure that stands there twice."""
    return [*_wrong_sums(figures), *_wrong_families(figures), *_second_figures(record, figures)]


def _wrong_sums(figures: Mapping[str, Value]) -> Iterator[str]:
    for total, parts in _SUMS:
        given = [key for key in parts if key in figures]
        if total in figures and given and (total in _MAY_LACK or len(given) == len(parts)):
            yield from _difference(figures, total, given)


def _wrong_families(figures: Mapping[str, Value]) -> Iterator[str]:
    for total, family in (("complaints.accepted", CHANNELS), ("site.items", SITE_COLUMNS)):
        parts = [key for key in figures if key.startswith(family)]
        if total in figures and parts:
            yield from _difference(figures, total, parts)


def _difference(figures: Mapping[str, Value], total: str, parts: list[str]) -> Iterator[str]:
    added = sum((figures[key] for key in parts), start=Decimal(0))
    if added != figures[total]:
        named = " + ".join(f"{_label(key)} {figures[key]}" for key in parts)
        yield f"{_label(total)} {figures[total]} 与 {named} = {added} 不一致，按原样导入。"


def _second_figures(record: Mapping[str, Any], figures: Mapping[str, Value]) -> Iterator[str]:
    other = record.get("site_portal_other_figure")
    if other is not None and other != figures.get("site.items"):
        yield f"网站公开信息导入 {figures.get('site.items')}；同一份报告另有 {other}，没有导入。"
    complaints = record.get("complaints")
    stated = complaints.get("closing_rate_percent") if isinstance(complaints, Mapping) else None
    rate = closing_rate(figures.get)
    if stated is not None and (rate is None or rate.percent != stated):
        yield f"文件写明办结率 {stated}%，按办结数和接收数计算为 {rate.percent if rate else '无法核对'}。"


def _label(key: str) -> str:
    spec = spec_of(key)
    return spec.label if spec else key
